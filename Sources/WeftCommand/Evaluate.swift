import ArgumentParser
import DatasetTools
import Foundation
import WeftBase
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
    let group = model.configuration.data.split.group(named: split)
    // Minibatches are taken one after the other.
    nonisolated(unsafe) let progress = ProgressReporter()
    defer { progress.finish() }
    let evaluation = try model.evaluate(split: group, file: data) { done, total in
      progress.update("evaluating \(group)", done: done, total: total, unit: "minibatches")
    }
    progress.finish()
    guard evaluation.count > 0 else {
      throw WeftError.failure(
        "\(data ?? model.configuration.data.file): group /\(group): all targets are missing or ignored, so that there"
          + " is nothing to evaluate")
    }
    model.dataNotes(split: group, file: data, comparesTargets: true).forEach(printNote)
    let report = EvaluationReport(
      checkpoint: model.path, step: model.step, split: split,
      unit: model.vocabulary?.unit == .character ? "char" : "token", classNames: model.outputClassNames,
      labelNames: model.traits.targetNames, evaluation: evaluation)
    printText(json ? report.json : report.text)
    if !json, let table = report.classTable ?? report.labelTable { printText(table) }
    if let note = report.unpredictedNote { printNote(note) }
  }
}

/// The report of an evaluation.
struct EvaluationReport {
  let checkpoint: String
  let step: Int
  let split: String
  /// Abbreviated unit of a token.
  let unit: String
  /// Names of the classes; empty for other outputs.
  let classNames: [String]
  /// Names of labels of which there may be several; empty for other outputs and without names.
  let labelNames: [String]
  let evaluation: Evaluation

  /// The report as one line of text.
  var text: String {
    var parts = ["loss \(fixed(evaluation.loss, 4))"]
    if let bits = evaluation.bitsPerToken { parts.append("\(fixed(bits, 4)) bits/\(unit)") }
    if let perplexity = evaluation.perplexity { parts.append("perplexity \(fixed(perplexity, 3))") }
    if let accuracy = evaluation.accuracy { parts.append("accuracy \(fixed(100 * accuracy, 2))%") }
    if let commonest { parts.append("(always '\(commonest.name)': \(fixed(100 * commonest.share, 2))%)") }
    for measured in others { parts.append("\(measured.metric.name) \(fixed(measured.value, 4))") }
    parts.append(NumberText.counted(evaluation.count, "targets"))
    return "\(split): " + parts.joined(separator: "  ")
  }

  /// The report as one line of JSON.
  var json: String {
    JSONText.object(
      [
        ("checkpoint", .text(checkpoint)), ("step", .integer(step)), ("split", .text(split)),
        ("loss", .number(evaluation.loss)), ("bits_per_token", .number(evaluation.bitsPerToken)),
        ("perplexity", .number(evaluation.perplexity)), ("accuracy", .number(evaluation.accuracy)),
      ] + others.map { ($0.metric.name, .number($0.value)) } + [("count", .integer(evaluation.count))]
        + (commonest.map { [("baseline_accuracy", .number($0.share))] } ?? []) + confusionMembers
        + labelMembers)
  }

  /// What always predicting the commonest class would reach; nil if targets are not classes.
  private var commonest: (name: String, share: Double)? {
    guard let confusion = evaluation.confusion, confusion.total > 0,
      let best = (0..<confusion.classes).max(by: { confusion.support(of: $0) < confusion.support(of: $1) })
    else { return nil }
    return (name(of: best), confusion.commonestShare)
  }

  /// A note on classes that occur but are never predicted; nil without any, or for many classes.
  var unpredictedNote: String? {
    // Of many classes, some are hardly ever the likeliest.
    guard let confusion = evaluation.confusion, confusion.classes <= Self.maximumClasses else { return nil }
    let missed = (0..<confusion.classes).filter {
      confusion.support(of: $0) > 0 && confusion.predicted($0) == 0
    }
    guard let first = missed.first else { return nil }
    let count = confusion.support(of: first)
    let targets = NumberText.counted(count, "targets")
    let what =
      missed.count == 1
      ? "The class '\(name(of: first))' is never predicted, but \(targets) \(count == 1 ? "is" : "are") of it"
      : "\(missed.count) classes are never predicted, but occur, such as '\(name(of: first))' in \(targets)"
    return "\(what); loss.class_weights: balanced gives rare classes more weight in training."
  }

