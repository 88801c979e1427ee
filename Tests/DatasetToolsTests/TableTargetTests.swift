import HDF5
import TestSupport
import Testing
import WeftBase

@testable import DatasetTools

/// What is to be predicted from which columns of a table.
@Suite("Targets of tables") struct TableTargetTests {
  private static func numbers(_ file: File, _ path: String) throws -> [Double] {
    try file.dataset(path).read(as: Double.self)
  }

  private static func recipe(_ file: File) throws -> ConfigurationRecipe {
    try ConfigurationRecipe(DatasetFacts(file.path, progress: ProgressReporter()), path: file.path)
  }

  /// As `t.groupby('case').activity.shift(-1)` of pandas has them.
  @Test func theNameInTheNextRowIsAClass() throws {
    let fixture = try Fixture()
    let table = "case,activity\na,open\na,check\na,close\nb,open\nb,close\n"
    var dataset = TableDataset(file: try fixture.write(table, "t.csv"), inputs: ["activity"])
    (dataset.group, dataset.next) = ("case", "activity")
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let names = try file.dataset("classes").read(as: String.self)
    let targets = try file.dataset("train/targets").read(as: Int.self)
    #expect(
      targets.map { $0 < 0 ? "" : names[$0] } == ["check", "close", "", "close", ""])
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 5])
  }

  @Test func theNextNameIsNotReadBackward() throws {
    let fixture = try Fixture()
    let items = ["p", "q", "r", "s", "t"]
    let rows = (0..<400).map { "u\($0 / 20),\(items[($0 * $0 / 7 + $0) % 5])\n" }
    let path = try fixture.write("user,item\n" + rows.joined(), "t.csv")
    var dataset = TableDataset(file: path, inputs: ["item"])
    (dataset.group, dataset.next) = ("user", "item")
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let recipe = try Self.recipe(file)
    #expect(recipe.title == "Which of 5 classes comes next, at each step")
    let configuration = try recipe.configuration()
    #expect(!configuration.model.isBidirectional && configuration.data.categories == ["item"])
    #expect(!recipe.notes.contains { $0.contains("bidirectional") })
  }

  @Test(arguments: [
    ("x", "--next: 'x' contains numbers, which --horizon 1 --configuration FILE.yaml forecasts"),
    ("y", "no column 'y'"),
  ])
  func numbersAreNoNextNames(column: String, message: String) throws {
    let fixture = try Fixture()
    let path = try fixture.write("x,n\n1.5,a\n2.5,b\n3.5,a\n", "t.csv")
    var dataset = TableDataset(file: path, inputs: ["n"])
    dataset.next = column
    #expect(fixture.failure { try dataset.write(to: $0, progress: $1) }.contains(message))
  }

  /// As `y[window - 1::window]` of numpy has them.
  @Test func windowsHaveTheTargetOfTheirLastRow() throws {
    let fixture = try Fixture()
    let rows = (0..<11).map { "\($0),\(10 * $0)\n" }
    var dataset = TableDataset(
      file: try fixture.write("x,y\n" + rows.joined(), "t.csv"), inputs: ["x"])
    (dataset.targets, dataset.window, dataset.targetPer) = (["y"], 3, .window)
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").shape == [3, 3, 1])
    #expect(try Self.numbers(file, "train/targets") == [20, 50, 80])
    #expect(try Self.recipe(file).title == "A number for each sequence")
  }

  @Test func namesOfFilesTellClasses() throws {
    let fixture = try Fixture()
    let files = try ["circle_1", "circle_2", "wave_1"].enumerated().map { number, name in
      try fixture.write("x\n\(number)\n\(number + 10)\n", "\(name).csv")
    }
    var dataset = TableDataset(file: files[0], inputs: ["x"])
    dataset.furtherFiles = Array(files.dropFirst())
    dataset.classPattern = try NamePattern("{class}_*", option: "--class-from")
    (dataset.group, dataset.targets) = (TableDataset.fileColumn, [TableDataset.classColumn])
    (dataset.targetPer, dataset.targetsAreClasses) = (.group, true)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let names = try file.dataset("classes").read(as: String.self)
    #expect(
      try file.dataset("train/targets").read(as: Int.self).map { names[$0] } == ["circle", "circle", "wave"])
    #expect(try Self.numbers(file, "train/inputs") == [0, 10, 1, 11, 2, 12])
    #expect(summary.notes.contains { $0.contains("read the classes of 3 files from their names") })
  }

  @Test func aClassOfItsOwnForEachSequenceIsTold() throws {
    let fixture = try Fixture()
    let files = try (0..<3).map { try fixture.write("x\n\($0)\n\($0 + 10)\n", "r\($0).csv") }
    var dataset = TableDataset(file: files[0], inputs: ["x"])
    dataset.furtherFiles = Array(files.dropFirst())
    (dataset.group, dataset.targets) = (TableDataset.fileColumn, [TableDataset.fileColumn])
    (dataset.targetPer, dataset.targetsAreClasses) = (.group, true)
    let (_, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(summary.notes.contains { $0.contains("each sequence has a class of its own") })
  }

  /// Numbers are forecast, names beside them are inputs.
  @Test func namesBesideNumbersAreNotForecast() throws {
    let fixture = try Fixture()
    let rows = (0..<60).map { "\($0 * 7919 % 13),\(["n", "e", "s"][$0 % 3])\n" }
    var dataset = TableDataset(
      file: try fixture.write("speed,wind\n" + rows.joined(), "t.csv"), inputs: ["speed", "wind"])
    dataset.forecasts = true
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(
      try file.dataset("train/targets").attributes.values("feature_names", as: String.self) == ["speed"])
    #expect(summary.notes.contains("'wind', of names, is read as an input, and not forecast"))
    let recipe = try Self.recipe(file)
    #expect(recipe.title.contains(" of speed from the "))
    #expect(try recipe.configuration().data.categories == ["wind"])
  }

  /// All columns are inputs of a forecast, that of the target among them, whose own past tells most.
  @Test func theTargetOfAForecastIsAnInput() throws {
    let fixture = try Fixture()
    let rows = (0..<60).map { "\($0 * 7919 % 13),\($0 * 31 % 17)\n" }
    let path = try fixture.write("load,OT\n" + rows.joined(), "t.csv")
    var dataset = TableDataset(file: path, inputs: ["*"])
    (dataset.targets, dataset.forecasts) = (["OT"], true)
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(
      try file.dataset("train/inputs").attributes.values("feature_names", as: String.self) == ["load", "OT"])
    #expect(try Self.numbers(file, "train/targets") == (0..<60).map { Double($0 * 31 % 17) })
    #expect(try Self.recipe(file).title.contains(" steps of OT from the "))
    var other = TableDataset(file: path, inputs: ["load"])
    (other.targets, other.forecasts) = (["OT"], true)
    let (_, summary) = try fixture.make { try other.write(to: $0, progress: $1) }
    #expect(summary.notes.contains { $0.contains("the target 'OT' is no input, so that its own past") })
  }

  /// As competitions have `test.csv`: the days to forecast, without what was sold on them.
  @Test func aLaterFileMayLackWhatIsToBeForecast() throws {
    let fixture = try Fixture()
    let known = (0..<8).map { "2026-01-0\($0 + 1),\(100 + $0),\($0 % 2)\n" }
    let train = try fixture.write("day,sales,promotion\n" + known.joined(), "train.csv")
    let test = try fixture.write("id,day,promotion\n1,2026-01-09,0\n2,2026-01-10,1\n", "test.csv")
    var dataset = TableDataset(file: train, inputs: ["sales"])
    dataset.furtherFiles = [test]
    (dataset.covariates, dataset.time) = (["promotion"], "day")
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try Self.numbers(file, "train/inputs") == (100..<108).map(Double.init))
    #expect(try Self.numbers(file, "train/future/covariates") == [0, 1])
    #expect(
      summary.notes.contains {
        $0.contains("test.csv: has no column 'sales', which") && $0.contains("to be forecast; left out 'id'")
      })
    dataset.covariates = []
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.contains(
        "but for what is to be forecast where --covariates tells the rest"))
  }

  /// Sentences whose number is in the row of their first word alone.
  @Test func namesInTheFirstRowOfAGroupAloneAreTold() throws {
    let fixture = try Fixture()
    let path = try fixture.write("s,word\n1,a\n,b\n,c\n2,d\n,e\n", "t.csv")
    var dataset = TableDataset(file: path, inputs: ["word"])
    dataset.group = "s"
    let (_, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let filled = "t[['s']] = t[['s']].ffill()"
    #expect(summary.notes.contains { $0.contains("pandas.read_csv('t.csv'); \(filled)") })
    dataset.format.encoding = .windows1252
    let (_, other) = try fixture.make("w.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(
      other.notes.contains { $0.contains("pandas.read_csv('t.csv', encoding='windows-1252'); \(filled)") })
  }
}
