import HDF5
import WeftBase

/// The header of a `.npy` file, or of one of MNIST. Sources: NumPy's format description, `numpy.lib.format`, versions 1.0 to 3.0;
/// the description of IDX at the database of MNIST.
struct ArrayHeader: Equatable {
  /// Type string of NumPy.
  private static let kinds: [String: ElementKind] = [
    "b1": .bool, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64, "u1": .uint8, "u2": .uint16,
    "u4": .uint32,
    "u8": .uint64, "f2": .float16, "f4": .float32, "f8": .float64,
  ]

  /// The first bytes of a file.
  static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The type of the values, of texts that of their bytes.
  let kind: ElementKind
  /// The form of texts; nil for numbers.
  let text: TextForm?
  let isBigEndian: Bool
  /// Whether the order is column-major (Fortran).
  let isFortranOrdered: Bool
  let shape: [Int]
  /// Offset of the values.
  let dataOffset: Int

  var count: Int { shape.reduce(1, *) }

  /// Texts of a fixed number of characters, filled with NUL.
  struct TextForm: Equatable {
    let characters: Int
    /// 4 for UTF-32, 1 for bytes.
    let bytesPerCharacter: Int

    var byteCount: Int { characters * bytesPerCharacter }

    /// - Parameter type: A type string of NumPy without its byte order, such as `U5`.
    init?(_ type: Substring) {
      guard let letter = type.first, letter == "U" || letter == "S", let count = Int(type.dropFirst()),
        (1...1 << 20).contains(count)
      else { return nil }
      (characters, bytesPerCharacter) = (count, letter == "U" ? 4 : 1)
    }
  }

