import ArgumentParser
import WeftBase
import WeftTraining

/// The trained model that a verb uses.
struct TrainedRun: ParsableArguments {
  @Argument(
    help: ArgumentHelp("A run's folder, for its best checkpoint, or a checkpoint's file.", valueName: "run"),
    completion: .file())
  var path: String

  /// - Parameter threads: As many as there are processors if nil.
  /// - Throws: If there is no checkpoint that can be used.
  func model(threads: Int?) throws(WeftError) -> TrainedModel { try TrainedModel(path, threads: threads) }
}
