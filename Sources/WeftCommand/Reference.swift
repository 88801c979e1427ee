import ArgumentParser
import WeftTasks

/// Prints what a configuration may say.
struct Reference: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print every key of a configuration with its values, default and meaning.",
    discussion: """
      The text is Markdown.

      Example:
        weft reference
      """)

  func run() {
    print(Configuration.reference, terminator: "")
  }
}
