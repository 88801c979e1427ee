import WeftBase
import WeftModels
import WeftTasks
import WeftTraining

/// Translates texts.
public struct Translator: AppliedModel {
  /// The model.
  public let model: TrainedModel

  /// - Throws: If the model was not trained on pairs of texts.
  public init(_ model: TrainedModel) throws(WeftError) {
    self.model = model
    try require(model.task.writer?.readsText == true, "does not translate", "pairs of texts")
  }

  /// Translates texts.
  ///
  /// - Parameters:
  ///   - texts: The texts; the translation of an empty one is empty.
  ///   - search: Beam search parameters; nil for those of the configuration.
  /// - Throws: If a text contains words outside a vocabulary without `<unk>`.
  public func translate(_ texts: [String], search: BeamSearch? = nil) throws(WeftError) -> [Translation] {
    try model.translate(texts, search: search)
  }
}
