import ArgumentParser
import Foundation
import WeftBase
import WeftTraining

/// Shows the curves of a run while it trains.
struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the curves of a run while it trains, from another terminal.",
    discussion: """
      Losses, what is measured on the validation split, speed and time left, drawn anew as the run writes its metrics. \
      Ends with the run, or at Ctrl-C; the run itself is not disturbed.

      Example:
        weft watch runs/shakespeare
      """)

  @Argument(help: ArgumentHelp("A run's folder.", valueName: "run"), completion: .directory)
  var path: String

  @Flag(help: "Show what there is now and end.")
  var once = false

  @Option(help: ArgumentHelp("Seconds between looks at the run.", valueName: "seconds"))
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
    var terminal = Terminal()
    var reader = MetricsReader(path: folder.metrics)
    Interruption.listen()
    var isFirst = true
    while true {
      // Asked before the metrics are read, so that the last ones are shown.
      let isAtWork = folder.isAtWork
      let changed = try reader.update()
      if changed || isFirst || !isAtWork || once || terminal.hasChanged {
        let frame = RunFrame(
          folder: path, records: reader.records, times: (try? TimesLog.records(in: folder.times)) ?? [],
          totalSteps: totalSteps, isAtWork: isAtWork)
        terminal.show(frame, replacing: !isFirst)
        isFirst = false
      }
      if once || !isAtWork { return }
      let end = Date().addingTimeInterval(interval)
      while Date() < end, !Interruption.isRequested { Thread.sleep(forTimeInterval: min(interval, 0.05)) }
      if Interruption.isRequested { throw ExitCode(Interruption.exitCode ?? 0) }
    }
  }
}

/// Standard output, which may be a terminal.
private struct Terminal {
  private let isTerminal = isatty(STDOUT_FILENO) == 1
  private let isColored: Bool
  /// Columns and lines of the latest frame.
  private var shown: (width: Int, height: Int)?

  /// Whether the window has another size than at the latest frame.
  var hasChanged: Bool { shown.map { $0 != size } ?? false }

  init() {
    let environment = ProcessInfo.processInfo.environment
    isColored = isTerminal && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
  }

  /// Shows a frame, on a terminal in the place of the one before.
  mutating func show(_ frame: RunFrame, replacing: Bool) {
    let (width, height) = size
    // A window of another size has put the old lines elsewhere.
    let replacing = replacing && !hasChanged
    shown = (width, height)
    let lines = frame.lines(width: width, height: height, isColored: isColored)
    // Each line is cleared to its end and what is below it to the end of the screen, so that nothing flickers.
    let start = isTerminal ? (replacing ? "\u{1B}[H" : "\u{1B}[2J\u{1B}[H") : ""
    let text =
      start + lines.joined(separator: isTerminal ? "\u{1B}[K\n" : "\n") + (isTerminal ? "\u{1B}[J\n" : "\n")
    try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }

  private var size: (width: Int, height: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }
}
