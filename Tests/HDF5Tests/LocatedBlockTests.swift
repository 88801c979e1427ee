import CHDF5
import Foundation
import TestSupport
import Testing

@testable import HDF5

/// Blocks that are read where they lie in the file equal those that the library reads.
@Suite("Blocks read in the file", .serialized)
struct LocatedBlockTests {
  /// The numbers of a dataset, from rows of all of its blocks; and how many of these were found in the file.
  private static func read<Value: HDF5Element & Equatable>(
    _ dataset: Dataset, _ reader: ChunkReader, as type: Value.Type, zero: Value,
    convert: (ChunkReader, Chunk, ChunkRows, inout [Value]) -> Bool
  ) throws -> (values: [Value], located: Int) {
    let shape = reader.grid.shape
    var values = [Value](repeating: zero, count: shape.reduce(1, *))
    var located = 0
    for number in 0..<reader.grid.count {
      let block =
        if let found = try reader.locate(number) { found } else { try Self.fetch(number, reader) }
      let offset = reader.grid.offset(of: number)
      let extent = block.extent
      let length = min(extent[1], shape[1] - offset[1])
      let rows = ChunkRows(
        count: min(extent[0], shape[0] - offset[0]), length: length, source: 0, sourceStride: extent[1],
        target: offset[0] * shape[1] + offset[1], targetStride: shape[1])
      switch block {
      case .decoded(let chunk): _ = convert(reader, chunk, rows, &values)
      case .located(let region, _):
        located += 1
        let areFinite = try reader.read(region, rows, into: &values) { chunk, rows, values in
          convert(reader, chunk, rows, &values)
        }
        #expect(areFinite == (try Self.fetch(number, reader).isFinite(in: reader)))
      }
    }
    return (values, located)
  }

  private static func fetch(_ number: Int, _ reader: ChunkReader) throws -> Block {
    guard case .decoded(let chunk) = try reader.fetch(number, recycling: []) else {
      throw CocoaError(.featureUnsupported)
    }
    return .decoded(chunk)
  }

  private static func expectSame(_ dataset: Dataset, located: Int?) throws {
    try expectSame(dataset, ChunkReader(dataset), located: located)
  }

  private static func expectSame(_ dataset: Dataset, _ reader: ChunkReader, located: Int?) throws {
    let floats = try read(dataset, reader, as: Float.self, zero: 0) { $0.convert($1, $2, into: &$3) }
    #expect(floats.values == (try dataset.read(as: Float.self)))
    let doubles = try read(dataset, reader, as: Double.self, zero: 0) { $0.convert($1, $2, into: &$3) }
    #expect(doubles.values == (try dataset.read(as: Double.self)))
    let integers = try read(dataset, reader, as: Int32.self, zero: 0) { $0.convert($1, $2, into: &$3) }
    #expect(integers.values == floats.values.map { Int32($0) })
    if let located { #expect(floats.located == located && doubles.located == located) }
  }

  private static func write<Value: HDF5Element>(
    _ folder: TemporaryFolder, shape: [Int], chunk: [Int]?, _ value: (Int) -> Value
  ) throws -> Dataset {
    let path = folder.path + "/\(Value.self)-\(shape)-\(chunk ?? []).h5"
    let file = try File(creating: path)
    let values = (0..<shape.reduce(1, *)).map(value)
    let dataset = try file.createDataset("x", of: Value.self, shape: shape, chunk: chunk)
    try dataset.write(values, offset: [0, 0], count: shape)
    try file.close()
    return try File(opening: path).dataset("x")
  }

  /// Blocks of more than a piece, rows of more than a piece, and the clipped last one.
  @Test(
    "every type, in chunks and without",
    arguments: [
      ([300, 700], [100, 700]), ([250, 700], [100, 700]), ([3, 200_000], [2, 200_000]), ([900, 400], nil),
    ]
      as [([Int], [Int]?)])
  func types(shape: [Int], chunk: [Int]?) throws {
    let folder = try TemporaryFolder()
    let count = chunk.map { (shape[0] + $0[0] - 1) / $0[0] }
    try Self.expectSame(Self.write(folder, shape: shape, chunk: chunk) { Float($0 % 1009) }, located: count)
    try Self.expectSame(Self.write(folder, shape: shape, chunk: chunk) { Double($0 % 1009) }, located: count)
    try Self.expectSame(Self.write(folder, shape: shape, chunk: chunk) { Int32($0 % 1009) }, located: count)
    try Self.expectSame(Self.write(folder, shape: shape, chunk: chunk) { Int16($0 % 1009) }, located: count)
    try Self.expectSame(Self.write(folder, shape: shape, chunk: chunk) { UInt8($0 % 251) }, located: nil)
    try Self.expectSame(Self.write(folder, shape: shape, chunk: chunk) { Float16($0 % 99) }, located: nil)
  }

  /// As long as the file is open for a block, all others follow from its place, the small last one as well. Ends of rows
  /// that are longer than a block are left to the library.
  @Test(arguments: [([901, 400], 6), ([3, 200_003], 9)])
  func blocksOfContiguousStorage(shape: [Int], located: Int) throws {
    let folder = try TemporaryFolder()
    let dataset = try Self.write(folder, shape: shape, chunk: nil) { Float($0 % 1009) }
    let reader = try ChunkReader(dataset)
    let first = try #require(try reader.locate(0))
    try withExtendedLifetime(first) {
      #expect(reader.source.firstByte != nil)
      try Self.expectSame(dataset, reader, located: located)
      // Someone else's file that became shorter: no block is taken for another.
      try #require(truncate(dataset.file, 4096) == 0)
      #expect(throws: HDF5Error.self) {
        _ = try Self.read(dataset, reader, as: Float.self, zero: 0) { $0.convert($1, $2, into: &$3) }
      }
    }
  }

