import WeftBase
import WeftModels
import WeftTasks
import WeftTraining

/// Transcribes sequences of features, such as those of speech.
public struct Transcriber: AppliedModel {
  /// The model.
  public let model: TrainedModel

  /// - Throws: If the model was not trained by connectionist temporal classification.
  public init(_ model: TrainedModel) throws(WeftError) {
    self.model = model
    try require(model.task.transcriber?.width != nil, "does not transcribe features", "loss.kind: ctc")
  }

  /// Features of each step.
  public var features: Int { model.task.transcriber?.width ?? 0 }

  /// Transcribes a sequence.
  ///
  /// - Parameters:
  ///   - values: `[steps × features]`, as in training.
  ///   - search: How the most probable text is searched.
  ///   - language: A language model of characters that the search takes into account; nil for none.
  /// - Throws: If there are no steps, or the language model has other characters.
  public func transcribe(
    _ values: [Float], search: TranscriptionSearch, language: LanguageModel? = nil
  ) throws(WeftError) -> Transcript {
    try model.transcribe(values, width: features, search: search, language: language?.model)
  }
}
