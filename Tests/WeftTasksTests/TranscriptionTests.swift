import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftMetrics
@testable import WeftModels
@testable import WeftTasks
@testable import WeftTraining

/// Tasks with labels as outputs: one per sequence, or unaligned sequences of labels.
@Suite("Classes and transcripts") struct TranscriptionTests {
  @Test(
    "The classes of sequences are learned, measured and told",
    arguments: [OutputSteps.lastStep, .mean, .attention])
  func classes(output: OutputSteps) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    let file = try File(creating: path)
    var random = SplitMix(seed: 6)
    try file.write("classes", ["still", "rising", "falling"])
    for (split, count) in [("train", 60), ("validation", 21), ("test", 21)] {
      let lengths = (0..<count).map { _ in Int.random(in: 4...9, using: &random) }
      let features = lengths.enumerated().flatMap { number, length in
        (0..<length).map { step in
          Float([0, 1, -1][number % 3]) * Float(step) / 4 + Float.random(in: -0.2...0.2, using: &random)
        }
      }
      try file.write("\(split)/inputs", features, shape: [features.count, 1])
      try file.write("\(split)/offsets", lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) })
      try file.write("\(split)/targets", (0..<count).map { Int32($0 % 3) })
    }
    try file.close()
    var configuration = Configuration()
    configuration.data.file = path
    configuration.model.cell = .gru
    configuration.model.hidden = 8
    configuration.model.output = output
    configuration.training.batch = 20
    configuration.training.lanes = 4
    configuration.training.steps = 90
    configuration.optimizer.learningRate = 0.03
    let trainer = try Trainer(configuration, output: folder.file("run"), threads: 2)
    try trainer.run()
    #expect(trainer.best?.selectionMetric.metric == .accuracy)
    let model = try TrainedModel(folder.file("run"), threads: 1)
    let evaluation = try model.evaluate(split: "test")
    let accuracy = try #require(evaluation.accuracy)
    #expect(accuracy > 0.9)
    #expect(evaluation.metrics.map(\.metric) == [.accuracy, .macroF1, .macroPrecision, .macroRecall])
    var confusion = ConfusionMatrix(classes: 3)
    var numbers: [Int] = []
    try model.classify(split: "test") { number, found, label in
      numbers.append(number)
      #expect(label == number % 3)
      #expect(found.name == ["still", "rising", "falling"][found.number])
      #expect(abs(found.probabilities.reduce(0, +) - 1) < 1e-6)
      confusion.add(label: label ?? 0, prediction: found.number)
    }
    #expect(numbers == Array(0..<21) && confusion.accuracy == accuracy)
    #expect(throws: WeftError.self) { try model.forecast(split: "test") }
    #expect(throws: WeftError.self) {
      try model.transcribe([0, 0], width: 1, search: TranscriptionSearch())
    }
  }

  /// A letter lasts two or three steps and is followed by a pause.
  static func features(_ text: String, using random: inout SplitMix) -> [Float] {
    let pause: [Float] = [0, 0, 0]
    return pause
      + text.flatMap { letter in
        let number = ["a", "b", "c"].firstIndex(of: letter) ?? 0
        return (0..<Int.random(in: 2...3, using: &random)).flatMap { _ in
          (0..<3).map { ($0 == number ? 5 : 0) + Float.random(in: -1...1, using: &random) }
        } + pause
      }
  }

  @Test("Letters are read from unaligned features, also with a language model")
  func transcripts() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    let file = try File(creating: path)
    var random = SplitMix(seed: 9)
    try file.write("target_vocabulary", ["a", "b", "c"])
    try file.dataset("target_vocabulary").attributes.set("unit", to: "character")
    try file.attributes.set("preparation", to: "{\"bands\":3}")
    for (split, count) in [("train", 50), ("validation", 15)] {
      let texts = (0..<count).map { _ in
        String(
          (0..<Int.random(in: 0...5, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" })
      }
      let sequences = texts.map { Self.features($0, using: &random) }
      let all = sequences.flatMap(\.self)
      try file.write("\(split)/inputs", all, shape: [all.count / 3, 3])
      try file.write(
        "\(split)/offsets", sequences.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count / 3) })
      try file.write("\(split)/targets", texts.flatMap { $0.utf8.map { Int32($0) - 97 } })
      try file.write(
        "\(split)/target_offsets", texts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
    }
    try file.close()
    var configuration = LabelSequenceTests.configuration(path)
    configuration.data.standardizes = true
    configuration.model.hidden = 12
    configuration.model.isBidirectional = true
    configuration.training.batch = 10
    configuration.training.lanes = 4
    configuration.training.steps = 150
    configuration.optimizer.learningRate = 0.03
    let trainer = try Trainer(configuration, output: folder.file("run"), threads: 2)
    try trainer.run()
    let best = try #require(trainer.best)
    #expect(best.selectionMetric.metric == .labelErrorRate && best.selectionMetric.value < 0.1)
    let model = try TrainedModel(folder.file("run"), threads: 1)
    #expect(model.preparation == "{\"bands\":3}")

    let text = try TrainingRun(.text)
    try text.finish()
    let language = try TrainedModel(text.folder.file("run"), threads: 1)
    for wanted in ["", "a", "cab", "abccba"] {
      let features = Self.features(wanted, using: &random)
      let greedy = try model.transcribe(features, width: 3, search: TranscriptionSearch())
      let searched = try model.transcribe(features, width: 3, search: TranscriptionSearch(beam: 8))
      #expect(greedy.text == wanted && searched.text == wanted)
      #expect(searched.logProbability >= greedy.logProbability - 1e-6)
      let weighed = try model.transcribe(
        features, width: 3, search: TranscriptionSearch(beam: 8, languageWeight: 0.1), language: language)
      #expect(weighed.text == wanted)
      // A dominating language model, and a bonus that compensates for length.
      let overruled = try model.transcribe(
        features, width: 3, search: TranscriptionSearch(beam: 8, languageWeight: 50, insertionBonus: -50),
        language: language)
      #expect(overruled.text == "")
    }
    #expect(throws: WeftError.self) { try model.transcribe([1, 2], width: 2, search: TranscriptionSearch()) }
    #expect(throws: WeftError.self) { try TranscriptionSearch(beam: 0) }
  }
}