  private func name(of number: Int) -> String {
    classNames.indices.contains(number) ? classNames[number] : "\(number)"
  }

  /// More classes are no table for people.
  private static let maximumClasses = 20

  /// Precision, recall and F1 of each class, with its predictions by class, as lines of text; nil for other targets.
  var classTable: String? {
    guard let confusion = evaluation.confusion, confusion.total > 0, confusion.classes <= Self.maximumClasses
    else { return nil }
    let classes = 0..<confusion.classes
    let head = ["class", "precision", "recall", "F1", "targets"] + classes.map { "→ \(name(of: $0))" }
    let rows = classes.map { number in
      [
        name(of: number), fixed(confusion.precision(of: number), 4), fixed(confusion.recall(of: number), 4),
        fixed(confusion.f1(of: number), 4), "\(confusion.support(of: number))",
      ] + classes.map { "\(confusion[label: number, prediction: $0])" }
    }
    return table([head] + rows).joined(separator: "\n")
  }

  /// Precision, recall and F1 of each of several labels at once, with its positive targets, as lines of text; nil for other
  /// targets, and for one label, whose numbers are the metrics.
  var labelTable: String? {
    let labels = evaluation.labels
    guard labels.count > 1, labels.count <= Self.maximumClasses else { return nil }
    let rows = labels.enumerated().map { number, confusion in
      [
        labelName(number), fixed(confusion.precision(of: 1), 4), fixed(confusion.recall(of: 1), 4),
        fixed(confusion.f1(of: 1), 4), "\(confusion.support(of: 1))",
      ]
    }
    return table([["label", "precision", "recall", "F1", "positive"]] + rows).joined(separator: "\n")
  }

  private func labelName(_ number: Int) -> String {
    labelNames.count == evaluation.labels.count ? labelNames[number] : "\(number)"
  }

  /// The measures of several labels at once.
  private var labelMembers: [(name: String, value: JSONText.Value)] {
    let labels = evaluation.labels
    guard labels.count > 1, labels.count <= 1000 else { return [] }
    let rows = labels.enumerated().map { number, confusion in
      JSONText.object([
        ("name", .text(labelName(number))), ("precision", .number(confusion.precision(of: 1))),
        ("recall", .number(confusion.recall(of: 1))), ("f1", .number(confusion.f1(of: 1))),
        ("positive", .integer(confusion.support(of: 1))),
      ])
    }
    return [("labels", .json("[\(rows.joined(separator: ","))]"))]
  }

  /// The confusion matrix, `[label][prediction]`, and the names of its classes.
  private var confusionMembers: [(name: String, value: JSONText.Value)] {
    guard let confusion = evaluation.confusion, confusion.classes <= 1000 else { return [] }
    let classes = 0..<confusion.classes
    let rows = classes.map { label in
      "[" + classes.map { "\(confusion[label: label, prediction: $0])" }.joined(separator: ",") + "]"
    }
    let names = classes.map { JSONString.quoted(name(of: $0)) }
    return [
      ("classes", .json("[\(names.joined(separator: ","))]")),
      ("confusion", .json("[\(rows.joined(separator: ","))]")),
    ]
  }

  /// Metrics of the task other than the accuracy.
  private var others: [MeasuredMetric] { evaluation.metrics.filter { $0.metric != .accuracy } }

  private func fixed(_ value: Double, _ decimals: Int) -> String {
    // For example an error relative to that of repeating the season, which is 0 in a series that repeats itself.
    if value.isNaN { return "undefined" }
    // Errors of strains and of populations have no such digits.
    let (least, most) = (0.5 * pow(10, -Double(decimals)), 1e9)
    if value != 0, value.isFinite, value.magnitude < least || value.magnitude >= most {
      return NumberText.significant(value, digits: decimals)
    }
    return String(format: "%.\(decimals)f", value)
  }
}
