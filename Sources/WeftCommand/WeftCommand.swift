import ArgumentParser
import WeftBase

/// The command line, with one file per subcommand.
struct WeftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weft",
    abstract: "Train recurrent neural networks on CPUs, with the same result for any number of threads.",
    discussion: """
      Example:
        weft train datasets/shakespeare/train.yaml --output runs/shakespeare
        weft evaluate runs/shakespeare --split test
        weft generate runs/shakespeare --prompt 'Enter ' --length 400
      """,
    version: weftVersion,
    subcommands: [
      Train.self, Tune.self, Runs.self, Evaluate.self, Predict.self, Step.self, Score.self, Generate.self,
      Translate.self,
      Caption.self, Transcribe.self,
      Classify.self,
      Forecast.self, Detect.self, Watch.self, PageCommand.self, Export.self, Import.self, Inspect.self,
      DataTools.self, Bench.self,
      Reference.self,
    ])

  /// Rejects an unknown subcommand, which ArgumentParser would report as an unexpected argument.
  static func checkSubcommand(in arguments: ArraySlice<String>) throws(WeftError) {
    guard let name = arguments.first, !name.hasPrefix("-") else { return }
    let names = configuration.subcommands.map { $0._commandName } + ["help"]
    if names.contains(name) { return }
    let suggestion = name.nearest(among: names).map { "; did you mean '\($0)'?" } ?? ""
    throw .usage("unknown subcommand '\(name)'\(suggestion)")
  }
}
