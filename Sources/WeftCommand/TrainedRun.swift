import ArgumentParser
import WeftBase
import WeftTraining

/// The trained model of a subcommand.
struct TrainedRun: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A run's folder (its best checkpoint is used), or a checkpoint file.", valueName: "run"),
    completion: .file())
  var path: String

  /// - Parameter threads: Number of threads; nil for all available CPUs.
  /// - Throws: If there is no usable checkpoint.
  func model(threads: Int?) throws(WeftError) -> TrainedModel { try TrainedModel(path, threads: threads) }
}
