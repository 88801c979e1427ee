import Foundation
import WeftBase

extension StateDictionary {
  private static let metadataKey = "__metadata__"
  /// Limit of the format; actual headers are far smaller.
  private static let maximumHeader = 100_000_000
  private static let maximumRank = 8

  /// Reads a safetensors file: the header's length in 8 bytes, little endian; the header, JSON with the type, shape and
  /// byte range of each array; the bytes.
  ///
  /// - Throws: If the file is damaged, or an array does not have a floating-point type.
  package init(safetensors path: String) throws(WeftError) {
    let bytes = try InputFile.contents(path)
    func damaged(_ what: String) -> WeftError {
      .model("\(path): is not a complete safetensors file: \(what)")
    }
    guard bytes.count >= 8 else { throw damaged("it ends before its header") }
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= Self.maximumHeader, Int(length) <= bytes.count - 8 else {
      throw damaged("its header claims \(length) bytes")
    }
    let start = bytes.startIndex + 8 + Int(length)
    guard let header = JSONValue(parsing: bytes[(bytes.startIndex + 8)..<start])?.members else {
      throw damaged("its header is not a JSON object")
    }
    self.init()
    let budget = FileBudget(path: path, fileBytes: bytes.count)
    // Each byte belongs to one array, so that no file is larger in memory than on disk.
    var places: [(range: Range<Int>, name: String)] = []
    for (name, value) in header {
      if name == Self.metadataKey {
        metadata = value.members?.compactMapValues(\.text) ?? [:]
        continue
      }
      guard let type = value["dtype"]?.text, let dimensions = value["shape"]?.list,
        let offsets = value["data_offsets"]?.list, offsets.count == 2,
        let lower = offsets[0].integer, let upper = offsets[1].integer,
        0 <= lower, lower <= upper, upper <= bytes.endIndex - start
      else { throw damaged("its header lacks the position of '\(name)'") }
      guard let element = StoredFloat(rawValue: type) else {
        // Counters, such as those of normalization layers, are not weights.
        if type.hasPrefix("I") || type.hasPrefix("U") || type == "BOOL" { continue }
        throw .model("\(path): '\(name)' is of type \(type), not F64, F32, F16 or BF16")
      }
      let shape = dimensions.compactMap(\.integer)
      places.append((lower..<upper, name))
      guard shape.count == dimensions.count, shape.count <= Self.maximumRank,
        let count = shape.boundedProduct, count <= bytes.count,
        count * element.byteCount == upper - lower
      else { throw damaged("'\(name)' has \(upper - lower) bytes, which do not match its shape") }
      try budget.take(elements: shape, of: MemoryLayout<Float>.stride)
      arrays[name] = Array(shape: shape, values: element.values(bytes[(start + lower)..<(start + upper)]))
    }
    places.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    for (first, second) in zip(places, places.dropFirst())
    where second.range.lowerBound < first.range.upperBound {
      throw damaged("'\(first.name)' and '\(second.name)' overlap")
    }
    // Of tensors that share their memory, safetensors.torch.save_model stores one, and the names of the others here.
    for (name, stored) in metadata.sorted(by: { $0.key < $1.key }) where header[name] == nil {
      guard let array = arrays[stored] else { continue }
      try budget.take(elements: array.shape, of: MemoryLayout<Float>.stride)
      arrays[name] = array
    }
  }

  /// Writes a safetensors file, float32.
  package func write(safetensors path: String) throws(WeftError) {
    var header: [String: JSONValue] = [:]
    if !metadata.isEmpty { header[Self.metadataKey] = .object(metadata.mapValues { .text($0) }) }
    var parts: [Data] = []
    var offset = 0
    for (name, array) in arrays.sorted(by: { $0.key < $1.key }) {
      let part = array.values.withUnsafeBytes { Data($0) }
      header[name] = [
        "dtype": "F32", "shape": .list(array.shape.map { .integer($0) }),
        "data_offsets": [.integer(offset), .integer(offset + part.count)],
      ]
      offset += part.count
      parts.append(part)
    }
    var text = Data(JSONValue.object(header).document.utf8)
    // Arrays start at multiples of 8, so that they can be memory-mapped.
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
    try OutputFile.replace(path, with: [length, text] + parts)
  }
}