  /// - Parameters:
  ///   - read: Reads a number of bytes at an offset, or fewer at the end.
  ///   - byteCount: Size of the file, which must contain all values of the shape.
  /// - Throws: If it is not such a header, or the type has no HDF5 equivalent.
  init(
    name: String, byteCount: Int, read: (_ offset: Int, _ count: Int) throws(WeftError) -> [UInt8]
  ) throws(WeftError) {
    func failure(_ message: String) -> WeftError { .data("\(name): \(message)") }
    let start = try read(0, 12)
    if start.count >= 2, start[0] == 0x80, (2...5).contains(start[1]) {
      throw failure(
        "is a Python pickle, not an array; in Python, load it, and save its arrays with numpy.savez")
    }
    if let own = try Self.idx(start, byteCount: byteCount, read: read) {
      guard own.bytes <= byteCount - own.dataOffset else {
        throw failure(
          "claims \(own.bytes) bytes of values, but contains \(byteCount - own.dataOffset); is it truncated?")
      }
      (kind, text, isBigEndian, isFortranOrdered) = (own.kind, nil, own.kind.byteCount > 1, false)
      (shape, dataOffset) = (own.shape, own.dataOffset)
      return
    }
    guard start.count >= 10, start.starts(with: Self.signature) else {
      throw failure(
        start.starts(with: [0x1F, 0x8B])
          ? "is compressed with gzip; unpack it with gunzip"
          : "is not a NumPy array\(ForeignFile.kind(of: name).map { ": \($0)" } ?? "; save it with numpy.save")"
      )
    }
    guard (1...3).contains(start[6]) else {
      throw failure("has NumPy format version \(start[6]).\(start[7]); versions 1 to 3 are supported")
    }
    let isShort = start[6] == 1
    guard isShort || start.count == 12 else { throw failure("truncated header") }
    let length = (isShort ? [8, 9] : [8, 9, 10, 11]).reversed().reduce(0) { $0 << 8 | Int(start[$1]) }
    let textOffset = isShort ? 10 : 12
    guard length <= 1 << 20, textOffset + length <= byteCount else { throw failure("truncated header") }
    let head = String(decoding: try read(textOffset, length), as: UTF8.self)
    dataOffset = textOffset + length

    guard let description = Self.value("descr", in: head), description.count > 2,
      description.first == "'" || description.first == "\""
    else { throw failure("contains records with several fields; save each field as a separate array") }
    let type = String(description.dropFirst().dropLast())
    if type.hasSuffix("O") {
      throw failure(
        "contains Python objects, such as arrays of different lengths or dictionaries, which numpy.load(file,"
          + " allow_pickle=True) reads; for a list x of arrays, save"
          + " numpy.savez(file, inputs=numpy.concatenate(x), offsets=numpy.cumsum([0] + [len(a) for a in x]))"
      )
    }
    if type.dropFirst().first == "M" {
      throw failure("has type '\(type)', which are times; save x.astype('datetime64[s]').astype('int64')")
    }
    let form = TextForm(type.dropFirst())
    guard let order = type.first, let kind = form == nil ? Self.kinds[String(type.dropFirst())] : .uint8,
      "<>|=".contains(order)
    else {
      throw failure(
        "has type '\(type)'"
          + (type.hasSuffix("V2")
            ? ", perhaps bfloat16; save x.astype('float32')"
            : "; numbers and Booleans are supported: convert with .astype, complex numbers into two arrays")
      )
    }
    self.kind = kind
    text = form
    isBigEndian = order == ">" && (kind.byteCount > 1 || form?.bytesPerCharacter == 4)
    switch Self.value("fortran_order", in: head) {
    case "True": isFortranOrdered = true
    case "False": isFortranOrdered = false
    default: throw failure("its head lacks fortran_order")
    }
    guard let shapeText = Self.value("shape", in: head), shapeText.first == "(", shapeText.last == ")" else {
      throw failure("its head lacks shape")
    }
    var shape: [Int] = []
    for part in shapeText.dropFirst().dropLast().split(separator: ",") {
      let digits = part.filter { !$0.isWhitespace }
      if digits.isEmpty { continue }
      // Python 2 wrote long integers with an L.
      guard let extent = Int(digits.last == "L" ? String(digits.dropLast()) : digits), extent >= 0 else {
        throw failure("its head has the shape \(shapeText)")
      }
      shape.append(extent)
    }
    self.shape = shape
    var bytes = form?.byteCount ?? kind.byteCount
    for extent in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw failure("claims the shape \(shapeText), which is too large") }
      bytes = product
    }
    guard bytes <= byteCount - dataOffset else {
      throw failure(
        "claims \(bytes) bytes of values, but contains \(byteCount - dataOffset); is it truncated?")
    }
    // numpy.save may be called several times for a file, which numpy.load reads one by one.
    if try read(dataOffset + bytes, Self.signature.count) == Self.signature {
      throw failure("contains another array after the first; save them by name with numpy.savez")
    }
  }

  /// The header of an IDX file, as MNIST has them: two zeros, the type, the number of dimensions, and each dimension in four
  /// bytes, the first byte the highest.
  ///
  /// - Returns: Nil for any other file.
  private static func idx(
    _ start: [UInt8], byteCount: Int, read: (_ offset: Int, _ count: Int) throws(WeftError) -> [UInt8]
  ) throws(WeftError) -> (kind: ElementKind, shape: [Int], dataOffset: Int, bytes: Int)? {
    let kinds: [UInt8: ElementKind] = [
      0x08: .uint8, 0x09: .int8, 0x0B: .int16, 0x0C: .int32, 0x0D: .float32, 0x0E: .float64,
    ]
    guard start.count >= 8, start[0] == 0, start[1] == 0, let kind = kinds[start[2]],
      (1...4).contains(start[3])
    else { return nil }
    let rank = Int(start[3])
    let sizes = try read(4, 4 * rank)
    guard sizes.count == 4 * rank else { return nil }
    let shape = (0..<rank).map { axis in sizes[4 * axis..<4 * axis + 4].reduce(0) { $0 << 8 | Int($1) } }
    return ([kind.byteCount] + shape).boundedProduct.map { (kind, shape, 4 + 4 * rank, $0) }
  }

  /// Whether an array has no dimensions, whatever its type.
  static func isSingle(_ file: RandomAccessFile) -> Bool {
    guard let start = try? file.read(at: 0, count: min(file.byteCount, 1 << 9)) else { return false }
    return value("shape", in: String(decoding: start, as: UTF8.self)).map { $0.filter { !$0.isWhitespace } }
      == "()"
  }

  /// The text of a value in a Python dictionary, by its key.
  private static func value(_ key: String, in text: String) -> String? {
    for quote in ["'", "\""] {
      guard let range = text.firstRange(of: "\(quote)\(key)\(quote)") else { continue }
      let rest = text[range.upperBound...].drop { $0.isWhitespace || $0 == ":" }
      guard let first = rest.first else { return nil }
      switch first {
      case "'", "\"":
        guard let end = rest.dropFirst().firstIndex(of: first) else { return nil }
        return String(rest[...end])
      case "(":
        guard let end = rest.firstIndex(of: ")") else { return nil }
        return String(rest[...end])
      default: return String(rest.prefix { $0.isLetter })
      }
    }
    return nil
  }
}
