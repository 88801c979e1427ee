import ArgumentParser
import WeftBase
import WeftTasks

/// The configuration that a verb works on.
struct ConfigurationOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The configuration file.", valueName: "config"),
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Take this value for a key in place of the file's; may be given more than once. 'weft reference' lists"
        + " all keys.", valueName: "key=value"))
  var overrides: [String] = []

  /// Reads the file.
  func configuration() throws(WeftError) -> Configuration {
    try Configuration(file: file, overrides: overrides)
  }
}
