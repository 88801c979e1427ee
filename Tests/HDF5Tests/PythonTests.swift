import Foundation
import HDF5
import TestSupport
import Testing

@Suite("Files are read by h5py")
struct PythonTests {
  @Test(
    "numbers, text, filters, attributes and labels",
    .enabled(if: Python.has("h5py"), Python.missing))
  func everything() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    let matrix = (0..<12).map(Float.init)
    try file.write(
      "a/matrix", matrix, shape: [3, 4], chunk: [2, 4], filters: [.shuffle, .deflate(level: 4), .fletcher32]
    )
    .setDimensionLabels(["time", "feature"])
    try file.write("half", [Float16(1.5), -2])
    try file.write("truth", [true, false])
    try file.write("texts", ["", "naïve 🧵"])
    try file.write("single", [UInt64.max], shape: [])
    try file.createDataset("growing", of: Int32.self, shape: [2], maximumShape: [nil], fillValue: 9)
    try file.attributes.set("title", to: "Weft")
    try file.attributes.set("words", to: ["a", "b"])
    try file.attributes.set("rate", to: 0.5)
    try file.write("fixed", fixedLength: ["a", "naïve"], filters: [.fletcher32])
    let noise = (0..<4096).map { UInt32(truncatingIfNeeded: $0 &* 2_654_435_761 ^ $0 >> 3 &* 40_503) }
    for (name, values) in [("lzf", (0..<4096).map { UInt32($0 / 9) }), ("lzf_noise", noise)] {
      try file.write(name, values, chunk: [1000], filters: [.shuffle, .lzf])
      #expect(try file.dataset(name).read(as: UInt32.self) == values)
    }
    try file.close()
    let (status, output) = try Python.run(
      """
      import h5py, numpy
      file = h5py.File("\(folder.file())")
      matrix = file["a/matrix"]
      assert (matrix[:] == numpy.arange(12).reshape(3, 4)).all() and matrix.dtype == "<f4"
      assert matrix.chunks == (2, 4) and matrix.shuffle and matrix.fletcher32 and matrix.compression == "gzip"
      assert [d.label for d in matrix.dims] == ["time", "feature"]
      assert file["half"].dtype == "<f2" and list(file["half"]) == [1.5, -2]
      assert file["truth"].dtype == bool and list(file["truth"]) == [True, False]
      assert list(file["texts"].asstr()) == ["", "naïve 🧵"]
      assert file["single"][()] == 2**64 - 1
      assert list(file["growing"]) == [9, 9] and file["growing"].maxshape == (None,)
      assert file.attrs["title"] == "Weft" and list(file.attrs["words"]) == ["a", "b"]
      assert file.attrs["rate"] == 0.5
      assert list(file["fixed"].asstr()) == ["a", "naïve"]
      lzf = file["lzf"]
      assert lzf.compression == "lzf" and lzf.shuffle and (lzf[:] == numpy.arange(4096) // 9).all()
      noise = numpy.arange(4096, dtype=numpy.uint64)
      noise = (noise * 2654435761 ^ (noise >> 3) * 40503).astype(numpy.uint32)
      assert (file["lzf_noise"][:] == noise).all()
      print("read")
      """)
    #expect(status == 0 && output == "read\n", "\(output)")
  }
}
