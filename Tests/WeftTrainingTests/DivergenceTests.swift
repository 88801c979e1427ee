import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftParallel
@testable import WeftTasks
@testable import WeftTraining

/// Runs with a non-finite loss: their diagnosis and rollbacks.
@Suite struct DivergenceTests {
  /// Steps so large that the second minibatch's loss overflows.
  private static func divergingRun(change: (inout Configuration) -> Void = { _ in }) throws -> TrainingRun {
    try TrainingRun(.mean) {
      $0.model.cell = .gru
      $0.optimizer.kind = .sgd
      $0.optimizer.learningRate = 1e30
      $0.training.evaluateEvery = 4
      change(&$0)
    }
  }

  @Test func aRunStopsWithADiagnosis() throws {
    let run = try Self.divergingRun()
    let trainer = try run.trainer("run")
    let error = #expect(throws: WeftError.self) { try trainer.run() }
    let message = try #require(error?.message)
    #expect(
      message.hasPrefix(
        "the loss is non-finite at step 2 (epoch 1, minibatch 2, learning rate 1e+30), first in "))
    #expect(message.contains(" of the minibatch"))
    #expect(
      message.hasSuffix(
        "; try a smaller optimizer.learning_rate or training.clip_norm; there is no checkpoint yet"))
    #expect(RunFolder(run.folder.file("run")).checkpoints.isEmpty)
  }

  @Test func theLastGoodCheckpointIsKept() throws {
    let run = try Self.divergingRun {
      $0.optimizer.learningRate = 1e-3
      $0.schedule.kind = .step
      $0.schedule.stepEvery = 1
      $0.schedule.factor = 1
      $0.training.evaluateEvery = 1
    }
    // Finite until step 3, where the square of a target overflows.
    let file = try File(opening: run.configuration.data.file, mode: .readWrite)
    var targets = try file.dataset("train/targets").read(as: Float.self)
    targets[5] = 1e30
    try file.put("train/targets", targets)
    try file.close()
    let trainer = try run.trainer("run")
    let error = #expect(throws: WeftError.self) { try trainer.run() }
    let kept = RunFolder(run.folder.file("run")).checkpoints.first
    let message = try #require(error?.message)
    #expect(message.contains(", first in the loss at row "))
    #expect(
      message.hasSuffix(kept.map { "; the last good checkpoint is \($0)" } ?? "; there is no checkpoint yet")
    )
    if let kept { #expect(try Checkpoint(reading: kept).isFinite) }
  }

  /// A feature so large that weights of ten make its product overflow, at one time step of one row.
  @Test(arguments: [(0, 0), (2, 3), (5, 1)], [nil, 1]) func thePlaceIsFound(
    _ place: (Int, Int), _ budget: Int?
  ) throws {
    let (row, time) = place
    let run = try TrainingRun(.mean) {
      $0.model.cell = .relu
      $0.model.layers = 2
      $0.data.shuffle = false
    }
    let file = try File(opening: run.configuration.data.file, mode: .readWrite)
    var inputs = try file.dataset("train/inputs").read(as: Float.self)
    for feature in 0..<3 { inputs[(row * 4 + time) * 3 + feature] = feature == 0 ? 3e38 : 0 }
    try file.put("train/inputs", inputs, shape: [24, 4, 3])
    try file.close()
    let loop = try TrainingLoop(run.configuration, threads: 2)
    loop.executor.parameters.values = loop.executor.parameters.values.map { $0 * 10 }
    // Too small for more than one time step per segment.
    loop.executor.memoryBudget = budget
    let step = try loop.step()
    #expect(!step.isFinite && loop.state.step == 0)
    #expect(
      loop.divergence(at: step).place
        == NonFinitePlace(what: "the states of layer0/forward", step: time, row: row))
    #expect(
      loop.divergence(at: step).error.message.contains(
        "first in the states of layer0/forward at time step \(time) of row \(row) of the minibatch, counted from 0;"
      ))
  }

  @Test func spoiltWeightsAreNamed() throws {
    let run = try TrainingRun(.signs)
    let loop = try TrainingLoop(run.configuration, threads: 1)
    let step = try loop.step()
    let parameter = loop.model.layout.parameters[1]
    parameter.matrix(in: loop.executor.parameters.matrix)[0, 0] = .nan
    #expect(loop.checkpoint()?.isFinite == false)
    #expect(loop.divergence(at: step).place == NonFinitePlace(what: "the weights \(parameter.name)"))
    #expect(loop.divergence(at: step).error.message.hasPrefix("a weight is non-finite at step 1 "))
  }

  private static func rollingBack() throws -> TrainingRun {
    try divergingRun {
      $0.training.onDivergence = .rollback
      $0.training.rollbackFactor = 1e-8
      $0.training.rollbacks = 9
      $0.training.checkpointEvery = 2
      $0.training.logEvery = 1
      $0.training.gradientFlowEvery = 3
    }
  }

  @Test func aRollbackGoesOnAtASmallerRate() throws {
    let run = try Self.rollingBack()
    var notes: [String] = []
    var rates: [Double] = []
    let trainer = try run.trainer("run") { notes.append($0) }
    #expect(try trainer.run(onProgress: { rates.append($0.learningRate) }) == .finished)
    let checkpoint = try Checkpoint(reading: RunFolder(run.folder.file("run")).checkpoint(step: 13))
    let rollbacks = checkpoint.state.rollbacks
    #expect((2...9).contains(rollbacks.count))
    for (index, rollback) in rollbacks.enumerated() {
      #expect(rollback.learningRateScale == (index == 0 ? 1 : rollbacks[index - 1].learningRateScale) * 1e-8)
      #expect(rollback.step > rollback.checkpoint)
    }
    #expect(notes.count { $0.contains("; rolled back to step ") } == rollbacks.count)
    #expect(rates.last == 1e30 * checkpoint.state.learningRateScale)
    // The records contain every step once, without failed attempts.
    let lines = try String(contentsOfFile: RunFolder(run.folder.file("run")).metrics, encoding: .utf8)
      .split(separator: "\n").filter { $0.contains("\"train\"") }
    #expect(lines.count == 13)
    #expect(lines.enumerated().allSatisfy { $1.hasPrefix("{\"step\":\($0 + 1),") })
  }

  @Test(arguments: [[1], [2, 5], [1, 2, 3, 9]]) func rollbacksGoOnAfterAnInterruption(_ steps: [Int]) throws {
    let run = try Self.rollingBack()
    let whole = try run.finish("whole", threads: 2)
    let resumed = try run.finish("parts", interruptedAt: steps, threads: [1, 3])
    #expect(resumed.arrays == whole.arrays)
    #expect(resumed.state.history == whole.state.history)
    #expect(try run.finish("again", threads: 3).state == whole.state)
  }

  @Test func thereIsAnEndToRollbacks() throws {
    let run = try Self.divergingRun {
      $0.training.onDivergence = .rollback
      $0.training.rollbackFactor = 0.5
      $0.training.rollbacks = 2
    }
    let trainer = try run.trainer("run")
    let error = #expect(throws: WeftError.self) { try trainer.run() }
    #expect(error?.message.contains(" (after 2 rollbacks, the limit of training.rollbacks); ") == true)
    #expect(
      error?.message.hasSuffix(
        "; the last good checkpoint is \(RunFolder(run.folder.file("run")).checkpoint(step: 0))") == true)
  }
}
