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
      Init.self, Train.self, Tune.self, Runs.self, Evaluate.self, Predict.self, Step.self, Score.self,
      Generate.self,
      Translate.self,
      Caption.self, Transcribe.self,
      Classify.self,
      Forecast.self, Detect.self, Watch.self, PageCommand.self, Export.self, Import.self, Inspect.self,
      DataTools.self, Bench.self,
      Reference.self,
    ])
}
