import ArgumentParser
import Foundation
import WeftMetrics
import WeftTraining

/// Evaluates a trained model on a split.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate a trained model on a split.",
    discussion: """
      Example:
        weft evaluate runs/shakespeare --split test
      """)

  @OptionGroup var trained: TrainedRun

  @Option(help: "The split to evaluate: train, validation, test or another group.")
  var split = "test"

  @Option(
    help: ArgumentHelp(
      "Another HDF5 file with the layout of the training data. (default: the dataset of the run)",
      valueName: "file"),
    completion: .file())
  var data: String?

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print JSON instead of text.")
  var json = false

  func run() throws {
    let model = try trained.model(threads: threads.count)
    let report = EvaluationReport(
      checkpoint: model.path, step: model.step, split: split,
      unit: model.vocabulary?.unit == .character ? "char" : "token",
      evaluation: try model.evaluate(
        split: model.configuration.data.split.group(named: split), file: data))
    printText(json ? report.json : report.text)
  }
}

/// The report of an evaluation.
struct EvaluationReport {
  let checkpoint: String
  let step: Int
  let split: String
  /// Abbreviated unit of a token.
  let unit: String
  let evaluation: Evaluation

  /// The report as one line of text.
  var text: String {
    var parts = ["loss \(fixed(evaluation.loss, 4))"]
    if let bits = evaluation.bitsPerToken { parts.append("\(fixed(bits, 4)) bits/\(unit)") }
    if let perplexity = evaluation.perplexity { parts.append("perplexity \(fixed(perplexity, 3))") }
    if let accuracy = evaluation.accuracy { parts.append("accuracy \(fixed(100 * accuracy, 2))%") }
    for measured in others { parts.append("\(measured.metric.name) \(fixed(measured.value, 4))") }
    parts.append("\(evaluation.count) targets")
    return "\(split): " + parts.joined(separator: "  ")
  }

  /// The report as one line of JSON.
  var json: String {
    JSONText.object(
      [
        ("checkpoint", .text(checkpoint)), ("step", .integer(step)), ("split", .text(split)),
        ("loss", .number(evaluation.loss)), ("bits_per_token", .number(evaluation.bitsPerToken)),
        ("perplexity", .number(evaluation.perplexity)), ("accuracy", .number(evaluation.accuracy)),
      ] + others.map { ($0.metric.name, .number($0.value)) } + [("count", .integer(evaluation.count))])
  }

  /// Metrics of the task other than the accuracy.
  private var others: [MeasuredMetric] { evaluation.metrics.filter { $0.metric != .accuracy } }

  private func fixed(_ value: Double, _ decimals: Int) -> String {
    String(format: "%.\(decimals)f", value)
  }
}
