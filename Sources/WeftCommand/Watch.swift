import ArgumentParser
import Foundation
import WeftBase
import WeftTraining

/// Shows the curves of a run during training.
struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the curves of a run during training, from another terminal.",
    discussion: """
      Shows losses, validation metrics, speed and time left, and redraws when the run writes metrics. Exits when \
      the run ends or at Ctrl-C; the run itself is not disturbed.

      Example:
        weft watch runs/shakespeare
      """)

  @Argument(help: ArgumentHelp("A run's folder.", valueName: "run"), completion: .directory)
  var path: String

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
    let folder = RunFolder(path)
    try folder.checkMetrics()
    let totalSteps = (try? folder.readConfiguration())?.training.steps
    var terminal = Terminal(isPlain: once)
    var reader = MetricsReader(path: folder.metrics)
    Interruption.listen()
    var isFirst = true
    while true {
      // Queried before the metrics are read, so that the last ones are shown.
      let isAtWork = folder.isAtWork
      let changed = try reader.update()
      if changed || isFirst || !isAtWork || once || terminal.hasChanged {
        let frame = RunFrame(
          folder: path, records: reader.records, times: (try? TimesLog.records(in: folder.times)) ?? [],
          totalSteps: totalSteps, isAtWork: isAtWork)
        terminal.show(frame, replacing: !isFirst)
        isFirst = false
      }
      if once || !isAtWork {
        if let note = reader.note { printNote(note) }
        return
      }
      let end = Date().addingTimeInterval(interval)
      while Date() < end, !Interruption.isRequested { Thread.sleep(forTimeInterval: min(interval, 0.05)) }
      if Interruption.isRequested { throw ExitCode(Interruption.exitCode ?? 0) }
    }
  }
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
  mutating func show(_ frame: RunFrame, replacing: Bool) {
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
