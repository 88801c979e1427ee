import ArgumentParser
import Foundation
import WeftBase
import WeftTraining

/// Shows the curves of a run during training.
struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the curves of runs during training, from another terminal.",
    discussion: """
      Shows losses, validation metrics, speed and time left, and redraws when the run writes metrics. Exits when \
      the run ends or at Ctrl-C; the run itself is not disturbed. Several runs are shown in one table, with their \
      losses over each other.

      Example:
        weft watch runs/shakespeare
        weft watch runs/small runs/large
      """)

  @Argument(
    help: ArgumentHelp("Runs' folders; several are shown in one table and one plot.", valueName: "run"),
    completion: .directory)
  var paths: [String]

  @Flag(help: "Print the current state and exit.")
  var once = false

  @Option(help: ArgumentHelp("Seconds between updates.", valueName: "seconds"))
  var interval = 0.5

  func validate() throws {
    guard interval >= 0.05, interval <= 3600 else {
      throw WeftError.usage("--interval must be from 0.05 to 3600 seconds, not \(interval)")
    }
  }

  func run() throws {
    var runs = try paths.map { path throws(WeftError) in try WatchedRun(path) }
    var terminal = Terminal(isPlain: once)
    Interruption.listen()
    var isFirst = true
    while true {
      var hasChanged = false
      for index in runs.indices where try runs[index].update() { hasChanged = true }
      let isAtWork = runs.contains { $0.isAtWork }
      if hasChanged || isFirst || !isAtWork || once || terminal.hasChanged {
        terminal.show(frame(runs), replacing: !isFirst)
        isFirst = false
      }
      if once || !isAtWork {
        for note in runs.compactMap(\.note) { printNote(note) }
        return
      }
      let end = Date().addingTimeInterval(interval)
      while Date() < end, !Interruption.isRequested { Thread.sleep(forTimeInterval: min(interval, 0.05)) }
      if Interruption.isRequested { throw ExitCode(Interruption.exitCode ?? 0) }
    }
  }

  private func frame(_ runs: [WatchedRun]) -> any Frame {
    let frames = runs.map(\.frame)
    return frames.count == 1 ? frames[0] : RunsFrame(runs: frames)
  }
}

/// A run that is watched.
private struct WatchedRun {
  private let folder: RunFolder
  private let totalSteps: Int?
  private var reader: MetricsReader
  /// Whether a process was training the run when it was last looked at.
  private(set) var isAtWork = true

  /// - Throws: If the folder contains no metrics.
  init(_ path: String) throws(WeftError) {
    folder = RunFolder(path)
    try folder.checkMetrics()
    totalSteps = (try? folder.readConfiguration())?.training.steps
    reader = MetricsReader(path: folder.metrics)
  }

  /// Reads what is new; returns whether anything is.
  mutating func update() throws(WeftError) -> Bool {
    // Queried before the metrics are read, so that the last ones are shown.
    let wasAtWork = isAtWork
    isAtWork = folder.isAtWork
    return try reader.update() || isAtWork != wasAtWork
  }

  var note: String? { reader.note }

  var frame: RunFrame {
    RunFrame(
      folder: folder.path, records: reader.records, times: (try? TimesLog.records(in: folder.times)) ?? [],
      totalSteps: totalSteps, isAtWork: isAtWork)
  }
}

/// What is shown at once.
protocol Frame {
  /// The lines, at most `height` less one.
  func lines(width: Int, height: Int, isColored: Bool) -> [String]
}

/// Standard output, which may be a terminal.
private struct Terminal {
  private let isTerminal: Bool
  private let isColored: Bool
  /// Size of the latest frame.
  private var shown: (width: Int, height: Int)?

  /// Whether the window was resized after the latest frame.
  var hasChanged: Bool { shown.map { $0 != size } ?? false }

  /// - Parameter isPlain: Whether to print text without control characters even on a terminal.
  init(isPlain: Bool) {
    isTerminal = !isPlain && isatty(STDOUT_FILENO) == 1
    let environment = ProcessInfo.processInfo.environment
    isColored = isTerminal && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
  }

  /// Shows a frame; on a terminal, it replaces the previous one.
  mutating func show(_ frame: any Frame, replacing: Bool) {
    let (width, height) = size
    // Resizing the window moved the old lines.
    let replacing = replacing && !hasChanged
    shown = (width, height)
    let lines = frame.lines(width: width, height: height, isColored: isColored)
    // Clear each line to its end and the screen below the last line, which avoids flicker.
    let start = isTerminal ? (replacing ? "\u{1B}[H" : "\u{1B}[2J\u{1B}[H") : ""
    let text =
      start + lines.joined(separator: isTerminal ? "\u{1B}[K\n" : "\n") + (isTerminal ? "\u{1B}[J\n" : "\n")
    printText(text, terminator: "")
  }

  private var size: (width: Int, height: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }
}
