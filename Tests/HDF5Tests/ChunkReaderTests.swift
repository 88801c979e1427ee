import Foundation
import TestSupport
import Testing

@testable import HDF5

/// Blocks decoded by Weft equal those read by the library.
@Suite("Chunks decoded outside the library")
struct ChunkReaderTests {
  /// Reads and converts a dataset block by block, and assembles the blocks.
  private static func floats(_ dataset: Dataset) throws -> (values: [Float], decoded: Int) {
    let reader = try ChunkReader(dataset)
    let decoder = ChunkDecoder()
    let shape = reader.grid.shape
    var values = [Float](repeating: .nan, count: shape.reduce(1, *))
    var decoded = 0
    for number in 0..<reader.grid.count {
      let chunk: Chunk
      switch try reader.fetch(number, recycling: []) {
      case .decoded(let whole): chunk = whole
      case .filtered(let raw):
        chunk = try decoder.decode(raw, reader, number, recycling: [])
        decoded += 1
      }
      let offset = reader.grid.offset(of: number)
      #expect(reader.grid.number(containing: offset) == number)
      // Row by row of the last dimension.
      let count = shape.indices.map { min(chunk.extent[$0], shape[$0] - offset[$0]) }
      var areFinite = true
      for row in BlockGrid(shape: count, block: count.dropLast().map { _ in 1 } + count.suffix(1)) {
        let source = zip(row, chunk.extent).reduce(0) { $0 * $1.1 + $1.0 }
        let target = zip(zip(row, offset).map(+), shape).reduce(0) { $0 * $1.1 + $1.0 }
        let row = ChunkRows(
          count: 1, length: count.last ?? 1, source: source, sourceStride: 1, target: target, targetStride: 1)
        let isFinite = reader.convert(chunk, row, into: &values)
        areFinite = areFinite && isFinite
      }
      if chunk.extent == count {
        #expect(reader.isFinite(chunk) == isFinite(chunk, reader) && areFinite == isFinite(chunk, reader))
      }
    }
    return (values, decoded)
  }

  private static func isFinite(_ chunk: Chunk, _ reader: ChunkReader) -> Bool {
    var values = [Float](repeating: 0, count: chunk.extent.reduce(1, *))
    reader.convert(chunk, .row(of: values.count), into: &values)
    return values.allSatisfy(\.isFinite)
  }

  private static func expectSame(_ dataset: Dataset, sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    let expected = try dataset.read(as: Float.self)
    let found = try floats(dataset).values
    let same = zip(found, expected).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
    #expect(same && found.count == expected.count, "\(dataset.path)", sourceLocation: sourceLocation)
  }

  @Test("every dataset of numbers that h5py wrote", arguments: Fixture.allCases)
  func fixtures(fixture: Fixture) throws {
    let file = try fixture.open()
    var count = 0
    for group in ["numbers", "storage"] {
      for child in try file.group(group).children where child.kind == .dataset && child.link == .hard {
        let dataset = try file.group(group).dataset(child.name)
        guard dataset.datatype.isNumeric, let elements = try dataset.dataspace.elementCount,
          (1...10000).contains(elements), try !dataset.shape.isEmpty
        else { continue }
        try Self.expectSame(dataset)
        count += 1
      }
    }
    #expect(count > 25)
  }

  @Test("filters that Weft decodes, and those it leaves to the library", arguments: Fixture.allCases)
  func whoDecodes(fixture: Fixture) throws {
    let group = try fixture.open().group("storage")
    for name in ["gzip", "gzip_shuffle_fletcher32", "fletcher32", "lzf", "lzf_shuffle"] {
      let (values, decoded) = try Self.floats(group.dataset(name))
      #expect(decoded == 12 && values == (0..<600).map { Float($0 % 97) }, "\(name)")
    }
    for name in ["contiguous", "compact", "chunked", "scaleoffset"] {
      #expect(try Self.floats(group.dataset(name)).decoded == 0, "\(name)")
    }
  }

