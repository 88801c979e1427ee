import Foundation
import HDF5
import TestSupport
import Testing

@Suite("What is written is read back")
struct RoundTripTests {
  /// Writes and reads the extreme values of a type, in every kind of storage.
  private func roundTrip<T: HDF5Element & Equatable>(_ values: [T], filters: [Filter]) throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    try file.write("folder/values", values, filters: filters)
    try file.close()
    let dataset = try File(opening: folder.file()).dataset("/folder/values")
    #expect(try dataset.read(as: T.self) == values)
    #expect(dataset.filters == filters)
    #expect(dataset.datatype.description == T.elementKind.rawValue)
    let middle = try dataset.read(as: T.self, offset: [1], count: [values.count - 2])
    #expect(middle == Array(values[1..<(values.count - 1)]))
  }

  static let pipelines: [[Filter]] = [
    [], [.deflate(level: 6)], [.shuffle], [.fletcher32], [.shuffle, .deflate(level: 9), .fletcher32],
  ]

  @Test("every type, through every filter", arguments: pipelines)
  func types(filters: [Filter]) throws {
    func integers<T: FixedWidthInteger & HDF5Element>(_ type: T.Type) throws {
      try roundTrip([T.min, 0, 1, T.max, 42], filters: filters)
    }
    try integers(Int8.self)
    try integers(Int16.self)
    try integers(Int32.self)
    try integers(Int64.self)
    try integers(Int.self)
    try integers(UInt8.self)
    try integers(UInt16.self)
    try integers(UInt32.self)
    try integers(UInt64.self)
    try integers(UInt.self)
    try roundTrip(
      [-Float.infinity, .leastNonzeroMagnitude, -0.0, .pi, .greatestFiniteMagnitude], filters: filters)
    try roundTrip([-Double.infinity, .leastNonzeroMagnitude, -0.0, .pi, 1e300], filters: filters)
    try roundTrip([-Float16.infinity, .leastNonzeroMagnitude, -0.0, .pi, 65504], filters: filters)
    try roundTrip([true, false, false, true], filters: filters)
  }

  @Test("NaN stays NaN", arguments: [[], [Filter.deflate(level: 1)]])
  func notANumber(filters: [Filter]) throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    let dataset = try file.write("x", [Float.nan, 1], filters: filters)
    #expect(try dataset.read(as: Float.self)[0].isNaN)
    #expect(try dataset.read(as: Double.self)[0].isNaN)
    #expect(try dataset.read(as: Float16.self)[0].isNaN)
  }

  @Test("blocks, strides and whole shapes agree")
  func blocks() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    let shape = [7, 5, 3]
    let values = (0..<105).map(Int32.init)
    let dataset = try file.write("x", values, shape: shape, chunk: [2, 5, 2], filters: [.deflate(level: 1)])
    #expect(try dataset.shape == shape)
    #expect(dataset.chunkShape == [2, 5, 2])
    let block = try dataset.read(as: Int32.self, offset: [1, 2, 0], count: [3, 2, 2])
    var expected: [Int32] = []
    for i in 1..<4 { for j in 2..<4 { for k in 0..<2 { expected.append(Int32(i * 15 + j * 3 + k)) } } }
    #expect(block == expected)
    let strided = try dataset.read(as: Int32.self, offset: [0, 0, 1], count: [4, 1, 1], stride: [2, 1, 1])
    #expect(strided == [1, 31, 61, 91])
    #expect(try dataset.read(as: Int32.self, offset: [7, 0, 0], count: [0, 5, 3]).isEmpty)
  }

  @Test("growing and writing in parts")
  func growth() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    let dataset = try file.createDataset(
      "x", of: Float.self, shape: [0, 2], maximumShape: [nil, 2], filters: [.shuffle, .deflate(level: 4)],
      fillValue: -1)
    #expect(try dataset.read(as: Float.self).isEmpty)
    for row in 0..<3 {
      try dataset.extend(to: [row + 2, 2])
      try dataset.write([Float(row), Float(row)], offset: [row, 0], count: [1, 2])
    }
    #expect(try dataset.read(as: Float.self) == [0, 0, 1, 1, 2, 2, -1, -1])
    #expect(try dataset.dataspace.maximumShape == [nil, 2])
  }

  @Test("single values and empty arrays")
  func edges() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    try file.write("single", [Int64(-7)], shape: [])
    try file.write("empty", [Double](), shape: [0, 3], filters: [.deflate(level: 1)])
    try file.write("text", ["one"], shape: [])
    #expect(try file.dataset("single").readScalar(as: Int.self) == -7)
    #expect(try file.dataset("single").shape == [])
    #expect(try file.dataset("empty").read(as: Float.self) == [])
    #expect(try file.dataset("empty").shape == [0, 3])
    #expect(try file.dataset("text").readScalar(as: String.self) == "one")
  }

  @Test("numbers are converted, and clamped to the range")
  func conversion() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    try file.write("x", [-1.75, 300, 3.99])
    let dataset = try file.dataset("x")
    #expect(try dataset.read(as: UInt8.self) == [0, 255, 3])
    #expect(try dataset.read(as: Int8.self) == [-1, 127, 3])
    try file.write("flags", [UInt8(0), 1, 2, 255])
    #expect(try file.dataset("flags").read(as: Bool.self) == [false, true, true, true])
    try file.dataset("flags").write([true, true, false, false])
    #expect(try file.dataset("flags").read(as: Int.self) == [1, 1, 0, 0])
    try file.write("truth", [true, false])
    #expect(try file.dataset("truth").read(as: Float.self) == [1, 0])
  }

  @Test("every half-precision number becomes the same single-precision number")
  func halves() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    let halves = (0...UInt16.max).map { Float16(bitPattern: $0) }
    let read = try file.write("x", halves).read(as: Float.self)
    let isSame = zip(halves, read).allSatisfy { Float($0) == $1 || $0.isNaN && $1.isNaN }
    #expect(isSame && read.count == halves.count)
  }

  @Test("text")
  func text() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    let texts = [
      "", "plain", "naïve Ünïcödé 🧵", "two\nlines", String(repeating: "x", count: 10000), " padded ",
    ]
    try file.write("texts", texts, shape: [2, 3])
    let dataset = try file.dataset("texts")
    #expect(try dataset.read(as: String.self) == texts)
    #expect(try dataset.read(as: String.self, offset: [1, 0], count: [1, 2]) == ["two\nlines", texts[4]])
    try dataset.write(["new"], offset: [0, 1], count: [1, 1])
    #expect(try dataset.read(as: String.self)[1] == "new")
    #expect(dataset.datatype == .string)
  }

  @Test("text of fixed length", arguments: [[], [Filter.deflate(level: 6), .fletcher32]])
  func fixedText(filters: [Filter]) throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    let texts = ["", "plain", "naïve 🧵", " padded "]
    let dataset = try file.write("texts", fixedLength: texts, shape: [2, 2], filters: filters)
    #expect(try dataset.read(as: String.self) == texts)
    #expect(dataset.datatype == .fixedString(byteCount: 11))
    #expect(try file.write("none", fixedLength: []).read(as: String.self) == [])
    for text in texts {
      try file.attributes.set("text", toFixedLength: text)
      #expect(try file.attributes.value("text", as: String.self) == text)
    }
  }

  @Test("attributes of files, groups and datasets")
  func attributes() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    let owners: [any Attributed] = [file, try file.createGroup("a/b"), try file.write("x", [1.0])]
    for owner in owners {
      let attributes = owner.attributes
      try attributes.set("number", to: 42)
      try attributes.set("numbers", to: [Float(1), 2, 3, 4], shape: [2, 2])
      try attributes.set("text", to: "Weft")
      try attributes.set("texts", to: ["a", "", "ç"])
      try attributes.set("truth", to: true)
      try attributes.set("none", to: [Int]())
      try attributes.set("no text", to: [String]())
      #expect(
        try attributes.names == ["no text", "none", "number", "numbers", "text", "texts", "truth"])
      #expect(try attributes.value("number", as: Int.self) == 42)
      #expect(try attributes.value("number", as: Float.self) == 42)
      #expect(try attributes.values("numbers", as: Double.self) == [1, 2, 3, 4])
      #expect(try attributes.value("text", as: String.self) == "Weft")
      #expect(try attributes.values("texts", as: String.self) == ["a", "", "ç"])
      #expect(try attributes.value("truth", as: Bool.self))
      #expect(try attributes.values("none", as: Int.self) == [])
      #expect(try attributes.values("no text", as: String.self) == [])
      try attributes.set("number", to: "no number any more")
      #expect(try attributes.value("number", as: String.self) == "no number any more")
      try attributes.delete("number")
      #expect(try !attributes.contains("number"))
    }
  }

  @Test("an attribute larger than an object header")
  func largeAttribute() throws {
    let folder = try TemporaryFolder()
    let values = (0..<100_000).map(Double.init)
    do {
      let file = try File(creating: folder.file())
      try file.attributes.set("large", to: values)
    }
    #expect(try File(opening: folder.file()).attributes.values("large", as: Double.self) == values)
  }

  @Test("equal contents give equal bytes")
  func determinism() throws {
    let folder = try TemporaryFolder()
    func make(_ name: String) throws -> Data {
      let file = try File(creating: folder.file(name))
      try file.write("a/b/c", [Float](repeating: 1.5, count: 1000), chunk: [100], filters: [.fletcher32])
      try file.createGroup("d").attributes.set("text", to: "value")
      try file.close()
      return try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
    }
    let first = try make("1.h5")
    Thread.sleep(forTimeInterval: 1.1)
    #expect(try first == make("2.h5"))
  }

  @Test("handles keep their file open, and work from several threads")
  func threads() async throws {
    let folder = try TemporaryFolder()
    let values = (0..<10_000).map(Float.init)
    try File(creating: folder.file()).write("x", values, chunk: [100], filters: [.deflate(level: 1)])
    let dataset = try File(opening: folder.file()).dataset(
      "x", chunkCache: ChunkCache(rawChunkCacheBytes: 1 << 20))
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for worker in 0..<8 {
        group.addTask {
          try (0..<50).allSatisfy { round in
            let start = (worker * 997 + round * 131) % 9000
            let block = try dataset.read(as: Float.self, offset: [start], count: [1000])
            return block == Array(values[start..<(start + 1000)])
          }
        }
      }
      for try await succeeded in group { #expect(succeeded) }
    }
  }
}
