import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase

/// Which targets the sequences of other organizations get, in a file made by h5py.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct HierarchyTargetTests {
  private static func make(in fixture: Fixture) throws -> String {
    let made = try Python.run(
      """
      import h5py, numpy as np
      x = np.arange(40, dtype="f4").reshape(5, 4, 2); y = np.arange(20).reshape(5, 4)
      with h5py.File("data.h5", "w") as f:
          f["x"] = x; f["xTNF"] = x.transpose(1, 0, 2); f["yTN"] = y.T; f["yNT"] = y
          f["y9"] = np.arange(9); f["y5"] = np.arange(5); f["y7"] = np.arange(7)
          f["filled"] = np.array([0, 1, 127, 1, 0], "i1"); f["filled"].attrs["_FillValue"] = np.int8(127)
          f["padded"] = np.where(np.arange(4)[:, None] < np.array([4, 2, 4, 3, 1])[:, None, None], x, np.nan)
          f["packed"] = np.full((5, 4, 2), 100, "i2"); f["packed"][0, 0, 0] = -32767
          f["packed"].attrs["scale_factor"] = 1.05; f["packed"].attrs["_FillValue"] = np.int16(-32767)
          kinds = [h5py.enum_dtype(m, basetype="i1") for m in ({"a": 0, "b": 1}, {"b": 0, "a": 1})]
          for i in range(6):
              g = f.create_group(f"s/{i}"); g.create_dataset("kind", data=np.int8(0), dtype=kinds[i % 2])
              if i == 3: continue
              g["x"] = np.full((3, 2), 100, "i2"); g["x"].attrs["scale_factor"] = i + 1.0
              e = f.create_group(f"e/{i}"); e["x"] = np.arange(2 * i + 2.0)
              e.attrs.create("kind", np.int8(0), dtype=kinds[i % 2])
          f.create_dataset("rows", (4,), h5py.vlen_dtype("f4")); f["hot"] = np.eye(3)[[0, 2, 1, 1]]
          for i, count in enumerate([3, 1, 2, 4]): f["rows"][i] = np.arange(count)
          f["records"] = np.zeros(10, [("a", "f4"), ("k", "i4")])
          f["W"] = np.arange(20.0).reshape(10, 2); f["Y"] = np.arange(10.0)[::-1].reshape(10, 1)
          f["A"] = np.array([[1, 1]] * 3 + [[1, 2]] * 4 + [[2, 1]] * 3, "f8")
      """, in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
    return fixture.path("data.h5")
  }

  @Test(
    arguments: [
      ("xTNF", "TNF", "yTN", Array(0..<20)), ("xTNF", "TNF", "yNT", Array(0..<20)),
      ("x", "", "yNT", Array(0..<20)), ("xTNF", "TNF", "y5", Array(0..<5)),
      ("x", "", "filled", [0, 1, -1, 1, 0]),
      ("padded", "", "yNT", [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 16]),
      ("s/{}/x", "", "y5", Array(0..<5)), ("s/{}/x", "", "s/{}/kind", [0, 1, 0, 0, 1]),
    ] as [(String, String, String, [Int])])
  func everySequenceHasItsOwn(_ inputs: String, _ axes: String, _ targets: String, _ wanted: [Int]) throws {
    let fixture = try Fixture()
    var dataset = HierarchyDataset(files: [try Self.make(in: fixture)], inputs: [inputs])
    (dataset.axes, dataset.targets) = (axes, targets)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(summary.splits.map(\.count) == [5])
    #expect(try file.dataset("train/targets").read(as: Int.self) == wanted)
    if inputs.contains("{}") {
      // Each with its own scale; the fourth group has no inputs, which is told.
      let values = try file.dataset("train/inputs").read(as: Int.self)
      #expect((0..<5).map { values[6 * $0] } == [100, 200, 300, 500, 600])
      #expect(summary.notes.contains("1 group without 's/{}/x' skipped: 3"), "\(summary.notes)")
    }
    if inputs == "padded" {
      #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 4, 6, 10, 13, 14])
      #expect(summary.notes.contains("missing steps cut from the end of 3 sequences"), "\(summary.notes)")
    }
  }

  /// Each with an enumeration of its own; the fourth group is missing.
  @Test func enumeratedAttributesAreClasses() throws {
    let fixture = try Fixture()
    var dataset = HierarchyDataset(files: [try Self.make(in: fixture)], inputs: ["e/{}/x"])
    dataset.targets = "e/{}@kind"
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("classes").read(as: String.self) == ["a", "b"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1, 0, 0, 1])
  }

  @Test func targetsOfOtherKindsAreNamed() throws {
    let fixture = try Fixture()
    let made = try Python.run(
      """
      import h5py, numpy as np
      with h5py.File("data.h5", "w") as f:
          for i, label in enumerate(["a", 1, "b"]):
              f[f"r{i}/x"] = np.zeros((3, 2)); f[f"r{i}"].attrs["label"] = label
      """, in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["r{}/x"])
    dataset.targets = "r{}@label"
    let failure = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(
      failure.contains("data.h5: sequence '0': the target 'a' is a text, but other sequences"), "\(failure)")
  }

  /// The first row of three is beside three steps.
  @Test func rowsMayBeAsLongAsASequence() throws {
    let fixture = try Fixture()
    var dataset = HierarchyDataset(files: [try Self.make(in: fixture)], inputs: ["rows"])
    dataset.targets = "hot"
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/targets").shape == [4, 3])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0])
  }

  @Test func packedNumbersAreUnpacked() throws {
    let fixture = try Fixture()
    let dataset = HierarchyDataset(files: [try Self.make(in: fixture)], inputs: ["packed"])
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let values = try file.dataset("train/inputs").read(as: Float.self)
    #expect(values[0].isNaN && values[1...].allSatisfy { $0 == 105 })
    #expect(summary.notes == ["/packed: missing values -32767.0, times 1.05"])
  }

  /// As in N-CMAPSS: the unit and the cycle of each step.
  @Test func sequencesBeginWhereADatasetChanges() throws {
    let fixture = try Fixture()
    var dataset = HierarchyDataset(files: [try Self.make(in: fixture)], inputs: ["/W"])
    (dataset.sequenceField, dataset.targets) = ("/A", "/Y")
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 7, 10])
    #expect(try file.dataset("train/names").read(as: String.self) == ["1/1", "1/2", "2/1"])
    #expect(try file.dataset("train/inputs").read(as: Int.self) == Array(0..<20))
    #expect(try file.dataset("train/targets").read(as: Int.self) == (0..<10).reversed())
  }

  @Test(
    arguments: [
      ("x", "y9", "", "dataset /y9: has the shape [9]; targets need one row for each of 5 sequences"),
      ("s/{}/x", "y7", "", "'y7' has 7 rows, but there are 5 sequences"),
      ("records", "y5", "", "--targets is a dataset, but"),
      ("x", nil, "width", "--width is for rows of variable length"),
      ("x", nil, "fields", "--fields is for records"),
      ("x", nil, "targetField", "--target-field is for records"),
      ("x", nil, "sequenceField", "--sequence-field:"),
      ("s/{}/x", nil, "fields", "--fields is for records, but '{}' names arrays"),
    ] as [(String, String?, String, String)])
  func whatCannotBeHonouredIsRefused(
    _ inputs: String, _ targets: String?, _ option: String, _ message: String
  ) throws {
    let fixture = try Fixture()
    var dataset = HierarchyDataset(files: [try Self.make(in: fixture)], inputs: [inputs])
    dataset.targets = targets
    switch option {
    case "width": dataset.width = 2
    case "fields": dataset.fields = ["a"]
    case "targetField": dataset.targetField = "a"
    case "sequenceField": dataset.sequenceField = "a"
    default: break
    }
    let failure = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(failure.contains(message), "\(failure)")
  }
}
