import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase

/// HDF5 files of other organisations, made by h5py, and what becomes of them.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct HierarchyTests {
  private static func make(_ program: String, in fixture: Fixture) throws {
    let made = try Python.run("import h5py, numpy as np\n" + program, in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
  }

  /// 10,000 groups would be in the order 0, 1, 10, 100, … by their names.
  @Test func groupsAreInNaturalOrder() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          for i in range(120):
              g = f.create_group(f"rec{i}"); g["x"] = np.full((1 + i % 3, 2), i, "f4"); g.attrs["y"] = i % 5
          f["about"] = 1
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["{}/x"])
    dataset.targets = "{}@y"
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(summary.splits.map(\.count) == [120])
    let offsets = try file.dataset("train/offsets").read(as: Int.self)
    let values = try file.dataset("train/inputs").read(as: Float.self)
    for i in 0..<120 {
      #expect(offsets[i + 1] - offsets[i] == 1 + i % 3)
      #expect(values[2 * offsets[i]] == Float(i))
    }
    #expect(try file.dataset("train/targets").read(as: Int.self) == (0..<120).map { $0 % 5 })
    #expect(try file.dataset("train/names").read(as: String.self) == (0..<120).map { "rec\($0)" })
    #expect(
      try file.dataset("train/inputs").datatype == .float(bits: 32, exponentBits: 8, isBigEndian: false))
  }

  @Test func datasetsSideBySideWithTextTargets() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          for i, name in enumerate(["cat", "ant", "cat", "bee"]):
              f[f"a/{i}"] = np.arange(i + 1) + 0.5; f[f"b/{i}"] = -np.arange(2.0 * i + 2).reshape(-1, 2)
              f[f"label/{i}"] = name; f[f"who/{i}"] = i // 2
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["a/{}", "b/{}"])
    dataset.targets = "label/{}"
    dataset.groups = "who/{}"
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("classes").read(as: String.self) == ["ant", "bee", "cat"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [2, 0, 2, 1])
    #expect(try file.dataset("train/inputs").shape == [10, 3])
    #expect(
      try file.dataset("train/inputs").read(as: Double.self)[..<9] == [
        0.5, -0.0, -1, 0.5, 0, -1, 1.5, -2, -3,
      ])
  }

  @Test(arguments: ["TNF", "NFT", "FTN"]) func axesAreRearranged(axes: String) throws {
    let fixture = try Fixture()
    try Self.make(
      """
      x = np.arange(5 * 3 * 2.0).reshape(5, 3, 2)
      with h5py.File("data.h5", "w") as f:
          f.create_dataset("x", data=x.transpose([("NTF").index(a) for a in "\(axes)"]), chunks=True)
          f["y"] = np.arange(5.0).reshape(5, 1) / 2
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["x"])
    (dataset.axes, dataset.targets) = (axes, "y")
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").read(as: Int.self) == Array(0..<30))
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 6, 9, 12, 15])
    #expect(try file.dataset("train/targets").read(as: Double.self) == [0, 0.5, 1, 1.5, 2])
  }

  /// A table of pandas: an index, and blocks of columns of one type.
  @Test func recordsByField() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      t = np.zeros(100, [("index", "i8"), ("values_block_0", "f8", (2,)), ("kind", "S4"), ("n", "i4")])
      t["index"] = np.arange(100); t["values_block_0"] = np.arange(200).reshape(100, 2)
      t["kind"] = np.where(np.arange(100) % 2, b"odd", b"even"); t["n"] = np.arange(100) // 30
      with h5py.File("data.h5", "w") as f: f.create_dataset("df/table", data=t, chunks=(16,), compression="gzip")
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["/df/table"])
    (dataset.targetField, dataset.sequenceField) = ("kind", "n")
    dataset.fields = ["values_block_0"]
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").read(as: Int.self) == Array(0..<200))
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 30, 60, 90, 100])
    #expect(try file.dataset("classes").read(as: String.self) == ["even", "odd"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == (0..<100).map { $0 % 2 })
    // Without runs, the records are one stream, which is cut into parts.
    dataset.sequenceField = nil
    dataset.plan = try SplitPlan("0.8,0.2")
    let (stream, summary) = try fixture.make("stream.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(summary.splits.map(\.count) == [80, 20])
    #expect(try stream.dataset("validation/inputs").read(as: Int.self) == Array(160..<200))
    #expect(try !stream.contains("train/offsets"))
  }

  @Test(arguments: [
    (["{}/none"], "", "data.h5: nothing matches '{}/none'"),
    (["nowhere"], "", "data.h5: no dataset 'nowhere'"),
    (["flat"], "XY", "--axes: 'XY' is not an order of N (sequences), T (time steps) and F (features)"),
    (["a/{}", "b/{}"], "", "data.h5: '1': its inputs have 2, 3 steps"),
    (["c/{}"], "", "data.h5: dataset /c/0: has type string, expected numbers"),
  ])
  func whatDoesNotFitIsToldInOneLine(_ inputs: [String], _ axes: String, _ message: String) throws {
    let fixture = try Fixture()
    try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          f["flat"] = np.arange(4); f["a/0"] = np.arange(3); f["b/0"] = np.arange(3); f["c/0"] = "text"
          f["a/1"] = np.arange(2); f["b/1"] = np.arange(3)
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: inputs)
    dataset.axes = axes
    let failure = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(failure.contains(message), "\(failure)")
  }

  /// Numbers in volts of Neurodata Without Borders, one sequence of an array of one dimension, and the scale of nanopore
  /// reads, which is told.
  @Test func publishedScales() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      x = np.arange(-20, 20, dtype="i2")
      with h5py.File("data.h5", "w") as f:
          d = f.create_dataset("eeg/data", data=x); d.attrs["unit"] = "volts"; d.attrs["conversion"] = 0.25
          d.attrs["offset"] = 3.0
          for i in range(3):
              f[f"read_{i}/Raw/Signal"] = x + i
              f.create_group(f"read_{i}/channel_id").attrs["digitisation"] = 8192.0
      """, in: fixture)
    let path = fixture.path("data.h5")
    let (file, summary) = try fixture.make {
      try HierarchyDataset(files: [path], inputs: ["eeg/data"]).write(to: $0, progress: $1)
    }
    #expect(
      try file.dataset("train/inputs").read(as: Double.self) == (-20..<20).map { Double($0) * 0.25 + 3 })
    #expect(summary.notes == ["/eeg/data: times 0.25, plus 3.0"], "\(summary.notes)")
    let reads = try fixture.make {
      try HierarchyDataset(files: [path], inputs: ["{}/Raw/Signal"]).write(to: $0, progress: $1)
    }
    #expect(
      reads.summary.notes.contains {
        $0.hasPrefix("/read_0/Raw/Signal and 2 more: channel_id (offset, range, digitisation) is not applied")
      }, "\(reads.summary.notes)")
  }

  /// Chunks that were never written would be zeros, and so would the numbers of a sparse matrix be without their places.
  @Test(arguments: [
    (
      "d = f.create_dataset('x', (6, 4, 2), 'f4', chunks=(2, 4, 2)); d[:2] = 1",
      "2 of 3 chunks were never written"
    ),
    (
      "f['x'] = np.arange(6.0); f['x_index'] = [2, 6]; f['x_index'].attrs['neurodata_type'] = 'VectorIndex'",
      "is divided into sequences by /x_index of NWB; write numpy.concatenate([[0], index])"
    ),
    (
      "f['g/data'] = np.ones(6); f['g/indices'] = np.arange(6); f['g/indptr'] = np.arange(7); f['x'] = h5py.SoftLink('/g/data')",
      "is part of the sparse matrix /g"
    ),
  ])
  func partsOfArraysAreRefused(_ program: String, _ message: String) throws {
    let fixture = try Fixture()
    try Self.make("with h5py.File('data.h5', 'w') as f: \(program)", in: fixture)
    let inputs = program.contains("g/data") ? "g/data" : "x"
    let failure = fixture.failure {
      try HierarchyDataset(files: [fixture.path("data.h5")], inputs: [inputs]).write(to: $0, progress: $1)
    }
    #expect(failure.contains(message), "\(failure)")
  }

  /// Tables of pandas, whose fields are arrays of columns: the labels are several numbers of each record.
  @Test func fieldsOfSeveralNumbers() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      t = np.zeros(4, [("index", "i8"), ("values_block_0", "f4", (2,)), ("values_block_1", "i8", (2,))])
      t["values_block_0"] = np.arange(8).reshape(4, 2); t["values_block_1"] = [[5, 0], [6, 1], [7, 0], [8, 1]]
      with h5py.File("data.h5", "w") as f: f["table/table"] = t
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["table/table"])
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(
      try file.dataset("train/inputs").read(as: Double.self) == [
        0, 1, 5, 0, 2, 3, 6, 1, 4, 5, 7, 0, 6, 7, 8, 1,
      ])
    #expect(
      summary.notes.contains("/table/table: fields read as inputs: values_block_0 (2), values_block_1 (2)"),
      "\(summary.notes)")
    (dataset.fields, dataset.targetField) = (["values_block_0"], "values_block_1")
    let (other, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try other.dataset("train/targets").shape == [4, 2])
    #expect(try other.dataset("train/targets").read(as: Int.self) == [5, 0, 6, 1, 7, 0, 8, 1])
    (dataset.targetField, dataset.sequenceField) = (nil, "values_block_1")
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        .contains("field 'values_block_1' is an array of 2 numbers, which tell no sequences"))
  }
}
