import ArgumentParser
import WeftBase
import WeftTasks

/// Configuration options of a subcommand.
struct ConfigurationOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The configuration file.", valueName: "config"),
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Override a configuration key; may be repeated. 'weft reference' lists all keys.",
      valueName: "key=value"))
  var overrides: [String] = []

  /// Reads the file.
  func configuration() throws(WeftError) -> Configuration {
    try Configuration(file: file, overrides: overrides)
  }
}
