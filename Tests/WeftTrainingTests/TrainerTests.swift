import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftLayers
@testable import WeftMetrics
@testable import WeftModels
@testable import WeftTasks
@testable import WeftTraining

/// Whole runs, from a file to a checkpoint.
@Suite struct TrainerTests {
  /// Validation losses of a run in order.
  private static func losses(_ checkpoint: Checkpoint) -> [Double] {
    checkpoint.state.history.map(\.validationLoss)
  }

  /// Learning rates that suit each optimizer.
  private static func learningRate(_ kind: OptimizerKind) -> Double {
    switch kind {
    case .sgd: 0.3
    case .rmsprop, .adam, .adamw: 0.03
    case .adagrad: 0.1
    }
  }

  @Test(arguments: OptimizerKind.allCases, SmallTask.allCases)
  func everyOptimizerLearns(_ kind: OptimizerKind, _ task: SmallTask) throws {
    let run = try TrainingRun(task) {
      $0.optimizer.kind = kind
      $0.optimizer.learningRate = Self.learningRate(kind)
      $0.optimizer.momentum = kind == .sgd ? 0.5 : 0
      $0.optimizer.weightDecay = 0.001
      $0.training.steps = 40
      $0.training.clipNorm = 5
      $0.training.evaluateEvery = 10
    }
    let losses = Self.losses(try run.finish())
    #expect(losses.count == 4)
    #expect(losses[3] < 0.9 * losses[0])
  }

  @Test(arguments: CellType.allCases) func everyCellLearnsInBothDirections(_ cell: CellType) throws {
    for task in [SmallTask.signs, .mean] {
      let run = try TrainingRun(task) {
        $0.model.cell = cell
        $0.model.isBidirectional = true
        $0.model.layers = 2
        $0.model.layerNormalization = cell != .relu && cell.hasLayerNormalization
        $0.model.initialState = .learned
        $0.optimizer.kind = .adam
        $0.training.steps = 40
        $0.training.evaluateEvery = 10
      }
      let losses = Self.losses(try run.finish(threads: 2))
      #expect(losses.dropFirst().contains { $0 < 0.9 * losses[0] }, "\(task): \(losses)")
    }
  }

