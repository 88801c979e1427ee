import ArgumentParser
import WeftBase

/// Number of threads of a subcommand.
struct ThreadOptions: ParsableArguments {
  @Option(
    name: .customLong("threads"),
    help: ArgumentHelp(
      "Threads. The result does not depend on it. (default: \(AvailableProcessors.count), the available"
        + " CPUs)",
      valueName: "n"))
  var count: Int?

  func validate() throws {
    if let count, count < 1 { throw WeftError.usage("--threads must be at least 1, not \(count)") }
  }
}
