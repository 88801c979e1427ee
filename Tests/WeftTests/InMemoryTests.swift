import Foundation
import HDF5
import TestSupport
import Testing
import Weft

/// Data in memory, and a type for each ability.
@Suite struct InMemoryTests {
  /// Ramps up or down with noise.
  static func ramps(_ count: Int, seed: UInt64) throws -> Weft.Dataset {
    var random = SplitMix(seed: seed)
    let kinds = (0..<count).map { Int32($0 % 2) }
    let sequences = kinds.map { kind in
      (0..<Int.random(in: 3...9, using: &random)).flatMap { step -> [Float] in
        [Float(step) * (kind == 0 ? 0.1 : -0.1), Float.random(in: -0.1...0.1, using: &random)]
      }
    }
    return try Weft.Dataset(
      sequences: sequences, features: 2, targets: .classes(kinds, names: ["up", "down"]))
  }

  static var configuration: Configuration {
    var configuration = Configuration()
    configuration.model.cell = .gru
    configuration.model.hidden = 8
    configuration.model.output = .lastStep
    configuration.training.batch = 16
    configuration.training.lanes = 4
    configuration.training.steps = 60
    configuration.training.evaluateEvery = 30
    configuration.optimizer.learningRate = 0.02
    return configuration
  }

  @Test("A classifier of data in memory is that of the same file") func classifier() throws {
    let folder = try TemporaryFolder()
    let (training, validation) = (try Self.ramps(80, seed: 1), try Self.ramps(40, seed: 2))
    let run = folder.file("run")
    #expect(
      try Trainer(Self.configuration, data: training, validation: validation, output: run, threads: 2).run()
        == .finished)
    let classifier = try Classifier(URL(filePath: run))
    #expect(classifier.classes == ["up", "down"])
    let found = try classifier.classify(validation)
    #expect(found == (try classifier.classify(split: "validation")))
    #expect(zip(found, 0...).allSatisfy { $0.number == $1 % 2 })
    // What is written can be read by others, as it was given.
    let file = try File(opening: "\(run)/data.h5")
    let offsets = try file.dataset("train/offsets").read(as: Int.self)
    #expect(offsets.count == 81 && zip(offsets, offsets.dropFirst()).map { $1 - $0 } == training.lengths)
    guard case .features(let values, 2) = training.inputs else { return }
    #expect(try file.dataset("train/inputs").read(as: Float.self) == values)
    try file.close()
    // A model for something else fails where it is opened.
    let error = #expect(throws: WeftError.self) { try LanguageModel(run) }
    #expect(
      error?.message.contains("is not a language model: it was not trained with the next token") == true)
    #expect(throws: WeftError.self) { try Forecaster(run) }
    #expect(throws: WeftError.self) { try Translator(run) }
    #expect(throws: WeftError.self) { try Transcriber(run) }
    #expect(throws: WeftError.self) { try Detector(run) }
    #expect(throws: WeftError.self) { try Classifier(folder.file("nothing")) }
  }

  @Test("Forecasts of a series in memory are those of the same file") func forecaster() throws {
    let folder = try TemporaryFolder()
    func series(_ count: Int) -> [Float] { (0..<count).map { Float(sin(Double($0) / 3)) } }
    var configuration = Self.configuration
    configuration.loss.kind = .squaredError
    (configuration.data.context, configuration.data.horizon) = (12, 4)
    let run = folder.file("run")
    _ = try Trainer(
      configuration, data: Weft.Dataset(sequences: [series(200)], features: 1),
      validation: Weft.Dataset(sequences: [series(60)], features: 1), output: run
    ).run()
    let forecaster = try Forecaster(run)
    let forecast = try forecaster.forecast(after: series(60))
    let ofFile = try forecaster.forecast(split: "validation", origin: 60)
    #expect(forecast.median == ofFile.median && forecast.median.count == 4)
  }

  @Test("Progress comes step by step, and a cancelled run goes on with the same bits") func asynchronous()
    async throws
  {
    let folder = try TemporaryFolder()
    let data = try Self.ramps(80, seed: 1)
    let configuration = Self.configuration
    let (whole, parts) = (folder.file("whole"), folder.file("parts"))
    let run = TrainingRun { () throws(WeftError) in try Trainer(configuration, data: data, output: whole) }
    var steps: [Int] = []
    for await progress in run.progress { steps.append(progress.step) }
    #expect(try await run.ending == .finished)
    #expect(steps == steps.sorted() && steps.last == 60)

    let interrupted = TrainingRun { () throws(WeftError) in
      try Trainer(configuration, data: data, output: parts)
    }
    interrupted.cancel()
    #expect(try await interrupted.ending == .interrupted)
    let rest = TrainingRun { () throws(WeftError) in
      try Trainer(configuration, data: data, output: parts, resume: true)
    }
    #expect(try await rest.ending == .finished)
    let metrics = try [whole, parts].map {
      try String(contentsOfFile: "\($0)/metrics.jsonl", encoding: .utf8)
    }
    #expect(metrics[0] == metrics[1] && !metrics[0].isEmpty)
  }

  @Test("A run that cannot start says why") func failure() async throws {
    let folder = try TemporaryFolder()
    let file = folder.file("missing.h5")
    let output = folder.file("run")
    let run = TrainingRun { () throws(WeftError) in
      var configuration = Configuration()
      configuration.data.file = file
      return try Trainer(configuration, output: output)
    }
    for await _ in run.progress {}
    await #expect(throws: WeftError.self) { _ = try await run.ending }
  }

  @Test("Sizes that do not fit together are refused") func refusals() {
    func message(_ body: () throws(WeftError) -> Weft.Dataset) -> String {
      do throws(WeftError) {
        _ = try body()
        return ""
      } catch { return error.message }
    }
    let three = Weft.Dataset.Inputs.features([1, 2, 3], width: 1)
    #expect(
      message { () throws(WeftError) in try Weft.Dataset(inputs: three, lengths: [2]) }
        == "inputs: has 3 numbers, but 2 steps need 1 each")
    #expect(
      message { () throws(WeftError) in try Weft.Dataset(inputs: three, lengths: [3, 0]) }
        == "lengths: needs at least one sequence, and at least one step in each")
    #expect(
      message { () throws(WeftError) in
        try Weft.Dataset(inputs: .features([1, .nan], width: 2), lengths: [1])
      } == "inputs: step 0, feature 1 is nan")
    #expect(
      message { () throws(WeftError) in
        try Weft.Dataset(inputs: .tokens([0, 2], vocabulary: ["a", "b"]), lengths: [2])
      } == "inputs: step 1 has token 2, but the vocabulary has 2")
    #expect(
      message { () throws(WeftError) in
        try Weft.Dataset(inputs: three, targets: .classes([0]), lengths: [1, 2])
      }
        == "targets: has 1 numbers, but 2 sequences need 1 each")
    #expect(
      message { () throws(WeftError) in
        try Weft.Dataset(inputs: three, targets: .classes([0, 2], names: ["a", "b"]), lengths: [1, 2])
      } == "targets: number 1 is class 2, but 2 are named")
    #expect(
      message { () throws(WeftError) in try Weft.Dataset(inputs: three, lengths: [3], names: ["a", "b"]) }
        == "names: has 2 names, but there are 1 sequences")
  }
}
