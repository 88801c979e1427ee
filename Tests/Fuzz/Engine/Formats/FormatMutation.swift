import Foundation

/// Changes a file of any format by its structure, so that what follows the change is still read.
enum FormatMutation {
  /// A changed copy.
  static func changed(_ bytes: [UInt8], name: String, _ random: inout RandomNumbers) -> [UInt8] {
    if random.happens(0.08) { return Boundary.changed(bytes, &random) }
    switch name.split(separator: ".").last ?? "" {
    case "onnx", "model": return message(bytes, &random)
    case "safetensors": return safetensors(bytes, &random)
    case "npz", "keras": return ArchiveMutation.changed(bytes, &random)
    case "pt", "pth", "ckpt", "bin":
      return bytes.first == 0x80
        ? PickleMutation.changed(bytes, &random) : ArchiveMutation.changed(bytes, &random)
    case "npy": return ArchiveMutation.header(bytes, &random)
    case "csv", "ts", "tsf", "arff", "json", "jsonl", "tmx", "xlf":
      return TokenMutation.changed(bytes, &random)
    case "events": return events(bytes, &random)
    case "png": return picture(bytes, &random)
    case "h5": return ByteMutation(bytes).mutant(&random, other: bytes)
    default:
      return (0..<random.pick([1, 1, 2, 4])).reduce(bytes) { bytes, _ in Boundary.changed(bytes, &random) }
    }
  }

  static func message(_ bytes: [UInt8], _ random: inout RandomNumbers) -> [UInt8] {
    guard var tree = MessageTree(bytes[...]) else { return Boundary.changed(bytes, &random) }
    for _ in 0..<random.pick([1, 1, 1, 2, 3, 6]) { tree.change(&random) }
    return tree.encoded
  }

  /// The header, with its length, or the subword model that it holds as base64.
  private static func safetensors(_ bytes: [UInt8], _ random: inout RandomNumbers) -> [UInt8] {
    guard bytes.count > 8 else { return bytes }
    let length = min(Int(bytes[0]) | Int(bytes[1]) << 8 | Int(bytes[2]) << 16, bytes.count - 8)
    var header = Array(bytes[8..<8 + length])
    if let place = model(in: header), random.happens(0.8),
      let model = Data(base64Encoded: Data(header[place]))
    {
      header.replaceSubrange(
        place, with: [UInt8](Data(subwords([UInt8](model), &random)).base64EncodedString().utf8))
    } else {
      header = TokenMutation.changed(header, &random)
    }
    let stated = random.happens(0.95) ? UInt64(header.count) : random.pick(Boundary.values)
    return Boundary.bytes(stated, 8) + header + bytes[(8 + length)...]
  }

  /// The place of a subword model's text within the vocabulary, which is JSON within JSON.
  private static func model(in header: [UInt8]) -> Range<Int>? {
    let text = Data(header)
    guard let start = text.range(of: Data("\\\"model\\\":\\\"".utf8))?.upperBound,
      let end = text.range(of: Data("\\\"".utf8), in: start..<text.count)?.lowerBound
    else { return nil }
    return start..<end
  }

  /// A changed subword model: its fields, or the units of its normalization table.
  static func subwords(_ model: [UInt8], _ random: inout RandomNumbers) -> [UInt8] {
    guard var tree = MessageTree(model[...]), random.happens(0.6) else { return message(model, &random) }
    for place in tree.fields.indices where tree.fields[place].number == 3 {
      guard case .message(var normalizer) = tree.fields[place].content else { continue }
      normalizer.fields.removeAll { $0.number == 2 }
      normalizer.fields.append(MessageTree.Field(number: 2, content: .bytes(table(&random))))
      tree.fields[place].content = .message(normalizer)
    }
    return tree.encoded
  }

  /// A table that replaces nothing, of 256 or 512 units, with random ones among them.
  private static func table(_ random: inout RandomNumbers) -> [UInt8] {
    let count = random.pick([256, 512, 1024])
    var units = [UInt32](repeating: 0x8000_0000, count: count)
    units[0] = UInt32(random.pick([0, 1, 1, 2])) << 10
    for _ in 0..<random.pick([0, 3, 40, 400]) {
      let place = 1 + random.below(count - 1)
      // A child at the place of its own label, with or without a text.
      let label = UInt32(place & 0xFF)
      let offset = UInt32(random.below(random.pick([2, 600]))) << 10
      units[place] = label | offset | (random.happens(0.5) ? 0x100 : 0) | (random.happens(0.05) ? 0x200 : 0)
    }
    for _ in 0..<random.pick([0, 1, 5]) {
      units[random.below(count)] = UInt32(truncatingIfNeeded: random.pick(Boundary.values))
    }
    let texts = random.pick([[0], Array("ab\0c\0".utf8), [0x61], [0xFF, 0]])
    let size = random.happens(0.95) ? UInt64(4 * count) : random.pick(Boundary.values)
    return Boundary.bytes(size, 4) + units.flatMap { Boundary.bytes(UInt64($0), 4) } + texts
  }

  /// Records with their checksums.
  private static func events(_ bytes: [UInt8], _ random: inout RandomNumbers) -> [UInt8] {
    var records: [[UInt8]] = []
    var place = 0
    while place + 16 <= bytes.count {
      let length = Int(bytes[place]) | Int(bytes[place + 1]) << 8 | Int(bytes[place + 2]) << 16
      guard place + 16 + length <= bytes.count else { break }
      records.append(Array(bytes[place + 12..<place + 12 + length]))
      place += 16 + length
    }
    guard !records.isEmpty else { return Boundary.changed(bytes, &random) }
    let chosen = random.below(records.count)
    records[chosen] = message(records[chosen], &random)
    return records.flatMap { record in
      let length = Boundary.bytes(UInt64(record.count), 8)
      return length + Boundary.bytes(UInt64(Checksums.masked(length)), 4) + record
        + Boundary.bytes(UInt64(Checksums.masked(record)), 4)
    }
  }

  /// Chunks with their checksums.
  private static func picture(_ bytes: [UInt8], _ random: inout RandomNumbers) -> [UInt8] {
    var chunks: [(kind: [UInt8], content: [UInt8])] = []
    var place = 8
    while place + 12 <= bytes.count {
      let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      guard place + 12 + length <= bytes.count else { break }
      chunks.append((Array(bytes[place + 4..<place + 8]), Array(bytes[place + 8..<place + 8 + length])))
      place += 12 + length
    }
    guard !chunks.isEmpty else { return Boundary.changed(bytes, &random) }
    let chosen = random.below(chunks.count)
    switch random.below(5) {
    case 0: chunks.remove(at: chosen)
    case 1: chunks.insert(chunks[chosen], at: random.below(chunks.count + 1))
    default: chunks[chosen].content = Boundary.changed(chunks[chosen].content, &random)
    }
    return Array(bytes.prefix(8))
      + chunks.flatMap { kind, content in
        Boundary.bytes(UInt64(content.count), 4).reversed() + kind + content
          + Boundary.bytes(UInt64(Checksums.crc32(kind + content)), 4).reversed()
      }
  }
}
