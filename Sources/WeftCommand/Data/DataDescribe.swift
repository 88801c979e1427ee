import ArgumentParser
import DatasetTools
import Foundation
import WeftBase
import WeftTasks

/// Describes a dataset.
struct DataDescribe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Show a dataset's lengths, statistics, class balance and storage.",
    discussion: """
      Example:
        weft data describe datasets/shakespeare/shakespeare.h5
      """)

  @Argument(help: "The dataset.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp(
      "Print how this configuration understands the data. (default: what names and types of the datasets suggest)",
      valueName: "file.yaml"),
    completion: .file(extensions: ["yaml"]))
  var config: String?

  @Flag(help: "Print JSON instead of text.")
  var json = false

  func run() throws {
    let progress = ProgressReporter()
    let configuration = try config.map { try ConfigurationFile.read($0) }
    let report = DescriptionReport(
      description: try DatasetDescription(file, configuration: configuration, progress: progress))
    progress.finish()
    printText(json ? try report.json : report.text, terminator: "")
  }
}

/// The report of `data describe`.
struct DescriptionReport: Report {
  let description: DatasetDescription

  func encode(to encoder: any Encoder) throws { try description.encode(to: encoder) }

  var text: String {
    var lines = [description.file]
    for vocabulary in description.vocabularies {
      let shown = vocabulary.first.map(quoted).joined(separator: " ")
      let more = vocabulary.count > vocabulary.first.count ? " …" : ""
      lines.append("vocabulary: \(vocabulary.count) \(vocabulary.unit)s: \(shown)\(more)")
    }
    for split in description.splits {
      lines +=
        ["", heading(split), "  as training reads it: \(split.understanding)"]
        + body(split).map { "  \($0)" }
    }
    return lines.map { $0.printable() + "\n" }.joined()
  }

  private func heading(_ split: DatasetDescription.SplitDescription) -> String {
    guard let lengths = split.lengths else {
      return "\(split.name): stream of \(NumberText.counted(split.steps, "steps"))"
    }
    let spread =
      lengths.minimum == lengths.maximum
      ? "of \(NumberText.counted(lengths.minimum, "steps"))"
      : "of \(lengths.minimum) to \(lengths.maximum) steps (median \(lengths.median), mean \(number(lengths.mean)))"
    return
      "\(split.name): \(NumberText.counted(split.sequences, "sequences")), \(split.layout), \(spread); \(NumberText.counted(split.steps, "steps")) in total"
  }

  private func body(_ split: DatasetDescription.SplitDescription) -> [String] {
    var lines: [String] = []
    if !split.names.isEmpty {
      let others = split.sequences - split.names.count
      lines.append(
        "names: \(split.names.map(quoted).joined(separator: ", "))"
          + (others > 0 ? " and \(others) more" : ""))
    }
    if let histogram = split.lengths?.histogram {
      lines += ["lengths"] + bars(histogram, isWhole: true).map { "  \($0)" }
    }
    for dataset in split.datasets {
      let filters =
        dataset.filters.isEmpty ? "uncompressed" : dataset.filters.joined(separator: " ")
      let chunk = dataset.chunk.map { "chunks of \($0), " } ?? ""
      let size = String(format: "%.1f KiB", Double(dataset.storedBytes) / 1024)
      lines.append("\(dataset.name): \(dataset.type) \(dataset.shape), \(chunk)\(filters), \(size)")
      if let meaning = dataset.meaning { lines.append("  read as: \(meaning)") }
      if !dataset.features.isEmpty {
        let rows = dataset.features.map {
          [
            $0.name, number($0.mean), number($0.standardDeviation), number($0.minimum),
            number($0.maximum),
          ]
            + ($0.nonFiniteCount > 0 ? ["\($0.nonFiniteCount) non-finite"] : [])
        }
        lines += table([["feature", "mean", "std. dev.", "minimum", "maximum"]] + rows).map {
          "  \($0)"
        }
        if dataset.omittedFeatures > 0 { lines.append("  … and \(dataset.omittedFeatures) more") }
      }
      if let values = dataset.values { lines += bars(values, isWhole: false).map { "  \($0)" } }
      lines += classes(dataset).map { "  \($0)" }
    }
    return lines
  }

  private func classes(_ dataset: DatasetDescription.MemberDescription) -> [String] {
    let total = dataset.shape.boundedProduct ?? 0
    let maximum = dataset.classes.map(\.count).max() ?? 1
    var lines = table(
      dataset.classes.map {
        [$0.name.map(quoted) ?? "\($0.number)", "\($0.count)", share($0.count, of: total)]
      })
    for (index, entry) in dataset.classes.enumerated() {
      lines[index] += "  " + bar(entry.count, of: maximum)
    }
    let others = dataset.distinctClasses - dataset.classes.count
    if others > 0 { lines.append("… and \(others) more") }
    return lines
  }

  private func bars(_ histogram: Histogram, isWhole: Bool) -> [String] {
    let maximum = histogram.counts.max() ?? 1
    if histogram.minimum == histogram.maximum {
      return ["\(number(histogram.minimum))  \(maximum)  \(bar(maximum, of: maximum))"]
    }
    let lines = table(
      histogram.counts.enumerated().map { index, count in
        let (start, end) = (histogram.start(of: index), histogram.start(of: index + 1))
        let range =
          isWhole
          ? "\(Int(limiting: start.rounded()))–\(Int(limiting: end.rounded()) - 1)"
          : "\(number(start)) – \(number(end))"
        return [range, "\(count)"]
      })
    return zip(lines, histogram.counts).map { "\($0)  \(bar($1, of: maximum))" }
  }

  private func bar(_ count: Int, of maximum: Int) -> String {
    let length = maximum > 0 ? Int((40 * Double(count) / Double(maximum)).rounded(.up)) : 0
    return String(repeating: "█", count: length)
  }

  /// A quoted text with escaped line breaks.
  private func quoted(_ text: String) -> String {
    text.shortened(to: 200).debugDescription.replacing("\\'", with: "'")
  }

  private func number(_ value: Double) -> String { String(format: "%.5g", value) }

  private func share(_ count: Int, of total: Int) -> String {
    String(format: "%.2f%%", 100 * Double(count) / Double(max(total, 1)))
  }
}
