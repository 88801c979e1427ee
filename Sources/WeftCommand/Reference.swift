import ArgumentParser
import WeftTasks

/// Prints the reference of configuration keys.
struct Reference: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print every configuration key with its allowed values, default and meaning, as Markdown.",
    discussion: """
      The text is Markdown.

      Example:
        weft reference
      """)

  func run() {
    printText(Configuration.reference, terminator: "")
  }
}
