import ArgumentParser
import WeftBase

/// How many processors a verb may use.
struct ThreadOptions: ParsableArguments {
  @Option(
    name: .customLong("threads"),
    help: ArgumentHelp(
      "Threads to use, \(AvailableProcessors.count) here unless given. The result does not depend on it.",
      valueName: "n"))
  var count: Int?

  func validate() throws {
    if let count, count < 1 { throw WeftError.usage("--threads must be at least 1, not \(count)") }
  }
}
