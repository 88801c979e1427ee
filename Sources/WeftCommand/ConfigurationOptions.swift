import ArgumentParser
import WeftBase
import WeftModels
import WeftTasks

/// Configuration options of a subcommand.
struct ConfigurationOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The configuration file; for 'weft train' also a dataset.", valueName: "config"),
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Override a configuration key; may be repeated. 'weft reference' lists all keys.",
      valueName: "key=value"))
  var overrides: [String] = []

  /// These options with another precision; nil for that of the configuration.
  func with(_ precision: Precision?) -> ConfigurationOptions {
    guard let precision else { return self }
    var options = self
    options.overrides.append("training.precision=\(precision.rawValue)")
    return options
  }

  /// The keys that are overridden.
  var overriddenKeys: Set<String> { Set(overrides.map { String($0.prefix { $0 != "=" }) }) }

  /// Reads the file.
  func configuration() throws(WeftError) -> Configuration {
    try ConfigurationFile.read(file, overrides: overrides)
  }
}
