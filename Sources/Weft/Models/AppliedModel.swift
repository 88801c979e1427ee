import Foundation
import WeftBase
import WeftTraining

/// A trained model of which one ability is known to be there.
///
/// Opening a run that lacks it throws, with the reason, rather than each later call.
public protocol AppliedModel {
  /// The model.
  var model: TrainedModel { get }

  /// A model that has been read.
  ///
  /// - Throws: If the model was trained for something else.
  init(_ model: TrainedModel) throws(WeftError)
}

extension AppliedModel {
  /// Reads a checkpoint.
  ///
  /// - Parameters:
  ///   - run: A run's folder, for its best checkpoint, or a checkpoint file.
  ///   - threads: Number of workers; nil for all available CPUs.
  /// - Throws: If there is no checkpoint, it is damaged, or the model was trained for something else.
  public init(_ run: URL, threads: Int? = nil) throws(WeftError) {
    try self.init(TrainedModel(run.path, threads: threads))
  }

  /// Reads a checkpoint, by the path of a run's folder or of the file.
  ///
  /// - Throws: As above.
  public init(_ run: String, threads: Int? = nil) throws(WeftError) {
    try self.init(TrainedModel(run, threads: threads))
  }

  /// - Throws: If the model lacks an ability.
  func require(_ hasAbility: Bool, _ ability: String, _ need: String) throws(WeftError) {
    if !hasAbility { throw .model("\(model.path): \(ability): it was not trained with \(need)") }
  }
}
