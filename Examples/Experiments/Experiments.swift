import ArgumentParser
import Foundation
import WeftLayers
import WeftPlots

/// Trains each kind of cell on problems that need a longer and longer memory.
@main
struct Experiments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weft-experiments",
    abstract: "Compare cells on the adding problem and copy memory at increasing lengths.",
    discussion: """
      Prints a table for each problem and plots the gradient flow through time.

      Example:
        weft-experiments --output docs/images
      """)

  @Option(parsing: .upToNextOption, help: "The problems: adding, copying.")
  var problems = Problem.allCases

  @Option(parsing: .upToNextOption, help: "Lengths of the problems, in steps.")
  var lengths = [100, 200, 500, 1000]

  @Option(parsing: .upToNextOption, help: "The recurrent cells, at most three.")
  var cells = [CellType.tanh, .lstm, .gru]

  @Option(help: "Maximum optimizer steps if the problem is not solved earlier.")
  var steps = 3000

  @Option(help: "Units of the recurrent layer.")
  var hidden = 64

  @Option(help: "Sequences per minibatch.")
  var batch = 32

  @Option(help: "The learning rate of Adam.")
  var learningRate = 0.002

  @Option(help: "Optimizer steps between evaluations.")
  var evaluateEvery = 250

  @Flag(
    inversion: .prefixedNo,
    help: "Initialize gates for the length of the problem (model.memory_span).")
  var memorySpan = true

  @Option(help: "Training sequences.")
  var sequences = 10_000

  @Option(help: "Random seed.")
  var seed: UInt64 = 1

  @Option(help: "Threads. (default: all available CPUs)")
  var threads: Int?

  @Option(help: "Folder for the figures.")
  var output = "."

  func validate() throws {
    if cells.isEmpty || cells.count > 3 { throw ValidationError("--cells needs one to three") }
    if !lengths.allSatisfy({ $0 >= 2 }) { throw ValidationError("--lengths must be at least 2") }
  }

  func run() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "weft-experiments-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    for problem in problems {
      var trials: [[Trial]] = []
      for length in lengths {
        let data = folder.appending(path: "\(problem.rawValue).h5").path
        let splits = [
          ("train", sequences), ("validation", max(sequences / 20, 1)), ("test", max(sequences / 10, 1)),
        ]
        try problem.write(to: data, length: length, splits: splits, seed: seed &+ UInt64(length))
        trials.append(
          try cells.map { try trial(problem, length: length, $0, data: data, folder: folder.path) })
      }
      print(table(problem, trials))
      for (name, norms) in [("untrained", \Trial.untrained), ("trained", \Trial.trained)] {
        try plot(problem, trials, when: name, norms).write(
          to: "\(output)/gradients-\(problem.rawValue)-\(name).svg")
      }
    }
  }

  private func trial(
    _ problem: Problem, length: Int, _ cell: CellType, data: String, folder: String
  ) throws -> Trial {
    let start = Date()
    let trial = try Trial(
      problem, length: length, cell: cell, data: data, folder: folder,
      Trial.Settings(
        steps: steps, hidden: hidden, batch: batch, learningRate: learningRate, evaluateEvery: evaluateEvery,
        setsMemorySpan: memorySpan, seed: seed, threads: threads))
    let line =
      "\(problem.rawValue) \(length) \(cell.rawValue): \(problem.score) \(problem.text(trial.score)), "
    let end = trial.solvedAfter.map { "solved after \($0) steps" } ?? "not solved"
    FileHandle.standardError.write(
      Data("\(line)\(end), \(Int(Date().timeIntervalSince(start))) s\n".utf8))
    return trial
  }

  /// A row for each length, a column for each cell.
  private func table(_ problem: Problem, _ trials: [[Trial]]) -> String {
    let heading = ["\(problem.title): \(problem.score)"] + cells.map(\.rawValue)
    let rows = trials.map { row in
      ["\(row[0].length) steps"]
        + row.map { trial in
          problem.text(trial.score) + (trial.solvedAfter.map { ", solved after \($0)" } ?? "")
        }
    }
    let lines = [heading, heading.map { _ in "---" }] + rows + [["chance", problem.text(problem.chance)]]
    return lines.map { "| \($0.joined(separator: " | ")) |\n" }.joined()
  }

  /// A panel for each length.
  private func plot(
    _ problem: Problem, _ trials: [[Trial]], when: String, _ norms: KeyPath<Trial, [Float]>
  ) -> SeriesPlot {
    let panels = trials.map { row in
      var panel = SeriesPlot.Panel("log₁₀ ‖∂L/∂hₜ‖, \(row[0].length) steps")
      panel.lines = row.map { trial in
        SeriesPlot.Line(
          trial.cell.rawValue, first: 1,
          // Below the least number of single precision there is nothing.
          values: trial[keyPath: norms].map { $0 > 0 ? log10(Double($0)) : .nan })
      }
      return panel
    }
    return SeriesPlot(
      title: "Gradient flow: \(problem.title)", subtitle: "\(when) networks of \(hidden) units",
      panels: panels)
  }
}

extension CellType: ExpressibleByArgument {}
