import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftLayers
@testable import WeftMetrics
@testable import WeftTasks

@Suite struct ConfigurationTests {
  static let minimal = """
    data:
      file: speech.h5
    model:
      cell: gru
      hidden: 64
    training:
      epochs: 3

    """

  @Test func readsEveryKindOfValue() throws {
    let configuration = try Configuration(
      yaml: """
        # A comment.
        data: {file: "a b.h5", inputs: [x, y], window: 1_000}
        model:
          cell: rnn-relu
          hidden: 7
          bidirectional: true
          dropout: 2.5e-1
        training: {steps: 10, seed: 18446744073709551615}
        schedule:
        """)
    #expect(configuration.data.file == "a b.h5")
    #expect(configuration.data.inputs == ["x", "y"])
    #expect(configuration.data.window == 1000)
    #expect(configuration.model.cell == .relu)
    #expect(configuration.model.isBidirectional)
    #expect(configuration.model.dropout == 0.25)
    #expect(configuration.training.seed == .max)
    #expect(configuration.training.epochs == nil)
    #expect(configuration.schedule == ScheduleConfiguration())
  }

  @Test func overridesTakeThePlaceOfTheFile() throws {
    let configuration = try Configuration(
      yaml: Self.minimal,
      overrides: [
        "model.hidden=8", "model.hidden=9", "data.inputs=[a, b]", "training={epochs: null, steps: 5}",
        "data.split.test=a=b",
      ])
    #expect(configuration.model.hidden == 9)
    #expect(configuration.data.inputs == ["a", "b"])
    #expect(configuration.training.epochs == nil)
    #expect(configuration.training.steps == 5)
    #expect(configuration.data.split.test == "a=b")
  }

  @Test func storedTextReadsBackTheSame() throws {
    var configuration = try Configuration(
      yaml: Self.minimal, overrides: ["model.embedding=12", "data.inputs=[a, 'b: c']", "data.targets=null"])
    configuration.optimizer.epsilon = 1e-8
    configuration.optimizer.learningRate = 0.1 + 0.2
    configuration.data.split.train = "true"
    configuration.data.split.validation = "3"
    configuration.data.split.test = "tab\there \"ñ\\\n\u{1}\u{2028} ~"
    configuration.data.lengths = ""
    let text = configuration.yaml
    let copy = try Configuration(yaml: text)
    #expect(copy == configuration)
    #expect(copy.yaml == text)
    #expect(text.contains("\n  epsilon: 1.0e-08\n"))
    #expect(!text.contains("  targets"))
  }

  @Test func everyKeyReadsWhatItWrites() throws {
    let defaults = Configuration()
    for key in Configuration.keys {
      guard let text = key.text(defaults), key.path != "data.file" else { continue }
      let copy = try Configuration(yaml: Self.minimal, overrides: ["\(key.path)=\(text)"])
      #expect(key.text(copy) == text, "\(key.path)")
    }
  }

  @Test func theDataFileIsRelativeToTheConfigurationFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("train.yaml")
    try Data(Self.minimal.utf8).write(to: URL(filePath: path))
    #expect(
      try Configuration(file: path).data.file
        == folder.file("speech.h5"))
    #expect(try Configuration(file: path, overrides: ["data={file: b.h5}"]).data.file == "b.h5")
    #expect(try Configuration(file: path, overrides: ["model.hidden=3"]).data.file.hasSuffix("/speech.h5"))
  }

  @Test func namesTheDifferences() throws {
    let old = try Configuration(yaml: Self.minimal)
    let new = try Configuration(
      yaml: Self.minimal, overrides: ["model.hidden=65", "model.embedding=5", "training.keep=9"])
    let differences = new.differences(from: old)
    #expect(
      differences.map(\.description) == [
        "model.hidden: 65, was 64", "model.embedding: 5, was not set", "training.keep: 9, was 3",
      ])
    #expect(differences.map(\.changesResult) == [true, true, false])
    #expect(old.differences(from: old).isEmpty)
  }

  @Test func validatesWhatWasPutTogetherInCode() {
    var configuration = Configuration()
    configuration.data.file = "data.h5"
    #expect(throws: WeftError.configuration("training: needs 'epochs' or 'steps'")) {
      try configuration.validate()
    }
    configuration.training.steps = 1
    #expect(throws: Never.self) { try configuration.validate() }
  }

  @Test func theReferenceHoldsEveryKey() {
    let reference = Configuration.reference
    #expect(
      reference.contains(
        "| `layers` | an integer, at least 0 and at most 1024 | `1` | Number of stacked recurrent layers."
      ))
    #expect(reference.contains("| `hidden` | an integer, at least 1 and at most 1048576 | required |"))
    #expect(
      reference.split(separator: "\n").filter { $0.hasPrefix("| `") }.count
        == Configuration.keys.count + BlockConfiguration.keys.count)
    #expect(Set(Configuration.keys.map(\.path)).count == Configuration.keys.count)
  }

  @Test func ruleNamesAreKeysOrSections() {
    for rule in Configuration.rules {
      #expect(Configuration.keys.contains { $0.path == rule.path || $0.path.hasPrefix(rule.path + ".") })
    }
  }

  @Test(arguments: [
    ("", "", 0), ("cel", "cell", 1), ("trian", "train", 1), ("kitten", "sitting", 3), ("", "abc", 3),
  ]) func countsEdits(_ source: String, _ target: String, _ distance: Int) {
    #expect(source.editDistance(to: target) == distance)
    #expect(target.editDistance(to: source) == distance)
  }
}