  /// Random shapes, chunk shapes, types and filters, including unwritten chunks.
  @Test("random datasets", arguments: 0..<40)
  func random(seed: Int) throws {
    var generator = Generator(state: UInt64(seed))
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path + "/data.h5")
    let rank = Int.random(in: 1...4, using: &generator)
    let shape = (0..<rank).map { _ in Int.random(in: 1...(rank > 2 ? 9 : 70), using: &generator) }
    let chunk = shape.map { Int.random(in: 1...$0, using: &generator) }
    let filters = ([.shuffle, .deflate(level: 5), .fletcher32] as [Filter]).filter { _ in
      Bool.random(using: &generator)
    }
    let order = Bool.random(using: &generator) ? filters : filters.reversed()
    func check<Element: HDF5Element>(_ make: (Int) -> Element) throws {
      let values = (0..<shape.reduce(1, *)).map { _ in make(Int.random(in: 0...999, using: &generator)) }
      let name = "\(Element.self)"
      let dataset = try file.createDataset(name, of: Element.self, shape: shape, chunk: chunk, filters: order)
      // Only the first rows; the rest is unwritten.
      let rows = Int.random(in: 1...shape[0], using: &generator)
      let rest = shape.dropFirst().reduce(1, *)
      try dataset.write(
        Array(values[..<(rows * rest)]), offset: shape.map { _ in 0 }, count: [rows] + shape.dropFirst())
      try file.flush()
      try Self.expectSame(try File(opening: file.path).dataset(name))
    }
    try check { Float($0) / 8 }
    try check { $0 == 7 ? Double.infinity : Double($0) / 3 }
    try check { Float16($0 % 100) }
    try check { Int8($0 % 100 - 50) }
    try check { UInt16($0) }
    try check { Int64($0) << 33 }
    try check { $0.isMultiple(of: 2) }
    try file.close()
  }

  @Test("integers keep to the range of Int32, and numbers that are not whole are found")
  func integers() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path + "/data.h5")
    func read<Element: HDF5Element>(_ values: [Element]) throws -> [Int32] {
      let reader = try ChunkReader(try file.write("\(Element.self)", values))
      guard case .decoded(let chunk) = try reader.fetch(0, recycling: []) else { return [] }
      var result = [Int32](repeating: 7, count: values.count)
      reader.convert(chunk, .row(of: values.count), into: &result)
      return result
    }
    #expect(try read([Int64(1) << 40, -1, -(1 << 40)]) == [.max, -1, .min])
    #expect(try read([UInt32.max, 5]) == [.max, 5])
    #expect(try read([UInt64.max, 5]) == [.max, 5])
    #expect(try read([Int8(-1), 5]) == [-1, 5])
    #expect(try read([Double(3), -1, 0.5, .nan, 1e300]) == [3, -1, .min, .min, .min])
    #expect(try read([Float16(3), -1, 0.5]) == [3, -1, .min])
  }

  @Test("damage is reported in one line, and nothing is read beyond a chunk")
  func damage() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/data.h5"
    let values = (0..<4000).map { Float($0 % 13) }
    let pipelines: [[Filter]] = [
      [.shuffle, .fletcher32], [.deflate(level: 4)], [.shuffle, .deflate(level: 4)],
    ]
    for filters in pipelines {
      var address = 0
      do {
        let file = try File(creating: path, overwrite: true)
        let dataset = try file.write("x", values, chunk: [1000], filters: filters)
        try file.flush()
        address = Int(try #require(try dataset.chunkInfo(offset: [2000])).address)
        try file.close()
      }
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      for place in 4..<12 { bytes[address + place] ^= 0x55 }
      try bytes.write(to: URL(fileURLWithPath: path))
      let reader = try ChunkReader(try File(opening: path).dataset("x"))
      let error = #expect(throws: HDF5Error.self) {
        guard case .filtered(let raw) = try reader.fetch(2, recycling: []) else { return }
        _ = try ChunkDecoder().decode(raw, reader, 2, recycling: [])
      }
      let isChecksum = filters.contains(.fletcher32)
      #expect(error?.kind == (isChecksum ? .checksumMismatch : .damaged))
      #expect(
        error?.description == "\(path): dataset /x: cannot read from [2000]: the data is damaged: "
          + (isChecksum ? "checksum mismatch" : "cannot be decompressed"))
    }
  }

  /// The values of RFC-like examples that HDF5's own implementation gives, found by writing them with h5py.
  @Test("Fletcher's checksum of odd and even lengths")
  func fletcher() {
    func checksum(_ bytes: [UInt8]) -> UInt32 {
      bytes.withUnsafeBytes { Fletcher32.checksum($0.baseAddress!, count: $0.count) }
    }
    // Sums of big-endian pairs: 0x0102 + 0x0304 = 0x0406; 0x0102 + 0x0406 = 0x0508.
    #expect(checksum([1, 2, 3, 4]) == 0x0508_0406)
    // An odd byte counts as the upper half of a pair.
    #expect(checksum([1, 2, 3]) == 0x0504_0402)
    #expect(checksum([0, 0]) == 0)
    #expect(checksum([UInt8](repeating: 0xFF, count: 64)) == 0xFFFF_FFFF)
    #expect(Fletcher32.fits(stored: 0x0508_0406, 0x0508_0406))
    #expect(Fletcher32.fits(stored: 0x0805_0604, 0x0508_0406))
    #expect(!Fletcher32.fits(stored: 0x0508_0407, 0x0508_0406))
  }
}

/// A generator of random numbers (SplitMix64, Steele et al. 2014).
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