  /// The task's primary metric selects the best checkpoint, unless the configuration sets another.
  @Test func primaryMetricSelects() throws {
    for name in [nil, "loss", "exact"] {
      let run = try TrainingRun(.pairs) {
        $0.training.metric = name
        $0.training.steps = 120
        $0.training.evaluateEvery = 10
      }
      var shown: [String] = []
      let trainer = try run.trainer("run")
      try trainer.run { progress in
        if let metric = progress.validationMetric { shown.append(metric.metric.name) }
      }
      let told = try #require(trainer.best)
      let metric: Metric = name == "loss" ? .loss : name == "exact" ? .exact : .bleu
      #expect(told.selectionMetric.metric == metric)
      #expect(Set(shown) == (name == "loss" ? [] : [metric.name]))
      let folder = RunFolder(run.folder.file("run"))
      let state = try Checkpoint(reading: folder.checkpoint(step: trainer.step)).state
      let values = state.history.map { $0.metric ?? -$0.validationLoss }
      // Among equal evaluations, the first with the lowest loss.
      let equals = state.history.indices.filter { values[$0] == values.max() }
      let best = try #require(
        equals.min { state.history[$0].validationLoss < state.history[$1].validationLoss })
      #expect(state.bestStep == state.history[best].step)
      #expect(try Checkpoint(reading: folder.best).state.step == state.bestStep)
      let lines = try String(contentsOfFile: folder.metrics, encoding: .utf8)
      #expect(lines.contains("\"accuracy\":") && lines.contains("\"bleu\":") && lines.contains("\"exact\":"))
    }
  }

  @Test func aMetricThatNobodyMeasuresIsRefused() throws {
    let run = try TrainingRun(.signs) { $0.training.metric = "bleu" }
    let error = try #require(throws: WeftError.self) { try run.trainer("run") }
    #expect(
      error
        == .configuration(
          "training.metric: 'bleu' is not a metric of this task; choose 'loss', 'accuracy', 'macro_f1',"
            + " 'macro_precision', 'macro_recall', 'roc_auc', 'pr_auc'"))
  }

  /// After enough training, words are reversed in the other language.
  @Test(arguments: AttentionKind.allCases) func learnsToTranslate(_ attention: AttentionKind) throws {
    let run = try TrainingRun(.pairs) {
      $0.model.hidden = 16
      $0.decoder.hidden = attention == .dot ? 32 : nil
      $0.decoder.attention = attention
      $0.training.steps = 250
      $0.training.evaluateEvery = 50
    }
    try run.finish(threads: 2)
    let model = try TrainedModel(run.folder.file("run"))
    let known = try model.translate(["a b", "b b a", "", "c"])
    #expect(known.map(\.text) == ["B A", "A B B", "", ""])
    let unknown = try model.translate(["a zebra zebra horse"], wantsAttention: attention != .none)
    #expect(unknown[0].unknown == ["zebra", "horse"])
    #expect(unknown[0].source == ["a", "<unk>", "<unk>", "<unk>"])
    if attention != .none {
      #expect(unknown[0].attention.count == unknown[0].tokens.count + 1)
      for row in unknown[0].attention { #expect(abs(row.reduce(0, +) - 1) < 1e-5 && row.count == 4) }
    }
  }

  /// Steps of 1e-30 change no weight, so only the first evaluation is an improvement.
  @Test func trainingStopsWhenTheLossStalls() throws {
    let run = try TrainingRun(.signs) {
      $0.optimizer.kind = .sgd
      $0.optimizer.learningRate = 1e-30
      $0.training.steps = 1000
      $0.training.evaluateEvery = 3
      $0.training.earlyStoppingPatience = 2
    }
    let trainer = try run.trainer("run")
    #expect(try trainer.run() == .stoppedEarly)
    #expect(trainer.step == 9)
    #expect(trainer.best?.step == 3)
    #expect(try TrainedModel(run.folder.file("run")).step == 3)
  }

  @Test func aPlateauLowersTheRate() throws {
    let run = try TrainingRun(.signs) {
      $0.optimizer.kind = .sgd
      $0.optimizer.learningRate = 1e-30
      $0.schedule.kind = .plateau
      $0.schedule.patience = 1
      $0.schedule.factor = 0.5
      $0.training.steps = 12
      $0.training.evaluateEvery = 2
      $0.training.logEvery = 1
    }
    var rates: [Double] = []
    try run.trainer("run").run { rates.append($0.learningRate) }
    // The evaluations after steps 6 and 10 are the second in a row without improvement.
    #expect(
      rates.map { $0 * 1e30 } == [1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25])
  }

  /// The moving average is evaluated, kept as the best and used afterwards.
  @Test func theAverageOfTheWeightsIsWhatCounts() throws {
    let decay = 0.75
    let run = try TrainingRun(.signs) {
      $0.training.averageDecay = decay
      $0.training.checkpointEvery = 1
    }
    let trainer = try run.trainer("run")
    try trainer.run()
    let model = try TrainedModel(run.folder.file("run"), threads: 1)
    #expect(try model.evaluate(split: "validation").loss == trainer.best?.loss)

    let folder = RunFolder(run.folder.file("run"))
    for step in 2...trainer.step {
      let before = try Checkpoint(reading: folder.checkpoint(step: step - 1)).arrays
      let after = try Checkpoint(reading: folder.checkpoint(step: step)).arrays
      for (name, array) in after where name.hasPrefix("average/") {
        let weights = after["weights/\(name.dropFirst(8))"]?.values ?? []
        let expected = zip(before[name]?.values ?? [], weights).map {
          decay * Double($0) + (1 - decay) * Double($1)
        }
        #expect(relativeDifference(array.values, expected) < 1e-6, "\(name)")
      }
    }
  }

  @Test func aFileWithoutValidationTrainsWithoutIt() throws {
    let run = try TrainingRun(.mean)
    let file = try File(opening: run.configuration.data.file, mode: .readWrite)
    try file.delete("validation")
    try file.close()
    let trainer = try run.trainer("run")
    #expect(try trainer.run() == .finished)
    #expect(trainer.best == nil)
    #expect(try TrainedModel(run.folder.file("run")).step == 13, "the last checkpoint counts as the best")
    #expect(
      throws: WeftError.data("\(run.configuration.data.file): no split 'validation'")
    ) { try TrainedModel(run.folder.file("run")).evaluate(split: "validation") }
  }

  @Test func theLastAndTheBestCheckpointsAreKept() throws {
    let run = try TrainingRun(.signs) {
      $0.training.keep = 2
      $0.training.checkpointEvery = 1
    }
    let trainer = try run.trainer("run")
    try trainer.run()
    let folder = RunFolder(run.folder.file("run"))
    #expect(folder.checkpointSteps == [13, 12])
    #expect(try Checkpoint(reading: folder.best).state.step == trainer.best?.step)
  }

  @Test func dataThatCannotBeReadEndTheRun() throws {
    let run = try TrainingRun(.text)
    let file = try File(opening: run.configuration.data.file, mode: .readWrite)
    try file.put("train/tokens", (0..<122).map { UInt8($0 == 100 ? 5 : $0 % 5) })
    try file.close()
    let message =
      "\(run.configuration.data.file): dataset /train/tokens: token 5 at 100 is not between 0 and 4"
    let trainer = try run.trainer("run")
    // The fault is found where it is read.
    trainer.checksAhead = false
    // Progress from the preceding minibatches is kept.
    let error = #expect(throws: WeftError.self) { try trainer.run() }
    let kept = RunFolder(run.folder.file("run")).checkpoint(step: trainer.step)
    #expect(trainer.step > 0)
    #expect(error?.message == "\(message); the last good checkpoint is \(kept)")
    #expect(try Checkpoint(reading: kept).state.step == trainer.step)
  }

  /// What the background finds ends the run between two steps; what it knows to be good is not checked again.
  @Test func faultsAheadEndTheRun() throws {
    let run = try TrainingRun(.text)
    let file = try File(opening: run.configuration.data.file, mode: .readWrite)
    try file.put("train/tokens", (0..<122).map { UInt8($0 == 100 ? 5 : $0 % 5) })
    try file.close()
    let trainer = try run.trainer("run")
    let dataset = try DatasetFile(run.configuration)
    let check = BackgroundCheck { try CheckedData(dataset, splits: ["train"]) }
    check.start()
    while check.failure == nil { usleep(1000) }
    check.stop()
    trainer.checksAhead = false
    trainer.loop.check = check
    let error = #expect(throws: WeftError.self) { try trainer.run() }
    #expect(trainer.step == 0)
    #expect(
      error?.message
        == "\(run.configuration.data.file): dataset /train/tokens: token not between 0 and 4, once: step 100; there is no"
        + " checkpoint yet")
    let folder = RunFolder(run.folder.file("run"))
    let known = CheckedBlocks(data: trainer.loop.fingerprint, blocks: 7)
    try known.write(to: folder)
    #expect(CheckedBlocks(in: folder, of: trainer.loop.fingerprint) == known)
    let other = DataFingerprint(fileCount: 2, splits: [])
    #expect(CheckedBlocks(in: folder, of: other) == nil)
  }
}
