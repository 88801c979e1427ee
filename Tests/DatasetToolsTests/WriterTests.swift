import DatasetTools
import Foundation
import HDF5
import TestSupport
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

  /// Chunks that are compressed without the library, more of them than threads, are what h5py reads; those of noise are stored
  /// as they are.
  @Test(.enabled(if: Python.has("h5py"), Python.missing)) func othersReadCompressedChunks() throws {
    let fixture = try Fixture()
    var storage = StorageOptions()
    storage.chunkRows = 1000
    let count = 25 * 1000 + 3
    func noise(_ index: Int) -> UInt32 {
      var value = UInt32(index)
      for _ in 0..<2 { value = (value ^ value >> 16) &* 0x45d_9f3b }
      return value ^ value >> 16
    }
    _ = try fixture.make(storage: storage) { writer, _ in
      try writer.array("bytes", of: UInt8.self).append((0..<count).map { UInt8($0 % 7) })
      try writer.array("shorts", of: Int16.self).append((0..<count).map { Int16($0 % 3000) - 1500 })
      try writer.array("floats", of: Float.self).append((0..<count).map { Float($0) / 4 })
      try writer.array("doubles", of: Double.self).append((0..<count).map { Double($0) / 3 })
      try writer.array("pairs", of: Int64.self, rowShape: [2]).append(
        (0..<2 * count).map { Int64($0) << 33 - 5 })
      let noisy = writer.array("noise", of: UInt32.self)
      for index in 0..<count { try noisy.append(noise(index)) }
      return ConversionSummary(unit: "rows")
    }
    let checked = try Python.run(
      """
      import h5py, numpy as np
      n = \(count); i = np.arange(n); x = i.astype('u4')
      for _ in range(2): x = (x ^ x >> np.uint32(16)) * np.uint32(0x45d9f3b)
      with h5py.File('out.h5') as f:
          assert (f['bytes'][:] == i % 7).all() and (f['shorts'][:] == i % 3000 - 1500).all()
          assert (f['floats'][:] == (i / 4).astype('f4')).all() and (f['doubles'][:] == i / 3).all()
          assert (f['pairs'][:] == np.arange(2 * n).reshape(n, 2) * 2**33 - 5).all()
          assert (f['noise'][:] == (x ^ x >> np.uint32(16))).all()
          masks = {name: {f[name].id.read_direct_chunk((start, 0)[:f[name].ndim])[0] for start in range(0, n, 1000)}
                   for name in f}
          assert masks.pop('noise') >= {2} and all(mask == {0} for mask in masks.values()), masks
      """, in: fixture.folder)
    #expect(checked.status == 0, "\(checked.output)")
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
