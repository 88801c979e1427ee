import Foundation
import WeftBase
import WeftTraining

/// The checkpoints and the history of a run.
struct RunReport: Report {
  /// A checkpoint file.
  struct Saved: Encodable {
    let file: String
    let step: Int?
    /// Reason why it cannot be read; nil if it can.
    let damage: String?
  }

  /// Losses at an evaluation.
  struct Evaluation: Encodable {
    let step: Int
    let trainingLoss: Double
    let validationLoss: Double
  }

  /// A rollback to an earlier checkpoint.
  struct Rollback: Encodable {
    let step: Int
    let checkpoint: Int
    let learningRateScale: Double
  }

  /// A deliberate change of the data.
  struct DataChange: Encodable {
    let step: Int
    let difference: String
  }

  let folder: String
  let step: Int?
  let bestStep: Int?
  let checkpoints: [Saved]
  let history: [Evaluation]
  let rollbacks: [Rollback]
  let dataChanges: [DataChange]
  let configurationChanges: [DataChange]
  let startedFrom: String?
  /// The latest line of the metrics of training, and those of all evaluations.
  let metrics: [Measured]

  /// A line of the metrics.
  struct Measured: Encodable {
    let step: Int
    let epoch: Int
    let split: String
    let values: [String: Double]
  }

  /// Lists of checkpoints to try.
  private static let attempts = 100

  /// Reads all checkpoints in `folder` completely, except those that a run at work removes meanwhile.
  init(_ folder: String) throws(WeftError) {
    let run = RunFolder(folder)
    var saved: [Saved] = []
    var newest: TrainingState?
    // A run at work may remove all checkpoints of a list before they are read.
    for _ in 0..<Self.attempts where saved.isEmpty {
      let paths = run.checkpoints
      if paths.isEmpty { break }
      for path in paths {
        let file = URL(filePath: path).lastPathComponent
        do {
          let state = try Checkpoint(reading: path).state
          if state.step > newest?.step ?? -1 { newest = state }
          saved.append(Saved(file: file, step: state.step, damage: nil))
        } catch  where OutputFile.exists(path) {
          saved.append(Saved(file: file, step: nil, damage: error.message))
        } catch {
          // Removed by the run.
        }
      }
    }
    if saved.isEmpty { throw .failure("\(folder): contains no checkpoint; is it a run's folder?") }
    self.folder = folder
    checkpoints = saved
    step = newest?.step
    history = (newest?.history ?? []).map {
      Evaluation(step: $0.step, trainingLoss: $0.trainingLoss, validationLoss: $0.validationLoss)
    }
    rollbacks = (newest?.rollbacks ?? []).map {
      Rollback(step: $0.step, checkpoint: $0.checkpoint, learningRateScale: $0.learningRateScale)
    }
    dataChanges = (newest?.dataChanges ?? []).map {
      DataChange(step: $0.step, difference: $0.difference)
    }
    configurationChanges = (newest?.configurationChanges ?? []).map {
      DataChange(step: $0.step, difference: $0.difference)
    }
    startedFrom = newest?.startedFrom
    let records = (try? MetricsReader.records(in: run.metrics)) ?? []
    let latest = records.lastIndex { $0.split == "train" }
    metrics = records.enumerated().filter { $1.split != "train" || $0 == latest }.map { _, record in
      Measured(
        step: record.step, epoch: record.epoch, split: record.split,
        values: Dictionary(record.values.entries.map { ($0.name, $0.value) }) { $1 })
    }
    bestStep = history.isEmpty ? nil : newest?.bestStep
  }

  /// One line per unreadable checkpoint.
  var damaged: [String] { checkpoints.compactMap(\.damage) }

  var text: String {
    var lines = ["\(folder): \(step.map { "at step \($0)" } ?? "no readable checkpoint")"]
    let width = checkpoints.map(\.file.count).max() ?? 0
    for saved in checkpoints {
      let padding = String(repeating: " ", count: width - saved.file.count)
      lines.append("  \(saved.file)\(padding)  " + (saved.step.map { "step \($0), intact" } ?? "DAMAGED"))
    }
    lines += rollbacks.map {
      String(
        format: "diverged at step %d, rolled back to step %d; learning-rate factor %g", $0.step,
        $0.checkpoint,
        $0.learningRateScale)
    }
    if let startedFrom { lines.append("started from \(startedFrom)") }
    lines += configurationChanges.map { "changed after step \($0.step): \($0.difference)" }
    lines += dataChanges.map { "data changed after step \($0.step): \($0.difference)" }
    if !history.isEmpty {
      let rows = history.map {
        ["\($0.step)", String(format: "%.4f", $0.trainingLoss), String(format: "%.4f", $0.validationLoss)]
      }
      let marks = [""] + history.map { $0.step == bestStep ? "  best" : "" }
      lines.append("losses:")
      lines += zip(table([["step", "training", "validation"]] + rows), marks).map { "  \($0)\($1)" }
    }
    return lines.map { $0.printable() + "\n" }.joined()
  }
}
