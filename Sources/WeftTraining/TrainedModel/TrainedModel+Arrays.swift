import WeftBase
import WeftTasks

extension TrainedModel {
  /// Predicts sequences that are arrays in memory.
  ///
  /// - Throws: If the model does not predict sequences by themselves.
  package func makeArrayPredictor() throws(WeftError) -> ArrayPredictor {
    try task.arrayPredictor(configuration, scaling: traits.scaling, path: path)
  }
}
