import Foundation
import WeftBase
import WeftMetrics
import WeftTasks
import WeftTraining

/// A run's folder with its configuration and best metrics.
struct ListedRun {
  let path: String
  /// The latest step, with the last one if that is known.
  let step: String
  /// The keys of the configuration that are set, as YAML.
  let values: [String: String]
  /// Names of the metrics in the order of the file.
  let metricNames: [String]
  /// The best validation value of each metric; of training without validation.
  let metrics: [String: Double]
  private let isAtWork: Bool

  /// Nil if the folder is not a run's.
  init?(_ path: String) {
    let folder = RunFolder(path)
    guard OutputFile.exists(folder.configuration), let configuration = try? folder.readConfiguration() else {
      return nil
    }
    self.path = path
    isAtWork = folder.isAtWork
    values = Dictionary(
      Configuration.keys.compactMap { key in key.text(configuration).map { (key.path, $0) } }
    ) { $1 }
    let records = (try? MetricsReader.records(in: folder.metrics)) ?? []
    let latest = records.map(\.step).max() ?? 0
    step = configuration.training.steps.map { "\(latest)/\($0)" } ?? "\(latest)"
    let split = records.contains { $0.split == "validation" } ? "validation" : "train"
    var names: [String] = []
    var best: [String: Double] = [:]
    for record in records where record.split == split {
      for (name, value) in record.values.entries where !["gradient_norm", "learning_rate"].contains(name) {
        if !names.contains(name) { names.append(name) }
        if value.isNaN { continue }
        best[name] =
          best[name].map { Metric.higherIsBetter(named: name) ? max($0, value) : min($0, value) } ?? value
      }
    }
    (metricNames, metrics) = (names, best)
  }

  var object: String {
    let set = values.sorted { $0.key < $1.key }.map {
      "\(JSONString.quoted($0.key)):\(JSONString.quoted($0.value))"
    }
    let measured = metricNames.map { "\(JSONString.quoted($0)):\(NumberText.json(metrics[$0] ?? .nan))" }
    return JSONText.object([
      ("run", .text(path)), ("step", .text(step)), ("at_work", .json(isAtWork ? "true" : "false")),
      ("configuration", .json("{\(set.joined(separator: ","))}")),
      ("metrics", .json("{\(measured.joined(separator: ","))}")),
    ])
  }
}
