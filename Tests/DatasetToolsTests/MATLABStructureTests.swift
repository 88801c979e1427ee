import DatasetTools
import Foundation
import HDF5
import Testing

@testable import WeftBase

/// Structures in cells and objects, in files that scipy reads: `Fixtures/MATLAB/make_matlab.py`.
@Suite("Structures and objects of MATLAB") struct MATLABStructureTests {
  private func convert(
    _ name: String, _ inputs: [String], targets: String? = nil, axes: String = ""
  ) throws -> (file: File, notes: [String]) {
    var dataset = HierarchyDataset(files: [Fixture.path("MATLAB/\(name)")], inputs: inputs)
    (dataset.targets, dataset.axes) = (targets, axes)
    let (file, summary) = try Fixture().make { try dataset.write(to: $0, progress: $1) }
    return (file, summary.notes)
  }

  private func failure(_ name: String, _ inputs: String, targets: String? = nil) throws -> String {
    var dataset = HierarchyDataset(files: [Fixture.path("MATLAB/\(name)")], inputs: [inputs])
    dataset.targets = targets
    return try Fixture().failure { try dataset.write(to: $0, progress: $1) }
  }

  /// NASA's batteries: an array of structures, of which some lack the field.
  @Test func fieldsOfStructuresInCells() throws {
    let (file, notes) = try convert(
      "structures.mat", ["B5/cycle/data/{}/voltage", "B5/cycle/data/{}/current"],
      targets: "B5/cycle/data/{}/capacity")
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 7], "\(notes)")
    let voltages: [Double] = [0, 1, 2, 200, 201, 202, 203]
    let expected = voltages.flatMap { [$0, 10 + $0] }
    #expect(try file.dataset("train/inputs").read(as: Double.self) == expected)
    #expect(try file.dataset("train/targets").read(as: Double.self) == [1.5, -0.5])
    #expect(try file.dataset("train/names").read(as: String.self) == ["1", "3"])
    #expect(
      notes.contains(
        "1 group without 'B5/cycle/data/{}/voltage' or 'B5/cycle/data/{}/capacity' skipped: 2"), "\(notes)")
  }

  /// DREAMER: cells in structures in cells, steps x features.
  @Test func cellsOfStructuresInCells() throws {
    let (file, _) = try convert(
      "structures.mat", ["DREAMER/Data/{}/eeg/stimuli/{}"], targets: "DREAMER/Data/{}/score", axes: "FT")
    #expect(try file.dataset("train/targets").read(as: Double.self) == [1, 3, 2, 4])
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 7, 10, 14])
    #expect(try file.dataset("train/names").read(as: String.self) == ["1/1", "1/2", "2/1", "2/2"])
    let clips: [(value: Double, steps: Int)] = [(0, 3), (1, 4), (100, 3), (101, 4)]
    let expected = clips.flatMap { [Double](repeating: $0.value, count: 2 * $0.steps) }
    #expect(try file.dataset("train/inputs").read(as: Double.self) == expected)
  }

  @Test func structuresTellTheirFields() throws {
    let path = Fixture.path("MATLAB/structures.mat")
    #expect(
      try failure("structures.mat", "DREAMER/Data")
        == "\(path): dataset /DREAMER/Data: element 0 is a structure or group of age, eeg, score; name what is in each, as"
        + " '/DREAMER/Data/{}/NAME'")
  }

  @Test(arguments: [
    ("T", "table", "table2array(x), or each of its columns"), ("when", "datetime", "posixtime(x)"),
    ("map", "containers.Map", "cell2mat(values(x)), and keys(x)"),
  ])
  func objectsAreRefusedByName(_ name: String, _ className: String, _ remedy: String) throws {
    let message =
      "\(Fixture.path("MATLAB/objects.mat")): dataset /\(name): is of MATLAB's class \(className), which only MATLAB reads;"
      + " save \(remedy)"
    #expect(try failure("objects.mat", name) == message)
    #expect(try failure("objects.mat", "X", targets: name) == message)
  }

  @Test func arraysBesideObjectsAreRead() throws {
    let (file, _) = try convert("objects.mat", ["X"], axes: "FT")
    #expect(try file.dataset("train/inputs").read(as: Double.self) == (0..<6).map(Double.init))
  }
}
