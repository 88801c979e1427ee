import DatasetTools
import HDF5
import TestSupport
import Testing
import WeftBase
import WeftTasks

/// Data that can be read in two ways.
@Suite struct UndecidedDataTests {
  private static func recipe(_ path: String, _ settings: String) throws -> ConfigurationRecipe {
    var configuration = Configuration()
    if !settings.isEmpty {
      configuration = try Configuration(
        yaml: "{data: {file: x, \(settings)}, model: {cell: lstm, hidden: 1}, training: {epochs: 1}}",
        name: "settings")
    }
    let facts = try DatasetFacts(path, settings: configuration.data, progress: ProgressReporter())
    return try ConfigurationRecipe(facts, path: path)
  }

  /// A matrix of numbers with a target for each row.
  private static func matrix(_ fixture: Fixture) throws -> String {
    let path = fixture.path("rows.h5")
    let file = try File(creating: path)
    try file.write("train/inputs", (0..<320).map { Float($0 % 7) / 3 }, shape: [32, 10])
    try file.write("train/targets", (0..<32).map { Float($0) / 3 })
    try file.close()
    return path
  }

  @Test func matricesOfIntegersAreWhatSettingsSay() throws {
    let fixture = try Fixture()
    let path = fixture.path("padded.h5")
    let file = try File(creating: path)
    for split in ["train", "test"] {
      try file.write("X_\(split)", (0..<320).map { Int32($0 % 50) }, shape: [32, 10])
      try file.write("y_\(split)", (0..<32).map { $0 % 2 })
    }
    try file.close()
    let error = #expect(throws: WeftError.self) { try Self.recipe(path, "") }
    #expect(error?.message.contains("; choose as by --set data.format=dense") == true)
    #expect(error?.message.contains("need data.vocabulary_size") == true)
    #expect(try Self.recipe(path, "format: dense").title == "Which of 2 classes each sequence is of")
    #expect(try Self.recipe(path, "format: stream").title == "Which of 2 classes each step is of")
    let tokens = try Self.recipe(path, "vocabulary_size: 50")
    #expect(tokens.title == "Which of 2 classes each sequence is of")
    #expect(tokens.yaml().contains("  embedding: "))
  }

  @Test func matricesOfNumbersAreWhatSettingsSay() throws {
    let fixture = try Fixture()
    let path = try Self.matrix(fixture)
    #expect(throws: WeftError.self) { try Self.recipe(path, "") }
    #expect(try Self.recipe(path, "format: dense").title == "A number for each sequence")
    #expect(try Self.recipe(path, "format: stream").title == "A number for each step")
  }

  @Test(arguments: [(12, 1000, true), (1000, 12, false), (12, 64, false)])
  func channelsThatComeFirstAreTold(steps: Int, features: Int, isTold: Bool) throws {
    let fixture = try Fixture()
    let path = fixture.path("recordings.h5")
    let file = try File(creating: path)
    try file.write(
      "train/inputs", (0..<4 * steps * features).map { Float($0 % 11) }, shape: [4, steps, features])
    try file.write("train/targets", (0..<4).map { $0 % 2 })
    try file.close()
    let notes = try Self.recipe(path, "").notes.joined()
    #expect(notes.contains("--axes NCT") == isTold)
  }

  @Test func rowsWithASingleOneAreTold() throws {
    let fixture = try Fixture()
    let path = fixture.path("rows.h5")
    let file = try File(creating: path)
    try file.write("train/inputs", (0..<240).map { Float($0 % 7) / 3 }, shape: [12, 10, 2])
    try file.write("train/targets", (0..<36).map { $0 % 4 == 0 ? Float(1) : 0 }.sorted(), shape: [12, 3])
    try file.close()
    #expect(try !DatasetFacts(path, progress: ProgressReporter()).understanding.contains("a class"))
    let oneHot = fixture.path("one-hot.h5")
    let other = try File(creating: oneHot)
    try other.write("train/inputs", (0..<240).map { Float($0 % 7) / 3 }, shape: [12, 10, 2])
    try other.write("train/targets", (0..<36).map { $0 % 3 == $0 / 3 % 3 ? Float(1) : 0 }, shape: [12, 3])
    try other.close()
    #expect(
      try DatasetFacts(oneHot, progress: ProgressReporter()).understanding.hasSuffix(
        "targets: 3 numbers for each sequence, of which a single one is 1: a class"))
  }

  @Test func assignmentsAreWritten() throws {
    let fixture = try Fixture()
    let path = try Self.matrix(fixture)
    var recipe = try Self.recipe(path, "format: dense")
    try recipe.set("data.format=dense")
    try recipe.set("model.hidden=7")
    let configuration = try recipe.configuration()
    #expect(configuration.data.format == .dense && configuration.model.hidden == 7)
    #expect(throws: WeftError.self) { try recipe.set("hidden") }
  }
}
