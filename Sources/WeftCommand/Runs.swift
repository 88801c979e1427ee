import ArgumentParser
import DatasetTools
import Foundation
import WeftBase
import WeftMetrics
import WeftTasks
import WeftTraining

/// Lists runs with what they differ in and what they reached.
struct Runs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List runs with their differences and metrics.",
    discussion: """
      Example:
        weft runs runs --sort accuracy
      """)

  @Argument(
    help: ArgumentHelp("Folders of runs, or folders that contain them. (default: runs)", valueName: "folder"),
    completion: .directory)
  var folders: [String] = []

  @Option(
    help: ArgumentHelp("Sort by a metric's best value, best first. (default: by name)", valueName: "metric"))
  var sort: String?

  @Flag(help: "Print one JSON object per line instead of text.")
  var json = false

  @Flag(help: "Print comma-separated values instead of text.")
  var csv = false

  func validate() throws {
    if json, csv { throw WeftError.usage("--json cannot be combined with --csv") }
  }

  func run() throws {
    let given = folders.isEmpty ? ["runs"] : folders
    var found: [ListedRun] = []
    for folder in given {
      guard OutputFile.exists(folder) else { throw WeftError.failure("\(folder): no such file or folder") }
      found += Self.runs(in: folder, depth: 3)
    }
    guard !found.isEmpty else {
      throw WeftError.failure("\(given.joined(separator: ", ")): contains no run")
    }
    if let sort {
      let known = Set(found.flatMap { $0.metrics.keys })
      guard known.contains(sort) else {
        throw WeftError.usage(
          known.isEmpty
            ? "--sort: no run has been evaluated yet"
            : "--sort: no run has the metric '\(sort)'; they have \(known.sorted().joined(separator: ", "))")
      }
      let ascends = !Metric.higherIsBetter(named: sort)
      found.sort { first, second in
        guard let one = first.metrics[sort] else { return false }
        guard let other = second.metrics[sort] else { return true }
        return ascends ? one < other : one > other
      }
    }
    let keys = Self.differingKeys(found)
    let metrics = found.reduce(into: [String]()) { names, run in
      for name in run.metricNames where !names.contains(name) { names.append(name) }
    }
    if json {
      for run in found { printText(run.object) }
      return
    }
    let head = ["run", "step"] + keys + metrics
    let rows = found.map { run in
      [run.path, run.step] + keys.map { run.values[$0] ?? "" }
        + metrics.map { name in
          run.metrics[name].map { csv ? NumberText.json($0) : NumberText.significant($0, digits: 5) } ?? ""
        }
    }
    if csv {
      for row in [head] + rows { printText(SeparatedValues.line(row)) }
    } else {
      for line in table([head] + rows) { printText(line) }
    }
  }

  private static func runs(in folder: String, depth: Int) -> [ListedRun] {
    if let run = ListedRun(folder) { return [run] }
    guard depth > 0, let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      return []
    }
    return names.sorted().filter { !$0.hasPrefix(".") }.flatMap {
      runs(in: "\(folder)/\($0)", depth: depth - 1)
    }
  }

  /// Keys in which the runs differ, in the order of the reference.
  private static func differingKeys(_ runs: [ListedRun]) -> [String] {
    Configuration.keys.map(\.path).filter { key in
      key != "data.file" && Set(runs.map { $0.values[key] ?? "" }).count > 1
    }
  }
}
