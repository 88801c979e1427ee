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

  /// The most threads that a machine could use.
  private static let maximum = 4096

  /// - Throws: A usage error for an impossible number of threads.
  static func check(_ count: Int) throws(WeftError) {
    guard count >= 1 else { throw .usage("--threads must be at least 1, not \(count)") }
    guard count <= maximum else { throw .usage("--threads must be at most \(maximum), not \(count)") }
  }

  func validate() throws {
    if let count { try Self.check(count) }
  }
}
