import Foundation
import WeftBase
import WeftMetrics
import WeftTasks
import WeftTraining

/// The records of a run.
struct RecordedRun {
  /// Path of the folder as given.
  let folder: String
  /// The last path component, or more if several runs end alike.
  var name: String
  let configuration: Configuration
  let records: [MetricsRecord]
  let times: [StepTimes]
  let flow: [GradientFlow]
  /// Of weights and gradients, from the event files.
  let histograms: [ParameterHistograms]
  /// What is damaged and left out, each in one line.
  let notes: [String]
  /// Reason why no checkpoint is usable; nil if one is.
  let damage: String?
  private let state: TrainingState?

  /// Reads a run, which may still be in progress.
  ///
  /// - Throws: If the folder contains no run.
  init(_ path: String) throws(WeftError) {
    let run = RunFolder(path)
    try run.checkMetrics()
    folder = path
    name = URL(filePath: path).standardizedFileURL.lastPathComponent
    configuration = try run.readConfiguration()
    var notes: [String] = []
    func optional<Record>(_ path: String, _ read: () throws(WeftError) -> [Record]) -> [Record] {
      guard FileManager.default.fileExists(atPath: path) else { return [] }
      do { return try read() } catch {
        notes.append(error.message)
        return []
      }
    }
    records = try MetricsReader.records(in: run.metrics, onNote: { notes.append($0) })
    times = optional(run.times) { () throws(WeftError) in
      try TimesLog.records(in: run.times, onNote: { notes.append($0) })
    }
    flow = optional(run.gradients) { () throws(WeftError) in
      try GradientFlowLog.records(in: run.gradients, onNote: { notes.append($0) })
    }
    histograms = ParameterHistograms.all(in: path)
    self.notes = notes
    do {
      state = try run.newestCheckpoint(onSkip: { _ in }).checkpoint.state
      damage = nil
    } catch {
      state = nil
      damage = error.message
    }
  }

  /// Distinct names of several runs.
  static func named(_ runs: [RecordedRun]) -> [RecordedRun] {
    let names = runs.map(\.name)
    guard Set(names).count < names.count else { return runs }
    return runs.map { run in
      var run = run
      run.name = run.folder
      return run
    }
  }

  /// Name of the selection metric, found by its value.
  private func selectionMetric(_ value: Double, step: Int?) -> String {
    if let name = configuration.training.metric { return name }
    let measured = records.last { $0.step == step && $0.split != "train" }?.values.entries ?? []
    return measured.first { $0.name != Metric.loss.name && abs($0.value - value) <= 1e-6 * abs(value) }?.name
      ?? "metric"
  }

  /// A row of the page's first table.
  var summary: [String] {
    let best = state.flatMap { $0.bestLoss.isFinite ? $0 : nil }
    let seconds = times.reduce(0) { $0 + $1.seconds }
    let timeSteps = times.reduce(0) { $0 + Double($1.timeSteps) }
    let model = configuration.model
    return [
      name, model.summary, "\(records.last?.step ?? 0)",
      best.map { "\($0.bestStep)" } ?? "–",
      best?.bestMetric.map {
        "\(selectionMetric($0, step: best?.bestStep)) \(NumberText.significant($0, digits: 5))"
      }
        ?? best.map { "loss \(NumberText.significant($0.bestLoss, digits: 5))" } ?? "–",
      best.map { NumberText.significant($0.bestLoss, digits: 5) } ?? "–",
      times.isEmpty ? "–" : NumberText.duration(seconds: seconds),
      times.isEmpty ? "–" : NumberText.abbreviated(timeSteps / max(seconds, 1e-9)),
    ]
  }
}
