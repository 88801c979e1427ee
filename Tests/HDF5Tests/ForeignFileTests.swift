import Foundation
import HDF5
import TestSupport
import Testing

@Suite("Files of other programs")
struct ForeignFileTests {
  /// First bytes and what is said of them.
  private static let causes: [(bytes: [UInt8], cause: String)] = [
    (
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n".utf8),
      "it is a pointer of Git LFS; fetch the file itself with git lfs pull"
    ),
    (Array("CDF\u{1}".utf8) + [0, 0, 0, 0], "it is NetCDF-3; convert it with nccopy -k nc4"),
    ([0x1F, 0x8B, 8, 0], "it is compressed with gzip; unpack it with gunzip"),
    (Array("PAR1 and more".utf8), "it is Parquet; save it with pandas as CSV for weft data table"),
    (
      Array("MThd\u{0}\u{0}\u{0}\u{6}".utf8),
      "it is MIDI; write its notes as arrays, for example with pretty_midi and numpy.savez"
    ),
    (
      Array("$FL2@(#) IBM SPSS STATISTICS".utf8),
      "it is of SPSS or Stata; save it with pandas.read_spss or pandas.read_stata as CSV for weft data table"
    ),
    (
      Array("x.csv".utf8) + [UInt8](repeating: 0, count: 252) + Array("ustar\u{0}00".utf8),
      "it is a tar archive; unpack it with tar -xf"
    ),
    (
      [72, 0, 0, 0, 0, 0, 0, 0] + Array("{\"x\":{\"dtype\":\"F32\"".utf8),
      "it is safetensors; weft import reads networks, and arrays are saved in Python: numpy.savez('x.npz',"
        + " **safetensors.numpy.load_file('x.safetensors'))"
    ),
    ([], "not an HDF5 file"),
    (Array("something else".utf8), "not an HDF5 file"),
  ]

  @Test("are named for what they are", arguments: causes)
  func kinds(_ bytes: [UInt8], _ cause: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "data.h5")
    let error = #expect(throws: HDF5Error.self) { try File(opening: path) }
    #expect(error?.kind == .notHDF5)
    #expect(error?.description == "\(path): cannot open: \(cause)")
  }

  /// Numbers in columns may begin as recordings of EDF do.
  @Test(arguments: [
    (
      "24.04.8916.13.00256     ",
      "it is EDF; read its signals with mne or pyedflib, and save them with numpy.savez"
    ),
    ("1.5     2.5     3.5     ", "not an HDF5 file"),
  ])
  func europeanDataFormat(_ rest: String, _ cause: String) throws {
    let folder = try TemporaryFolder()
    let text = "0       " + String(repeating: " ", count: 160) + rest
    let path = try folder.write(Array(text.utf8), to: "data.edf")
    let error = #expect(throws: HDF5Error.self) { try File(opening: path) }
    #expect(error?.description == "\(path): cannot open: \(cause)")
  }

  /// A header and its signals, as MIT-BIH has them.
  @Test func waveformRecords() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(
      Array("100 2 360 650000\n100.dat 212 200 11 1024 995 -22131 0 MLII\n".utf8), to: "100.hea")
    for name in ["100.dat", "100.hea"] {
      let path =
        name == "100.hea" ? folder.url.appending(path: name).path : try folder.write([1, 2, 3], to: name)
      let error = #expect(throws: HDF5Error.self) { try File(opening: path) }
      #expect(error?.description.contains("numpy.savez('100.npz', x=wfdb.rdsamp('100')[0])") == true)
    }
    let other = try folder.write([1, 2, 3], to: "101.dat")
    #expect(
      (#expect(throws: HDF5Error.self) { try File(opening: other) })?.description.contains("wfdb") == false)
  }

  @Test("are read while another program appends to them", .enabled(if: Python.has("h5py"), Python.missing))
  func singleWriter() throws {
    let folder = try TemporaryFolder()
    let program = """
      import h5py, numpy as np, os, sys
      f = h5py.File("data.h5", "w", libver="v110")
      f.create_dataset("x", data=np.arange(12.0), maxshape=(None,), chunks=(4,))
      f.swmr_mode = True
      f.flush(); print("ready", flush=True); sys.stdin.readline()
      os._exit(0)
      """
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [Python.path, "-c", program]
    process.currentDirectoryURL = folder.url
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    defer { process.terminate() }
    #expect(try output.fileHandleForReading.read(upToCount: 5) == Data("ready".utf8))
    let values = try File(opening: folder.file("data.h5")).dataset("x").read(as: Double.self)
    #expect(values == (0..<12).map(Double.init))
    try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
    process.waitUntilExit()
  }

  @Test(
    "in the newest format are read, or refused by name with the way out",
    .enabled(if: Python.has("h5py"), Python.missing), arguments: ["earliest", "v110", "latest"])
  func versions(_ version: String) throws {
    let folder = try TemporaryFolder()
    let made = try Python.run(
      """
      import h5py, numpy as np
      with h5py.File("data.h5", "w", libver="\(version)") as f:
          f.create_dataset("x", data=np.arange(100.0), chunks=(10,), compression="gzip")
      """, in: folder.url)
    #expect(made.status == 0, "\(made.output)")
    do {
      let values = try File(opening: folder.file("data.h5")).dataset("x").read(as: Double.self)
      #expect(values == (0..<100).map(Double.init))
    } catch {
      #expect(version == "latest" && error.cause.contains("h5repack"), "\(error)")
    }
  }

  @Test("with fields", .enabled(if: Python.has("h5py"), Python.missing))
  func fields() throws {
    let folder = try TemporaryFolder()
    let made = try Python.run(
      """
      import h5py, numpy as np
      t = np.zeros(7, [("a", ">i2"), ("b", "f4", (2, 3)), ("c", "S3"), ("d", "f8")])
      t["a"] = -np.arange(7); t["b"] = np.arange(42).reshape(7, 2, 3); t["c"] = b"xyz"; t["d"] = 0.5
      with h5py.File("data.h5", "w") as f: f["t"] = t
      """, in: folder.url)
    #expect(made.status == 0, "\(made.output)")
    let table = try File(opening: folder.file("data.h5")).dataset("t")
    #expect(
      table.numericFields.map(\.name) == ["a", "b", "d"] && table.numericFields.map(\.count) == [1, 6, 1])
    #expect(try table.readField("a", offset: [2], count: [3]) == [-2, -3, -4])
    #expect(try table.readField("b", offset: [1], count: [2]) == (6..<18).map(Double.init))
    #expect(try table.readTextField("c", offset: [0], count: [2]) == ["xyz", "xyz"])
    let missing = #expect(throws: HDF5Error.self) { try table.readField("e", offset: [0], count: [1]) }
    #expect(missing?.cause == "it has no field 'e'; its fields are a, b, c, d")
    let text = #expect(throws: HDF5Error.self) { try table.readField("c", offset: [0], count: [1]) }
    #expect(text?.cause == "its field 'c' has type string[3], not numbers")
  }
}