  /// Blocks in chunks do not follow one another.
  @Test func placesOfChunksAreLookedUp() throws {
    let folder = try TemporaryFolder()
    let dataset = try Self.write(folder, shape: [300, 700], chunk: [100, 700]) { Float($0) }
    let reader = try ChunkReader(dataset)
    let first = try #require(try reader.locate(1))
    withExtendedLifetime(first) { #expect(reader.source.firstByte == nil) }
  }

  /// Only what is not in the system's cache is asked for.
  @Test func theSystemsCacheIsKnown() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/bytes"
    try Data(count: 8192).write(to: URL(fileURLWithPath: path))
    let file = FileDescriptor(owning: open(path, O_RDONLY))
    #expect(chdf5_is_cached(file.number, 8192) == 0)
    // Some file systems do not tell.
    if chdf5_is_cached(file.number, 8191) == 0 { try #require(errno == EOPNOTSUPP) }
  }

  /// Blocks at the right edge have gaps in the file.
  @Test func blocksOfPartsOfRows() throws {
    let folder = try TemporaryFolder()
    let dataset = try Self.write(folder, shape: [300, 500], chunk: [150, 200]) { Float($0) }
    try Self.expectSame(dataset, located: 4)
  }

  @Test func rowsBetweenOthers() throws {
    let folder = try TemporaryFolder()
    let dataset = try Self.write(folder, shape: [2000, 100], chunk: nil) { Float($0) }
    let reader = try ChunkReader(dataset)
    guard case .located(let region, let extent) = try #require(try reader.locate(0)) else { return }
    let rows = ChunkRows(
      count: extent[0] / 3, length: 7, source: 11, sourceStride: 300, target: 2, targetStride: 9)
    var values = [Float](repeating: -1, count: 9 * rows.count + 2)
    _ = try reader.read(region, rows, into: &values) { reader.convert($0, $1, into: &$2) }
    for (index, value) in values.enumerated() {
      let (row, column) = ((index - 2) / 9, (index - 2) % 9)
      #expect(value == (index >= 2 && column < 7 ? Float(row * 300 + 11 + column) : -1))
    }
  }

  @Test func numbersThatAreNotFiniteAreFound() throws {
    let folder = try TemporaryFolder()
    for place in [0, 99_999, 199_999] {
      let dataset = try Self.write(folder, shape: [place + 1, 200_000 / (place + 1)], chunk: nil) {
        $0 == place ? Float.nan : 1
      }
      let reader = try ChunkReader(dataset)
      var found = false
      for number in 0..<reader.grid.count {
        guard case .located(let region, let extent) = try reader.locate(number) else { continue }
        var values = [Float](repeating: 0, count: extent.reduce(1, *))
        let areFinite = try reader.read(region, .row(of: values.count), into: &values) {
          reader.convert($0, $1, into: &$2)
        }
        #expect(areFinite == values.allSatisfy(\.isFinite))
        found = found || !areFinite
      }
      #expect(found || place > 0)
    }
  }

  @Test func whatIsNotStoredAsReadIsLeftToTheLibrary() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/data.h5"
    let file = try File(creating: path)
    let shape = [400, 300]
    let values = (0..<120_000).map { Float($0) }
    // While it is written, and what its handle shows of that.
    let written = try file.write("written", values)
    #expect(try ChunkReader(written).locate(0) == nil)
    let empty = try file.createDataset("empty", of: Float.self, shape: shape, chunk: [200, 300])
    try empty.write(Array(values[..<60_000]), offset: [0, 0], count: [200, 300])
    _ = try file.write("small", Array(values[..<1000]))
    _ = try file.write("shuffled", values, chunk: [60_000], filters: [.shuffle])
    try file.close()
    let again = try File(opening: path)
    let reader = try ChunkReader(try again.dataset("empty"))
    #expect(try reader.locate(0) != nil)
    #expect(try reader.locate(1) == nil)
    try Self.expectSame(again.dataset("empty"), located: 1)
    for name in ["small", "shuffled"] {
      #expect(try ChunkReader(try again.dataset(name)).locate(0) == nil)
    }
  }

