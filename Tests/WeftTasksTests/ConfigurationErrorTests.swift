import TestSupport
import Testing

@testable import WeftBase
@testable import WeftTasks

/// Every configuration error is one line with place, key and problem.
@Suite struct ConfigurationErrorTests {
  /// A mistake in a file, with its error line.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let yaml: String
    let message: String
    var testDescription: String { message }

    init(_ yaml: String, _ message: String) {
      self.yaml = yaml
      self.message = message
    }
  }

  static let mistakes = [
    Mistake("model:\n  cel: lstm", "train.yaml:2: model.cel: unknown key; did you mean 'cell'?"),
    Mistake("modle:\n  cell: lstm", "train.yaml:1: modle: unknown key; did you mean 'model'?"),
    Mistake("model: {hidne: 3}", "train.yaml:1: model.hidne: unknown key; did you mean 'hidden'?"),
    Mistake(
      "data:\n  split:\n    trian: a", "train.yaml:3: data.split.trian: unknown key; did you mean 'train'?"),
    Mistake(
      "model:\n\n  learning_rate: 1",
      "train.yaml:3: model.learning_rate: unknown key; did you mean 'optimizer.learning_rate'?"),
    Mistake("model:\n  zebra: 1", "train.yaml:2: model.zebra: unknown key"),
    Mistake("model:\n  ? [a]\n  : 1", "train.yaml:2: model: expected a key"),
    Mistake("model: 3", "train.yaml:1: model: expected a mapping of keys to values"),
    Mistake("- model", "train.yaml:1: expected a mapping of keys to values"),
    Mistake("model:\n  hidden: big", "train.yaml:2: model.hidden: expected an integer, found 'big'"),
    Mistake("model:\n  hidden: '3'", "train.yaml:2: model.hidden: expected an integer, found '3'"),
    Mistake("model:\n  hidden: 1.5", "train.yaml:2: model.hidden: expected an integer, found '1.5'"),
    Mistake("model:\n  hidden: [3]", "train.yaml:2: model.hidden: expected an integer, found a list"),
    Mistake("model:\n  hidden:", "train.yaml:2: model.hidden: expected an integer, found nothing"),
    Mistake(
      "model:\n  hidden: 0", "train.yaml:2: model.hidden: must be at least 1 and at most 1048576, found 0"),
    Mistake(
      "model:\n  embedding: -4",
      "train.yaml:2: model.embedding: must be at least 1 and at most 1048576, found -4"),
    Mistake(
      "model:\n  dropout: 1", "train.yaml:2: model.dropout: must be at least 0 and below 1, found 1"),
    Mistake("model:\n  dropout: nan", "train.yaml:2: model.dropout: expected a number, found 'nan'"),
    Mistake(
      "model:\n  bidirectional: yes", "train.yaml:2: model.bidirectional: expected true or false, found 'yes'"
    ),
    Mistake("model:\n  cell: lstn", "train.yaml:2: model.cell: unknown value 'lstn'; did you mean 'lstm'?"),
    Mistake(
      "model:\n  cell: transformer",
      "train.yaml:2: model.cell: expected one of 'rnn-tanh', 'rnn-relu', 'lstm', 'lstm-peephole', 'lstm-projection', 'gru', 'gru-reset-after', 'min-gru', 'min-lstm', 'indrnn', 'slstm', 'lru', found"
        + " 'transformer'"),
    Mistake("data:\n  file: {a: b}", "train.yaml:2: data.file: expected a text, found a mapping"),
    Mistake(
      "training:\n  seed: -1", "train.yaml:2: training.seed: expected an integer, at least 0, found '-1'"),
    Mistake(
      "optimizer:\n  learning_rate: 0", "train.yaml:2: optimizer.learning_rate: must be above 0, found 0"),
    Mistake("a: [", "train.yaml:2: did not find expected node content"),
    Mistake("model:\n\tcell: lstm", "train.yaml:2: found character that cannot start any token"),
    Mistake(
      "model:\n  cell: gru\n  cell: lstm",
      "train.yaml:2: duplicate keys in this mapping: 'cell'"),
    Mistake("", "train.yaml: model.cell: missing required key"),
    Mistake(
      "model: {cell: gru, hidden: 3}",
      "train.yaml: data.file: missing; set it to the HDF5 file, or set 'files'"),
    Mistake(
      "data: {file: a, files: b*}\nmodel: {cell: gru, hidden: 3}",
      "train.yaml:1: data.files: cannot be combined with 'data.file'"),
    Mistake("data: {file: a}", "train.yaml: model.cell: missing required key"),
    Mistake("data: {file: a}\nmodel: {cell: gru}", "train.yaml: model.hidden: missing required key"),
    Mistake(
      "data: {file: a}\nmodel: {cell: gru, hidden: 3}", "train.yaml: training: needs 'epochs' or 'steps'"),
  ]

  @Test(arguments: mistakes) func tellsMistakesInFiles(_ mistake: Mistake) throws {
    let error = try #require(throws: WeftError.self) {
      try Configuration(yaml: mistake.yaml, name: "train.yaml")
    }
    #expect(error.message == mistake.message)
    #expect(error.kind == .configuration)
  }

  static let conflicts = [
    Mistake("training.carry_state=true", "training.carry_state: needs 'data.window'"),
    Mistake(
      "model.tie_weights=true",
      "model.tie_weights: needs 'embedding' equal to 'hidden', or to 'projection' if that is set"),
    Mistake("model.layers=0", "model.layers: must be at least 1 unless 'kind' is 'encoder-decoder'"),
    Mistake(
      "model={kind: encoder-decoder, output: last-step}",
      "model.output: must be 'every-step' unless 'kind' is 'sequence'"),
    Mistake(
      "model={kind: encoder-decoder, initial_state: learned}",
      "model.initial_state: must be 'zero' unless 'kind' is 'sequence'"),
    Mistake("optimizer.nesterov=true", "optimizer.nesterov: needs 'momentum' above 0"),
    Mistake("optimizer.momentum=0.9", "optimizer.momentum: needs 'kind: sgd'"),
    Mistake("schedule.minimum=1", "schedule.minimum: exceeds 'optimizer.learning_rate'"),
  ]

  @Test(arguments: conflicts) func tellsWhichKeysDoNotGoTogether(_ conflict: Mistake) throws {
    let error = try #require(throws: WeftError.self) {
      try Configuration(yaml: ConfigurationTests.minimal, overrides: [conflict.yaml])
    }
    #expect(error == .usage("--set: \(conflict.message)"))
    let inFile = try #require(throws: WeftError.self) {
      try Configuration(yaml: ConfigurationTests.minimal + "schedule:\n  kind: step\n", name: "a.yaml")
    }
    #expect(
      inFile
        == .configuration("a.yaml: schedule.step_every: required by 'kind: step' and 'kind: exponential'"))
  }

  /// Constraints of decoders on keys set before.
  static let decoderConflicts = [
    Mistake(
      "decoder.attention=dot", "'dot' needs 'decoder.hidden' equal to the encoder's outputs; try 'general'"),
    Mistake(
      "decoder.bridge=copy", "'copy' needs the encoder's cell and as many units, of both directions together"),
    Mistake("decoder.tie_weights=true", "needs 'decoder.embedding' equal to 'decoder.hidden'"),
    Mistake("training.memory_budget=8", "needs 'model.kind: sequence'"),
    Mistake(
      "loss.kind=squared-error",
      "must be 'cross-entropy' with 'model.kind: encoder-decoder', which generates tokens"),
  ]

  @Test(arguments: decoderConflicts) func tellsWhatDecodersDemand(_ conflict: Mistake) throws {
    let error = try #require(throws: WeftError.self) {
      try Configuration(
        yaml: ConfigurationTests.minimal,
        overrides: [
          "data.window=5", "model.kind=encoder-decoder", "model.bidirectional=true", "decoder.hidden=7",
          conflict.yaml,
        ])
    }
    let key = conflict.yaml.prefix { $0 != "=" }
    #expect(error == .usage("--set: \(key): \(conflict.message)"))
  }

  @Test(arguments: [
    Mistake("decoder.layers=2", "decoder: needs 'model.kind: encoder-decoder' or 'autoencoder'"),
    Mistake(
      "model.kind=autoencoder",
      "loss.kind: must be 'squared-error' or 'absolute-error' with 'model.kind: autoencoder'"),
  ]) func tellsWhatIsMissingElsewhere(_ conflict: Mistake) throws {
    let error = try #require(throws: WeftError.self) {
      try Configuration(yaml: ConfigurationTests.minimal, overrides: [conflict.yaml])
    }
    #expect(error == .configuration("configuration: \(conflict.message)"))
  }

  static let badOverrides = [
    Mistake("model.cel=lstm", "--set: model.cel: unknown key; did you mean 'cell'?"),
    Mistake("hidden=3", "--set: hidden: unknown key; did you mean 'model.hidden'?"),
    Mistake("=3", "--set: expected KEY=VALUE, found '=3'"),
    Mistake("model.hidden", "--set: expected KEY=VALUE, found 'model.hidden'"),
    Mistake("model.hidden=", "--set: model.hidden: expected an integer, found nothing"),
    Mistake("model.hidden=[", "--set: did not find expected node content"),
    Mistake("model=3", "--set: model: expected a mapping of keys to values"),
    Mistake("model={cell: gru, hiddn: 3}", "--set: model.hiddn: unknown key; did you mean 'hidden'?"),
  ]

  @Test(arguments: badOverrides) func tellsMistakesInOverrides(_ mistake: Mistake) throws {
    let error = try #require(throws: WeftError.self) {
      try Configuration(yaml: ConfigurationTests.minimal, overrides: [mistake.yaml])
    }
    #expect(error == .usage(mistake.message))
  }

  @Test func tellsThatAFileCannotBeRead() throws {
    let missing = try #require(throws: WeftError.self) { try Configuration(file: "no/such.yaml") }
    #expect(missing == .file("no/such.yaml: cannot be read: No such file or directory"))
    let folder = try #require(throws: WeftError.self) { try Configuration(file: "/tmp") }
    #expect(folder == .file("/tmp: is not a regular file"))
  }
}
