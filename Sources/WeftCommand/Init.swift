import ArgumentParser
import DatasetTools
import WeftBase
import WeftTraining

/// Writes a configuration for a dataset.
struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a configuration for a dataset, with a reason for each key.",
    discussion: """
      The data suggest what to learn and how large the model and how long the training should be; every line says \
      what it means and what else one might choose. 'weft train DATA' makes the same configuration and trains at once.

      Example:
        weft init datasets/japanese-vowels/japanese-vowels.h5 --output vowels.yaml
      """)

  @Argument(
    help: ArgumentHelp("An HDF5 dataset.", valueName: "data"), completion: .file(extensions: ["h5", "hdf5"]))
  var data: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The configuration to write.", valueName: "file.yaml"),
    completion: .file(extensions: ["yaml"]))
  var output = "train.yaml"

  @Option(help: TaskHelp.help, completion: TaskHelp.completion)
  var task: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Set a configuration key, such as data.format=dense where the data leave it open; may be repeated.",
      valueName: "key=value"))
  var overrides: [String] = []

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  func run() throws {
    try DataSource.checkIsConverted(data)
    try OutputPath.check(output, isNoneOf: [data])
    guard overwrite || !OutputFile.exists(output) else {
      throw WeftError.failure(
        "\(output): exists already; name another file with --output, or add --overwrite")
    }
    try RunFolder.checkIsFree(output: output)
    let (made, facts) = try DataSource.recipe(
      for: data, named: RelativePath.path(of: data, from: output), task: task,
      overrides: overrides, progress: ProgressReporter())
    var recipe = made
    for override in overrides { try recipe.set(override) }
    // What is written must be readable.
    _ = try recipe.configuration()
    try TextFile.replace(
      output,
      with: recipe.yaml(heading: ["The data: \(facts.understanding).", "All keys: weft reference."]))
    printText("\(data): \(facts.understanding)")
    for note in recipe.notes { printNote(note) }
    printText("\(output): \(recipe.title); train with: weft train \(output.shellQuoted)")
  }
}

/// The option `--task` of subcommands that compose a configuration.
enum TaskHelp {
  private static let names = RecipeTask.allCases.map(\.rawValue)

  static let help = ArgumentHelp(
    "What to learn from a dataset: \(names.joined(separator: ", ")). (default: what the data suggest)",
    valueName: "task")
  static let completion = CompletionKind.list(names)
}
