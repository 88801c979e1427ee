import WeftBase
import WeftModels
import WeftTasks

extension TrainedModel {
  /// Transcribes a sequence of features.
  ///
  /// - Parameters:
  ///   - features: Row-major `[steps, width]`, unscaled.
  ///   - width: Features per step.
  ///   - search: Search parameters.
  ///   - language: A language model; nil for none.
  ///   - wantsAlignment: Whether to return the alignment of labels to steps.
  ///   - onNote: Called with notes for the user.
  /// - Throws: If the model does not transcribe, or expects other features.
  public func transcribe(
    _ features: [Float], width: Int, search: TranscriptionSearch, language: TrainedModel? = nil,
    wantsAlignment: Bool = false, onNote: (String) -> Void = { _ in }
  ) throws(WeftError) -> Transcript {
    guard let transcriber = task.transcriber else {
      throw .model("\(path): is not a transcription model (loss.kind: ctc)")
    }
    guard let wanted = transcriber.width else { throw .model("\(path): reads tokens, not features") }
    guard width == wanted else {
      throw .data("\(path): expects \(wanted) features per step, not \(width)")
    }
    guard !features.isEmpty else { throw .data("the input has no steps") }
    var labelModel: CharacterLabelModel?
    if let language {
      guard let model = language.task.languageModel else {
        throw .model("\(language.path): is not a language model")
      }
      let made = CharacterLabelModel(model, labels: transcriber.labels, on: language.executor)
      if !made.unknown.isEmpty {
        onNote(
          "\(language.path): characters missing from the language model's vocabulary, treated as improbable:"
            + " \(made.unknown.map(\.debugDescription).joined(separator: ", "))"
        )
      }
      labelModel = made
    }
    return transcriber.transcribe(
      FeatureArray(features, width: width), search: search, language: labelModel,
      wantsAlignment: wantsAlignment, on: executor)
  }
}
