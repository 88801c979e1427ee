import Foundation
import WeftBase

/// Text that a model wrote, or that comes from a file, for standard output.
enum OutputText {
  private static let isTerminal = isatty(STDOUT_FILENO) == 1

  /// The text as it is for a file or another program; for a terminal, its control characters as escapes, except line
  /// breaks and tabs.
  static func shown(_ text: String, onTerminal: Bool = isTerminal) -> String {
    onTerminal ? text.printable(keepsLines: true) : text
  }
}
