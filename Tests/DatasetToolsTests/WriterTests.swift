import DatasetTools
import Foundation
import HDF5
import Testing

@testable import WeftBase

@Suite struct WriterTests {
  @Test func growsByChunks() throws {
    let fixture = try Fixture()
    var storage = StorageOptions()
    storage.chunkRows = 4
    let (file, _) = try fixture.make(storage: storage) { writer, _ in
      let array = writer.array("a/b", of: Int32.self, rowShape: [3], labels: ["time", "feature"])
      for row in 0..<10 { try array.append([Int32(row), Int32(row * 10), -1]) }
      try array.append((10..<21).flatMap { [Int32($0), Int32($0 * 10), -1] })
      return ConversionSummary(unit: "rows")
    }
    let dataset = try file.dataset("a/b")
    #expect(try dataset.shape == [21, 3])
    #expect(dataset.chunkShape == [4, 3])
    #expect(dataset.filters == [.shuffle, .deflate(level: 4)])
    #expect(try dataset.dimensionLabels == ["time", "feature"])
    #expect(try dataset.read(as: Int32.self) == (0..<21).flatMap { [Int32($0), Int32($0 * 10), -1] })
  }

  @Test(arguments: StorageOptions.Compression.allCases) func smallArraysGetSmallChunks(
    _ compression: StorageOptions.Compression
  ) throws {
    let fixture = try Fixture()
    var storage = StorageOptions()
    storage.compression = compression
    let (file, _) = try fixture.make(storage: storage) { writer, _ in
      let array = writer.array("small", of: Float.self)
      for value in 0..<100 { try array.append(Float(value)) }
      return ConversionSummary(unit: "rows")
    }
    let dataset = try file.dataset("small")
    #expect(dataset.chunkShape == [100])
    #expect(try dataset.read(as: Float.self) == (0..<100).map(Float.init))
  }

  @Test func whatIsThereStays() throws {
    let fixture = try Fixture()
    let path = try fixture.write("mine", "out.h5")
    #expect(throws: WeftError.self) { try DatasetWriter(path) }
    do {
      let writer = try DatasetWriter(path, overwrites: true)
      try writer.array("a", of: Float.self).append([1, 2])
      // Abandoned before it is finished.
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
    #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path) == ["out.h5"])
  }
}
