import HDF5
import WeftBase

/// Floating-point numbers stored as the integers of the same bits, as `torch.Tensor.view(torch.uint16)` of bfloat16 and
/// dumps of types that NumPy lacks leave them. Read as integers they mean nothing.
package enum BitPatterns {
  /// A floating-point format, and the program that makes numbers of its bits in Python.
  private struct Format {
    let name: String
    let bits: Int
    let fractionBits: Int
    let program: String

    /// The bits of the least number that is not finite.
    var infinity: Double {
      let exponents = Double(1 << (bits - 1 - fractionBits)) - 1
      return exponents * binade
    }
    /// How far apart the bits of a number and of its double are.
    var binade: Double { Double(sign: .plus, exponent: fractionBits, significand: 1) }
  }

  private static let formats = [
    Format(name: "bfloat16", bits: 16, fractionBits: 7, program: "(x[...].astype('u4') << 16).view('f4')"),
    Format(name: "float16", bits: 16, fractionBits: 10, program: "x[...].astype('u2').view('f2')"),
    Format(name: "float32", bits: 32, fractionBits: 23, program: "x[...].astype('u4').view('f4')"),
    Format(name: "float64", bits: 64, fractionBits: 52, program: "x[...].astype('u8').view('f8')"),
  ]
  /// Attributes in which programs tell a type that they could not store.
  private static let attributeNames: Set<String> = [
    "dtype", "torchdtype", "originaldtype", "numpydtype", "datatype", "elementtype", "storagedtype", "type",
  ]
  /// Numbers that are looked at, in this many places.
  private static let (sampleSize, placeCount) = (1 << 12, 16)
  /// Fewer distinct numbers tell nothing.
  private static let leastCount = 64

  /// Why the integers of a dataset are not its numbers: an attribute says that they are the bits of others; nil if none does.
  ///
  /// - Throws: If the attributes cannot be read.
  package static func obstacle(of dataset: Dataset) throws -> String? {
    guard case .integer(let bits, _, _) = dataset.datatype else { return nil }
    let attributes = dataset.attributes
    // Numbers that are packed have a type of their own once they are unpacked.
    guard try !attributes.contains("scale_factor") else { return nil }
    for name in try attributes.names where attributeNames.contains(name.lowercased().filter(\.isLetter)) {
      guard let type = try? attributes.value(name, as: String.self).lowercased() else { continue }
      let word = type.split { !$0.isLetter && !$0.isNumber }.last.map(String.init) ?? ""
      let plain = ["bf16": "bfloat16", "half": "float16", "f16": "float16"][word] ?? word
      guard let format = formats.first(where: { $0.name == plain && $0.bits == bits }) else { continue }
      return
        "holds the bits of \(format.name) as integers, as its attribute \(name) says; save the numbers, in Python"
        + " \(format.program)"
    }
    return nil
  }

  /// A note on a dataset of integers that look like the bits of floating-point numbers, to follow its path; nil for others.
  ///
  /// - Throws: If the dataset cannot be read.
  package static func note(of dataset: Dataset) throws -> String? {
    guard case .integer(let bits, _, _) = dataset.datatype, bits >= 16,
      try !dataset.attributes.contains("scale_factor")
    else { return nil }
    let half = Double(sign: .plus, exponent: bits - 1, significand: 1)
    let patterns = try sample(of: dataset).map { $0 < 0 ? $0 + 2 * half : $0 }
    guard
      let format = formats.first(where: { $0.bits == bits && areNumbers(patterns, of: $0, signBit: half) })
    else { return nil }
    return
      "its integers look like the bits of \(format.name); if they are, save the numbers, in Python \(format.program)"
  }

  /// Whether bits are plausible as numbers of a format about zero: both signs occur, alike and with nothing near the greatest
  /// numbers, whose bits lie between those of the signs. Integers that cross the middle of their type, or zero, have some there.
  private static func areNumbers(_ patterns: [Double], of format: Format, signBit: Double) -> Bool {
    let positive = patterns.filter { $0 < signBit && $0 > 0 }.sorted()
    let negative = patterns.filter { $0 > signBit }.map { $0 - signBit }.sorted()
    let least = min(positive.count, negative.count)
    guard least * 20 > patterns.count, Set(positive + negative).count >= leastCount else { return false }
    guard max(positive.last ?? 0, negative.last ?? 0) < format.infinity * 7 / 8 else { return false }
    func share(_ values: [Double], _ share: Double) -> Double {
      values[Int(share * Double(values.count - 1))]
    }
    let binade = format.binade
    guard abs(share(positive, 0.5) - share(negative, 0.5)) < 3 * binade else { return false }
    // From a twentieth to nineteen twentieths, numbers about zero span about five binades.
    let all = (positive + negative).sorted()
    let spread = (share(all, 0.95) - share(all, 0.05)) / binade
    return (1.5...14).contains(spread)
  }

  /// Some numbers from places that are evenly spaced in the first dimension.
  private static func sample(of dataset: Dataset) throws -> [Double] {
    let shape = try dataset.shape
    guard let rows = shape.first, !shape.contains(0) else { return [] }
    var count = shape
    var room = sampleSize
    for axis in shape.indices.dropFirst().reversed() {
      count[axis] = min(shape[axis], max(room, 1))
      room /= count[axis]
    }
    count[0] = min(rows, max(room / placeCount, 1))
    var values: [Double] = []
    for start in stride(from: 0, to: rows, by: max(rows / placeCount, 1)).prefix(placeCount) {
      var offset = [Int](repeating: 0, count: shape.count)
      offset[0] = min(start, rows - count[0])
      values += try dataset.read(as: Double.self, offset: offset, count: count)
    }
    return values
  }
}
