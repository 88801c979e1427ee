import ArgumentParser
import WeftBase

/// The command line: one verb a file.
struct WeftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weft",
    abstract: "Train recurrent neural networks on processors, with one result for any number of threads.",
    discussion: """
      Example:
        weft train datasets/shakespeare/train.yaml --output runs/shakespeare
        weft evaluate runs/shakespeare --split test
        weft generate runs/shakespeare --prompt 'Enter ' --length 400
      """,
    version: weftVersion,
    subcommands: [
      Train.self, Evaluate.self, Generate.self, Translate.self, Caption.self, Transcribe.self, Classify.self,
      Forecast.self, Detect.self, Watch.self, PageCommand.self, Export.self, Import.self, Inspect.self,
      DataTools.self, Bench.self,
      Reference.self,
    ])

  /// Refuses a verb that does not exist, which ArgumentParser takes for an argument too many.
  static func checkVerb(in arguments: ArraySlice<String>) throws(WeftError) {
    guard let verb = arguments.first, !verb.hasPrefix("-") else { return }
    let verbs = configuration.subcommands.map { $0._commandName } + ["help"]
    if verbs.contains(verb) { return }
    let suggestion = verb.nearest(among: verbs).map { "; did you mean '\($0)'?" } ?? ""
    throw .usage("unknown verb '\(verb)'\(suggestion)")
  }
}
