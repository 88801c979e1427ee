import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftLayers
@testable import WeftModels
@testable import WeftTraining

/// A resumed run ends with exactly the weights of an uninterrupted one.
@Suite struct ResumptionTests {
  /// Stops in the middle of epochs, between evaluations and at one, and resumes with other threads.
  private static func check(_ run: TrainingRun) throws {
    let whole = try run.finish("whole")
    let resumed = try run.finish("parts", interruptedAt: [2, 7, 8], threads: [2, 1, 3])
    #expect(whole.arrays.keys.contains { $0.hasPrefix("weights/") })
    #expect(resumed.arrays.keys.sorted() == whole.arrays.keys.sorted())
    for (name, array) in whole.arrays { #expect(resumed.arrays[name] == array, "\(name)") }
    #expect(resumed.state == whole.state)
    let metrics = try ["whole", "parts"].map {
      try String(contentsOfFile: RunFolder(run.folder.file($0)).metrics, encoding: .utf8)
    }
    #expect(metrics[0] == metrics[1])
  }

  @Test(arguments: CellType.allCases) func carriedStatesAndDropoutGoOn(_ cell: CellType) throws {
    let run = try TrainingRun(.text) {
      $0.model.cell = cell
      $0.model.layers = 2
      $0.model.dropout = 0.2
      $0.model.recurrentDropout = cell.recurrentWeights == .none ? 0 : 0.2
      $0.model.zoneout = 0.1
      $0.model.cellZoneout = cell.hasCellZoneout ? 0.2 : 0
      $0.model.dropConnect = cell.hasRecurrentProducts ? 0.3 : 0
      $0.training.resetStateEvery = 4
      $0.optimizer.kind = .adam
    }
    try Self.check(run)
  }

  @Test(arguments: CellType.allCases) func shuffledSequencesAveragesAndPlateausGoOn(_ cell: CellType) throws {
    let run = try TrainingRun(.signs) {
      $0.model.cell = cell
      $0.model.isBidirectional = true
      $0.model.dropout = 0.3
      $0.training.averageDecay = 0.9
      $0.training.evaluateEvery = 3
      $0.optimizer.kind = .sgd
      $0.optimizer.momentum = 0.9
      // Too fast to improve at every evaluation.
      $0.optimizer.learningRate = 2
      $0.training.clipNorm = 1
      $0.schedule.kind = .plateau
      $0.schedule.patience = 0
      $0.schedule.factor = 0.7
    }
    try Self.check(run)
  }

  @Test(arguments: [CellType.lstm, .gru], [AttentionKind.additive, .general, .none])
  func encoderDecodersGoOn(_ cell: CellType, _ attention: AttentionKind) throws {
    let run = try TrainingRun(.pairs) {
      $0.model.cell = cell
      $0.model.dropout = 0.2
      $0.model.recurrentDropout = 0.1
      $0.decoder.layers = 2
      $0.decoder.attention = attention
      $0.training.evaluateEvery = 3
      $0.training.gradientFlowEvery = 4
      $0.schedule.kind = .plateau
      $0.schedule.patience = 0
    }
    try Self.check(run)
  }

  @Test(arguments: CellType.allCases) func autoencodersGoOn(_ cell: CellType) throws {
    let run = try TrainingRun(.memory) {
      $0.model.cell = cell
      $0.model.isBidirectional = true
      $0.model.dropout = 0.2
    }
    try Self.check(run)
  }

  @Test(arguments: OptimizerKind.allCases) func momentsGoOn(_ kind: OptimizerKind) throws {
    let run = try TrainingRun(.mean) {
      $0.optimizer.kind = kind
      $0.optimizer.weightDecay = 0.01
      $0.model.layerNormalization = true
      $0.schedule.kind = .cosine
      $0.schedule.warmupSteps = 3
    }
    try Self.check(run)
  }

  @Test func tiedWeightsGoOn() throws {
    let run = try TrainingRun(.text) {
      $0.model.embedding = $0.model.hidden
      $0.model.tieWeights = true
      $0.data.window = 17
      $0.training.gradientFlowEvery = 3
    }
    try Self.check(run)
  }

  @Test func earlyStoppingCountsOn() throws {
    let run = try TrainingRun(.signs) {
      $0.optimizer.kind = .sgd
      $0.optimizer.learningRate = 1e-30
      $0.training.evaluateEvery = 3
      $0.training.earlyStoppingPatience = 3
    }
    try Self.check(run)
    #expect(RunFolder(run.folder.file("parts")).checkpointSteps.first == 12)
  }

  @Test func anotherRunIsRefusedWithTheKeysThatDiffer() throws {
    var run = try TrainingRun(.text)
    try run.finish("run")
    let folder = run.folder.file("run")
    let before = try Data(contentsOf: URL(filePath: RunFolder(folder).configuration))
    run.configuration.model.cell = .gru
    run.configuration.model.hidden = 7
    run.configuration.optimizer.learningRate = 0.5
    run.configuration.training.logEvery = 7
    #expect(
      throws: WeftError.configuration(
        "\(folder): contains a run with a different configuration: model.cell: gru, was lstm; model.hidden:"
          + " 7, was 6;"
          + " optimizer.learning_rate: 0.5, was 0.02")
    ) { try run.trainer("run", resume: true) }
    #expect(try Data(contentsOf: URL(filePath: RunFolder(folder).configuration)) == before)
    #expect(
      throws: WeftError.usage(
        "\(folder): contains a run (at step 13); continue with --resume, or name another --output")
    ) { try run.trainer("run") }
  }

  @Test func dataOfOtherSizesAreRefused() throws {
    let run = try TrainingRun(.mean)
    try run.finish("run")
    let file = try File(opening: run.configuration.data.file, mode: .readWrite)
    for (split, count) in [("train", 24), ("validation", 9)] {
      try file.put("\(split)/inputs", [Float](repeating: 1, count: count * 8), shape: [count, 4, 2])
    }
    try file.close()
    #expect(
      throws: WeftError.data(
        "\(run.configuration.data.file): dataset /train/inputs: has the shape [24, 4, 2], but the run was"
          + " trained on [24, 4, 3]; restore the data, or add --data-changed to go on deliberately")
    ) { try run.trainer("run", resume: true) }
    // A model cannot go on with them.
    let path = RunFolder(run.folder.file("run")).checkpoint(step: 13)
    #expect(
      throws: WeftError.model(
        "\(path): dataset /weights/layer0/forward/input_weights: has the shape [3, 24]; the model's is [2, 24]"
      )
    ) {
      try Trainer(
        run.configuration, output: run.folder.file("run"), threads: 1, resume: true, acceptsChangedData: true)
    }
  }

  @Test func aLongerRunGoesOn() throws {
    var run = try TrainingRun(.signs)
    try run.finish("run")
    run.configuration.training.steps = 20
    let longer = try run.finish("run", resume: true)
    #expect(longer.state.step == 20)
    #expect(try run.finish("whole").arrays == longer.arrays)
  }

  /// A crash between the writing of a checkpoint and the removal of the oldest one leaves that behind.
  @Test func oldCheckpointsAreRemovedAtTheNextStart() throws {
    let run = try TrainingRun(.signs) {
      $0.training.checkpointEvery = 1
      $0.training.keep = 2
    }
    try run.finish("run")
    let folder = RunFolder(run.folder.file("run"))
    try FileManager.default.copyItem(
      atPath: folder.checkpoint(step: 12), toPath: folder.checkpoint(step: 11))
    #expect(try run.trainer("run", resume: true).run() == .finished)
    #expect(folder.checkpointSteps == [13, 12])
  }

  @Test func damageAndLeftoversAreTidiedAway() throws {
    let run = try TrainingRun(.signs)
    let whole = try run.finish("run")
    let folder = RunFolder(run.folder.file("run"))
    let newest = folder.checkpoint(step: 13)
    try Data("half".utf8).write(to: URL(filePath: newest))
    try Data("half".utf8).write(to: URL(filePath: "\(newest).partial"))
    var notes: [String] = []
    let trainer = try run.trainer("run", resume: true) { notes.append($0) }
    #expect(notes == ["skipped a damaged checkpoint: \(newest): cannot open: not an HDF5 file"])
    #expect(!FileManager.default.fileExists(atPath: "\(newest).partial"))
    #expect(trainer.step == 12)
    try trainer.run()
    #expect(try Checkpoint(reading: newest).arrays == whole.arrays)
  }
}
