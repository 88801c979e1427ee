import Foundation
import WeftBase

/// Content of a progress line.
package protocol LineProgress: Sendable {
  /// Completed steps.
  var step: Int { get }
  /// The progress in one line of at most `width` columns.
  func line(width: Int) -> String
}

/// Shows the progress of training or other long work: on a terminal a single rewritten line, elsewhere one line every
/// few steps.
package struct ProgressLine {
  /// Display style.
  package enum Style: Equatable, Sendable {
    /// One line, rewritten at most five times a second.
    case rewritten
    /// One line every this many steps.
    case lines(every: Int)
  }

  private static let interval = Duration.milliseconds(200)

  private let style: Style
  private let width: () -> Int
  private let write: (String) -> Void
  private var lastDrawn: ContinuousClock.Instant?
  /// The latest progress not yet shown.
  private var pending: (any LineProgress)?
  private var isLineOpen = false

  /// Whether a single line is rewritten, as on a terminal.
  package var isRewritten: Bool { style == .rewritten }

  /// Shows progress on standard error, in the style that suits a terminal or a file.
  package init(logEvery: Int) {
    let isTerminal = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    self.init(
      isTerminal ? .rewritten : .lines(every: logEvery), width: Self.terminalWidth,
      // A closed terminal or pipe does not end a run.
      write: { StandardStreams.report($0) })
  }

  /// Shows progress through `write`; rewritten lines have at most `width` columns.
  package init(_ style: Style, width: @escaping () -> Int, write: @escaping (String) -> Void) {
    self.style = style
    self.width = width
    self.write = write
  }

  /// Shows `progress`, unless the last update was too recent.
  package mutating func update(_ progress: some LineProgress, at now: ContinuousClock.Instant = .now) {
    pending = progress
    switch style {
    case .rewritten:
      if let lastDrawn, now - lastDrawn < Self.interval { return }
      lastDrawn = now
      draw()
    case .lines(let steps):
      if progress.step.isMultiple(of: max(1, steps)) { draw() }
    }
  }

  /// Writes a permanent line above the progress.
  package mutating func note(_ text: String) {
    write((isLineOpen ? "\r\u{1B}[K" : "") + text.asMessage + "\n")
    isLineOpen = false
    lastDrawn = nil
  }

  /// Shows the latest progress and ends the line.
  package mutating func finish() {
    draw()
    if isLineOpen { write("\n") }
    isLineOpen = false
  }

  private mutating func draw() {
    guard let progress = pending else { return }
    pending = nil
    switch style {
    case .rewritten:
      // Leaves the last column free, after which terminals wrap.
      write("\r" + progress.line(width: max(1, width() - 1)).printable() + "\u{1B}[K")
      isLineOpen = true
    case .lines: write(progress.line(width: .max).printable() + "\n")
    }
  }

  private static func terminalWidth() -> Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
