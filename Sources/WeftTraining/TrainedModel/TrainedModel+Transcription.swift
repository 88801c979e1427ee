import WeftBase
import WeftModels
import WeftTasks

extension TrainedModel {
  /// The text of a sequence of features, by a model of alignments.
  ///
  /// - Parameters:
  ///   - features: Row-major `[steps, width]`, as in the data that the model was trained on, unscaled.
  ///   - width: Features of a step.
  ///   - search: How labels are searched for.
  ///   - language: A language model; nil for none.
  ///   - wantsAlignment: Whether to tell when each label was heard.
  ///   - onNote: Called with lines for the user.
  /// - Throws: If the model is of another kind, or reads other features.
  public func transcribe(
    _ features: [Float], width: Int, search: TranscriptionSearch, language: TrainedModel? = nil,
    wantsAlignment: Bool = false, onNote: (String) -> Void = { _ in }
  ) throws(WeftError) -> Transcript {
    guard let transcriber = task.transcriber else {
      throw .failure("\(path): was not trained to transcribe (loss.kind: ctc)")
    }
    guard let wanted = transcriber.width else { throw .failure("\(path): reads tokens, not features") }
    guard width == wanted else {
      throw .failure("\(path): reads \(wanted) features a step, not \(width)")
    }
    guard !features.isEmpty else { throw .failure("there is nothing to read: no steps") }
    var labelModel: CharacterLabelModel?
    if let language {
      guard let model = language.task.languageModel else {
        throw .failure("\(language.path): is not a language model")
      }
      let made = CharacterLabelModel(model, labels: transcriber.labels, on: language.executor)
      if !made.unknown.isEmpty {
        onNote(
          "\(language.path): does not know \(made.unknown.map(\.debugDescription).joined(separator: ", ")), which is"
            + " taken to be unlikely")
      }
      labelModel = made
    }
    return transcriber.transcribe(
      FeatureArray(features, width: width), search: search, language: labelModel,
      wantsAlignment: wantsAlignment, on: executor)
  }
}
