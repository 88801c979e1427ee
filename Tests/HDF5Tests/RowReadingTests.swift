import Foundation
import TestSupport
import Testing

@testable import HDF5

/// Rows that are read one by one, from chunks with filters.
@Suite("Rows read one by one")
struct RowReadingTests {
  /// Bytes that the calling thread has read from files.
  private static var readByteCount: Int? {
    let text = try? String(contentsOfFile: "/proc/thread-self/io", encoding: .utf8)
    return text?.split(separator: "\n").first { $0.hasPrefix("rchar:") }.flatMap { Int($0.dropFirst(7)) }
  }

  @Test("a chunk is read twice at most, for the check and by the library", arguments: [1 << 16, 1 << 19])
  func chunksAreReadOnce(rows: Int) throws {
    var generator = SplitMix(seed: 1)
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path + "/data.h5")
    // Random bits, which do not become less: 0.5 and 4 MiB in a chunk, of which the second exceeds the library's cache.
    let values = (0..<2 * rows).map { _ in Int64(bitPattern: generator.next()) }
    try file.write("x", values, chunk: [rows], filters: [.deflate(level: 1)])
    try file.flush()
    let dataset = try File(opening: file.path).dataset("x")
    guard let before = Self.readByteCount else { return }
    for row in stride(from: 0, to: 2 * rows, by: rows / 50) {
      #expect(try dataset.read(as: Int64.self, offset: [row], count: [3]) == Array(values[row..<row + 3]))
    }
    let read = try #require(Self.readByteCount) - before
    #expect(read < 2 * (2 * rows * 8) + 100_000)
    try file.close()
  }

  @Test("of a dataset that grows, also where its chunks get other numbers")
  func growth() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path + "/data.h5")
    let dataset = try file.createDataset(
      "x", of: Int32.self, shape: [4, 4], maximumShape: [nil, nil], chunk: [2, 2],
      filters: [.shuffle, .deflate(level: 4)])
    func fill(_ shape: [Int]) throws {
      try dataset.extend(to: shape)
      let values = (0..<shape[0] * shape[1]).map { Int32($0) }
      try dataset.write(values, offset: [0, 0], count: shape)
      try file.flush()
      for row in 0..<shape[0] {
        let read = try dataset.read(as: Int32.self, offset: [row, 0], count: [1, shape[1]])
        #expect(read == Array(values[row * shape[1]..<(row + 1) * shape[1]]))
      }
    }
    try fill([4, 4])
    try fill([6, 4])
    try fill([6, 9])
    try file.close()
  }

  @Test("a damaged chunk is reported after whole ones were read, and again")
  func damage() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/data.h5"
    var address = 0
    do {
      let file = try File(creating: path)
      let dataset = try file.write(
        "x", (0..<4000).map { Float($0 % 13) }, chunk: [1000], filters: [.shuffle, .deflate(level: 4)])
      try file.flush()
      address = Int(try #require(try dataset.chunkInfo(offset: [2000])).address)
      try file.close()
    }
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for place in 4..<12 { bytes[address + place] ^= 0x55 }
    try bytes.write(to: URL(fileURLWithPath: path))
    let dataset = try File(opening: path).dataset("x")
    for row in 0..<4000 {
      if (2000..<3000).contains(row) {
        if row % 100 == 0 {
          #expect(throws: HDF5Error.self) { try dataset.read(as: Float.self, offset: [row], count: [1]) }
        }
      } else {
        #expect(try dataset.read(as: Float.self, offset: [row], count: [1]) == [Float(row % 13)])
      }
    }
  }
}
