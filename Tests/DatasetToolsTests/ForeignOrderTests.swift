import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase

/// Records in records, the names of what references lead to, and arrays of programs that reverse dimensions, made by h5py.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct ForeignOrderTests {
  private static func make(_ program: String, in fixture: Fixture) throws {
    let made = try Python.run(
      "import h5py, numpy as np\nwith h5py.File('data.h5', 'w') as f:\n"
        + program.split(separator: "\n").map { "    \($0)\n" }.joined(), in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
  }

  private func dataset(_ inputs: String, _ fixture: Fixture) -> HierarchyDataset {
    HierarchyDataset(files: [fixture.path("data.h5")], inputs: [inputs])
  }

  private func failure(_ dataset: HierarchyDataset, _ fixture: Fixture) -> String {
    fixture.failure { try dataset.write(to: $0, progress: $1) }
  }

  /// Fields of records in records, and texts of variable length and padded with blanks.
  @Test(arguments: ["label", "kind", "inner.word"]) func recordsInRecords(_ label: String) throws {
    let fixture = try Fixture()
    try Self.make(
      """
      deep = np.dtype([("w", "f8")])
      inner = np.dtype([("x", "<f4"), ("y", ">f4"), ("deep", deep), ("v", "f4", (2,)), ("word", h5py.string_dtype())])
      rows = np.zeros(6, np.dtype([("t", "f8"), ("inner", inner), ("label", h5py.string_dtype()), ("id", "i4")]))
      rows["t"] = np.arange(6); rows["inner"]["x"] = 10 + np.arange(6); rows["inner"]["y"] = -np.arange(6)
      rows["inner"]["deep"]["w"] = 0.5; rows["inner"]["v"] = np.arange(12).reshape(6, 2)
      rows["label"] = rows["inner"]["word"] = ["run", "sit"] * 3; rows["id"] = [1, 1, 1, 2, 2, 2]
      f["table"] = rows
      kind = h5py.h5t.C_S1.copy(); kind.set_size(6); kind.set_strpad(h5py.h5t.STR_SPACEPAD)
      record = h5py.h5t.create(h5py.h5t.COMPOUND, 10)
      record.insert(b"x", 0, h5py.h5t.NATIVE_FLOAT); record.insert(b"kind", 4, kind)
      padded = np.array([(i, [b"run   ", b"sit   "][i % 2]) for i in range(6)], [("x", "f4"), ("kind", "S6")])
      h5py.h5d.create(f.id, b"padded", record, h5py.h5s.create_simple((6,))).write(
          h5py.h5s.ALL, h5py.h5s.ALL, padded, record)
      """, in: fixture)
    var records = dataset(label == "kind" ? "padded" : "table", fixture)
    records.targetField = label
    if label != "kind" {
      records.fields = ["inner.y", "inner.deep.w", "inner.v"]
      records.sequenceField = "id"
    }
    let (file, _) = try fixture.make { try records.write(to: $0, progress: $1) }
    #expect(try file.dataset("classes").read(as: String.self) == ["run", "sit"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1, 0, 1, 0, 1])
    if label == "kind" { return }
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 6])
    var expected: [Double] = []
    for row in 0..<6 {
      let number = Double(row)
      expected += [-number, 0.5, 2 * number, 2 * number + 1]
    }
    #expect(try file.dataset("train/inputs").read(as: Double.self) == expected)
    records.fields = ["inner.z"]
    #expect(
      failure(records, fixture).contains(
        "has no field 'inner.z' of numbers; its fields are t, inner.x, inner.y, inner.deep.w, inner.v, id"))
  }

  /// Errors of cells name the cell, not where the file keeps it.
  @Test func errorsNameCells() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      refs = f.create_group("#refs#"); n = 0
      def put(value, kind="double"):
          global n; n += 1; refs[f"{n}"] = value; refs[f"{n}"].attrs["MATLAB_class"] = np.bytes_(kind)
          return refs[f"{n}"].ref
      def cells(refs): return np.array([[r] for r in refs], h5py.ref_dtype)
      inner = [put(np.zeros((2, 5))), put(np.array([[65], [66]], "u2"), "char")]
      f["data"] = cells(inner); f["data"].attrs["MATLAB_class"] = np.bytes_("cell")
      structures = []
      for i in range(3):
          g = refs.create_group(f"s{i}"); g["X"] = np.zeros((4, 3)) if i < 2 else np.array([[65, 66]], "u2")
          g["X"].attrs["MATLAB_class"] = np.bytes_("double" if i < 2 else "char"); structures.append(g.ref)
      f["runs"] = cells(structures); f["runs"].attrs["MATLAB_class"] = np.bytes_("cell")
      """, in: fixture)
    let cells = failure(dataset("data", fixture), fixture)
    #expect(cells.contains("data/2") && !cells.contains("#refs#"), "\(cells)")
    let structures = failure(dataset("runs/{}/X", fixture), fixture)
    #expect(structures.contains("dataset /runs/3/X: is text of MATLAB"), "\(structures)")
  }

  /// R (rhdf5) and Octave store dimensions in reverse; what is read as sequences is asked for.
  @Test(arguments: ["R", "Octave"]) func reversedDimensions(_ program: String) throws {
    let fixture = try Fixture()
    // In the program, `[sequence, step, feature]`, and one series `[step, feature]`.
    try Self.make(
      """
      x = np.arange(6 * 4 * 2.0).reshape(6, 4, 2)
      if "\(program)" == "R":
          f["x"] = x.T; f["y"] = np.arange(6) % 2; f["s"] = x[:, :, 0].T
          for d in f.values(): d.attrs["rhdf5-NA.OK"] = np.int32(1)
      else:
          for name, value in [("x", x), ("y", (np.arange(6) % 2)[:, None]), ("s", x[:, :, 0])]:
              g = f.create_group(name); g.attrs["OCTAVE_NEW_FORMAT"] = np.uint8(1); g["value"] = value.T
              g["type"] = np.bytes_("matrix")
      """, in: fixture)
    let end = program == "R" ? "" : "/value"
    var array = dataset("x\(end)", fixture)
    array.targets = "y\(end)"
    let asked = failure(array, fixture)
    #expect(
      asked.contains(
        "is 6 x 4 x 2 in \(program), which stores dimensions in reverse; say with --axes FTN that these are sequences x steps x"
      ), "\(asked)")
    array.axes = "FTN"
    let (file, _) = try fixture.make { try array.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").read(as: Double.self) == (0..<48).map(Double.init))
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1, 0, 1, 0, 1])
    var series = dataset("s\(end)", fixture)
    #expect(failure(series, fixture).contains("say with --axes FT that its rows there are steps"))
    series.axes = "FT"
    let (one, _) = try fixture.make { try series.write(to: $0, progress: $1) }
    #expect(try one.dataset("train/inputs").shape == [6, 4])
    #expect(
      try one.dataset("train/inputs").read(as: Double.self) == stride(from: 0.0, to: 48, by: 2).map(\.self))
  }

  /// Trials of several subjects: an array of sequences in each group.
  @Test(arguments: ["s{}/y", "s{}@label", ""]) func arraysInGroups(_ targets: String) throws {
    let fixture = try Fixture()
    try Self.make(
      """
      for s in (10, 2):
          g = f.create_group(f"s{s}"); g["X"] = 100 * s + np.arange(3 * 2 * 4.0).reshape(3, 2, 4)
          g["y"] = np.array([b"left", b"right", b"left"]); g.attrs["label"] = s; g.attrs["site"] = f"site{s}"
      """, in: fixture)
    var arrays = dataset("s{}/X", fixture)
    #expect(
      failure(arrays, fixture).contains(
        "NTF reads several sequences of each, TFF makes features of the last 2"))
    (arrays.axes, arrays.targets, arrays.groups) = ("NFT", targets.isEmpty ? nil : targets, "s{}@site")
    let (file, _) = try fixture.make { try arrays.write(to: $0, progress: $1) }
    #expect(
      try file.dataset("train/names").read(as: String.self) == ["2/0", "2/1", "2/2", "10/0", "10/1", "10/2"])
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 4, 8, 12, 16, 20, 24])
    // Channels before steps.
    var expected: [Double] = []
    for start in [200, 1000] {
      for row in 0..<3 {
        for step in 0..<4 {
          for channel in 0..<2 { expected.append(Double(start + 8 * row + 4 * channel + step)) }
        }
      }
    }
    #expect(try file.dataset("train/inputs").read(as: Double.self) == expected)
    switch targets {
    case "s{}/y":
      #expect(try file.dataset("classes").read(as: String.self) == ["left", "right"])
      #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1, 0, 0, 1, 0])
    case "s{}@label":
      #expect(try file.dataset("train/targets").read(as: Int.self) == [2, 2, 2, 10, 10, 10])
    default: break
    }
    arrays.targets = "s2/y"
    #expect(failure(arrays, fixture).contains("name the targets of each with '{}'"))
  }
}