  /// As when a virtual dataset has its source open: all handles of a dataset share the cache of the first.
  @Test func theLibrarysCacheKeepsWhatTheFileHolds() throws {
    let folder = try TemporaryFolder()
    let path = try Self.write(folder, shape: [300, 700], chunk: [100, 700]) { Float($0) }.file
    let file = try File(opening: path)
    let cached = try file.dataset("x", chunkCache: ChunkCache(rawChunkCacheBytes: 16 << 20))
    let reader = try ChunkReader(try file.dataset("x"))
    for number in 0..<3 { _ = try reader.locate(number) }
    #expect(try cached.read(as: Float.self) == (0..<210_000).map { Float($0) })
  }

  /// Nobody may ever write to it.
  @Test func aPipeBehindALinkIsAnError() throws {
    let folder = try TemporaryFolder()
    try #require(mkfifo(folder.path + "/pipe.h5", 0o600) == 0)
    let file = try File(creating: folder.path + "/links.h5")
    let status = Library.exclusively {
      H5Lcreate_external("pipe.h5", "/x", file.root.handle.id, "x", chdf5_default(), chdf5_default())
    }
    try #require(status >= 0)
    try file.close()
    let links = try File(opening: folder.path + "/links.h5")
    #expect(throws: HDF5Error.self) { try links.dataset("x") }
  }

  /// Compressed numbers are looked at before they are converted.
  @Test(arguments: [nil, [100]] as [[Int]?])
  func numbersThatSinglePrecisionLacksAreFound(chunk: [Int]?) throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path + "/data.h5")
    var values = [Double](repeating: 1, count: 100)
    values[50] = 1e300
    let dataset = try file.write("x", values, chunk: chunk, filters: chunk == nil ? [] : [.deflate(level: 1)])
    try file.flush()
    let reader = try ChunkReader(dataset)
    let chunk =
      switch try reader.fetch(0, recycling: []) {
      case .decoded(let chunk): chunk
      case .filtered(let raw): try ChunkDecoder().decode(raw, reader, 0, recycling: [])
      }
    var singles = [Float](repeating: 0, count: 100)
    #expect(!reader.convert(chunk, .row(of: 100), into: &singles))
    var doubles = [Double](repeating: 0, count: 100)
    #expect(reader.convert(chunk, .row(of: 100), into: &doubles) && doubles == values)
  }

  @Test func aFileThatBecomesShorterIsAnError() throws {
    let folder = try TemporaryFolder()
    let dataset = try Self.write(folder, shape: [300, 700], chunk: [100, 700]) { Float($0) }
    let reader = try ChunkReader(dataset)
    guard case .located(let region, _) = try #require(try reader.locate(2)) else { return }
    let size = try #require(try FileManager.default.attributesOfItem(atPath: dataset.file)[.size] as? Int)
    try #require(truncate(dataset.file, off_t(size - 1000)) == 0)
    var values = [Float](repeating: 0, count: 70_000)
    let error = #expect(throws: HDF5Error.self) {
      _ = try reader.read(region, .row(of: 70_000), into: &values) { reader.convert($0, $1, into: &$2) }
    }
    #expect(error?.kind == .truncated)
    #expect(
      error?.description
        == "\(dataset.file): dataset /x: cannot read: the file has become shorter since it was opened")
  }

  /// A process may have 1024 open files or fewer.
  @Test func manyFilesShareFewDescriptors() throws {
    let folder = try TemporaryFolder()
    var blocks: [Block] = []
    for index in 0..<100 {
      let file = try File(creating: folder.path + "/\(index).h5")
      _ = try file.write("x", (0..<20_000).map { Float($0 + index) })
      try file.close()
      let reader = try ChunkReader(try File(opening: folder.path + "/\(index).h5").dataset("x"))
      if let block = try reader.locate(0) { blocks.append(block) }
    }
    #expect((1...FileDescriptor.most).contains(blocks.count))
    #expect(FileDescriptor.most <= ResourceLimit.openFiles.value / 8)
    blocks = []
    let dataset = try File(opening: folder.path + "/99.h5").dataset("x")
    #expect(try ChunkReader(dataset).locate(0) != nil)
  }
}

extension Block {
  fileprivate func isFinite(in reader: ChunkReader) -> Bool {
    guard case .decoded(let chunk) = self else { return false }
    return reader.isFinite(chunk)
  }
}
