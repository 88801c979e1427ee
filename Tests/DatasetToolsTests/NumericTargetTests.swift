import HDF5
import TestSupport
import Testing
import WeftBase
import WeftData
import WeftTasks

@testable import DatasetTools

/// Numbers to be predicted for texts and rows of series, which are no classes. Values follow from the texts.
@Suite("Numeric targets") struct NumericTargetTests {
  private static let molecules = """
    Compound ID,measured log solubility in mols per litre,smiles
    Amigdalin,-0.77,OCC3OC
    Fenfuram,-3.3,Cc1occc1C
    citral,-2.06,CC(C)=CCCC
    Picene,1e-3,c1ccc2

    """

  private func texts(_ fixture: Fixture, _ path: String, _ labels: RecordLabels) -> LabelledTextDataset {
    LabelledTextDataset(
      paths: [path], form: .records(texts: ["smiles"], labels, TableFormat()),
      vocabulary: VocabularyOptions(unit: .character))
  }

  /// As ESOL, the file `delaney-processed.csv`.
  @Test func numbersOfTexts() throws {
    let fixture = try Fixture()
    let name = "measured log solubility in mols per litre"
    let path = try fixture.write(Self.molecules, "delaney.csv")
    let (file, _) = try fixture.make {
      try texts(fixture, path, .numbers([name])).write(to: $0, progress: $1)
    }
    let targets = try file.dataset("train/targets")
    #expect(try targets.shape == [4, 1] && targets.datatype.isNumeric)
    #expect(try targets.read(as: Float.self) == [-0.77, -3.3, -2.06, 1e-3])
    #expect(try targets.attributes.values("feature_names", as: String.self) == [name])
    #expect(try !file.contains("classes"))
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 6, 15, 25, 31])
    let facts = try DatasetFacts(fixture.path("out.h5"), progress: ProgressReporter())
    let recipe = try ConfigurationRecipe(facts, path: "out.h5")
    #expect(recipe.shortYAML.contains("kind: squared-error"), "\(recipe.shortYAML)")
  }

  @Test func numbersOfJSONLines() throws {
    let fixture = try Fixture()
    let path = try fixture.write(
      "{\"smiles\": \"CC\", \"a\": 3, \"b\": 0.25}\n{\"smiles\": \"CO\", \"b\": -1, \"a\": 1e2}\n", "x.jsonl")
    let (file, _) = try fixture.make {
      try texts(fixture, path, .numbers(["a", "b"])).write(to: $0, progress: $1)
    }
    #expect(try file.dataset("train/targets").read(as: Float.self) == [3, 0.25, 100, -1])
    for (line, message) in [
      ("{\"smiles\": \"CC\", \"a\": null}", "'a' is null; give the number, remove the line"),
      ("{\"smiles\": \"CC\", \"a\": \"x\"}", "'a' is not a number"),
      ("{\"smiles\": \"CC\", \"a\": 1e40}", "'a' 1e+40 exceeds the range of 32-bit numbers"),
    ] {
      let path = try fixture.write(line + "\n", "y.jsonl")
      let failure = fixture.failure {
        try texts(fixture, path, .numbers(["a"])).write(to: $0, progress: $1)
      }
      #expect(failure.contains(message), "\(failure)")
    }
  }

  @Test(arguments: [
    ("", "has no number; give it, remove the row, or leave out --target-field"),
    ("high", "'high' is not a number; --label-field reads classes"),
    ("1e39", "exceeds the range of 32-bit numbers"),
  ])
  func otherCells(_ cell: String, _ message: String) throws {
    let fixture = try Fixture()
    let path = try fixture.write("smiles,y\nCC,1\nCO,\(cell)\n", "x.csv")
    let failure = fixture.failure {
      try texts(fixture, path, .numbers(["y"])).write(to: $0, progress: $1)
    }
    #expect(failure.contains("line 3") && failure.contains("'y'") && failure.contains(message), "\(failure)")
  }

  /// Decimals that are read as classes are told, and no regression is made of the numbers of these classes.
  @Test func classesThatAreNumbers() throws {
    let fixture = try Fixture()
    let path = try fixture.write(
      Self.molecules.replacing("measured log solubility in mols per litre", with: "y"), "delaney.csv")
    let (_, summary) = try fixture.make {
      try texts(fixture, path, .field("y", separator: nil)).write(to: $0, progress: $1)
    }
    #expect(
      summary.notes.contains {
        $0.hasPrefix("classes such as ") && $0.contains("--target-field reads numbers")
      },
      "\(summary.notes)")
    let output = fixture.path("out.h5")
    let error = #expect(throws: WeftError.self) {
      try DatasetFile.checkTargetsAreNumbers(in: output, split: "train")
    }
    #expect(error?.message.contains("class 0 is named '-0.77'; write the numbers themselves") == true)
    // Classes that are named by their own numbers are what they are.
    let plain = try fixture.write("smiles,y\nCC,0\nCO,1\nCN,2\nCS,1\n", "plain.csv")
    let (_, other) = try fixture.make {
      try texts(fixture, plain, .field("y", separator: nil)).write(to: $0, progress: $1)
    }
    #expect(!other.notes.contains { $0.contains("--target-field") })
    #expect(throws: Never.self) { try DatasetFile.checkTargetsAreNumbers(in: output, split: "train") }
  }

  /// Windows of a series and the number after them in each row.
  @Test func numbersOfRows() throws {
    let fixture = try Fixture()
    let path = try fixture.write("x1,x2,y,z\n1,2,3.5,0\n2,3,4.25,1\n", "windows.csv")
    var dataset = WideTableDataset(file: path, names: [])
    dataset.targets = ["y", "z"]
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").read(as: Float.self) == [1, 2, 2, 3])
    #expect(try file.dataset("train/targets").read(as: Float.self) == [3.5, 0, 4.25, 1])
    #expect(
      try file.dataset("train/targets").attributes.values("feature_names", as: String.self) == ["y", "z"])
    dataset.targets = ["y"]
    dataset.skipped = ["z*"]
    dataset.file = try fixture.write("x1,x2,y,z\n1,2,,0\n2,3,4.25,1\n", "gap.csv")
    let failure = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(failure.contains("line 2, column 'y': has no number"), "\(failure)")
    dataset.missing = .keep
    let (kept, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try kept.dataset("train/targets").read(as: Float.self).map(\.isNaN) == [true, false])
    // Decimals as classes.
    var classes = WideTableDataset(
      file: try fixture.write("x1,x2,y\n1,2,3.5\n2,3,4.25\n3,4,5.75\n", "three.csv"), names: [])
    classes.classColumn = "y"
    let (_, summary) = try fixture.make { try classes.write(to: $0, progress: $1) }
    #expect(summary.notes.contains { $0.contains("--target y reads numbers") }, "\(summary.notes)")
  }
}
