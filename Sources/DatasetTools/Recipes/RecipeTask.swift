import WeftBase

/// What a configuration can be composed for.
public enum RecipeTask: String, CaseIterable, Sendable {
  /// The next token of a text.
  case languageModel = "language-model"
  /// A class for each sequence or each step.
  case classification
  /// Independent labels of 0 and 1.
  case labels
  /// Numbers for each sequence or each step.
  case regression
  /// The continuation of series.
  case forecasting
  /// Anomalies in series.
  case detection
  /// Text in another language.
  case translation
  /// The text that is spoken, or other labels without places.
  case transcription
  /// Texts about pictures.
  case captioning
}

extension DatasetFacts {
  /// The task that the data suggest; detection only where labels tell anomalies.
  ///
  /// - Throws: If they suggest none.
  func suggestedTask() throws(WeftError) -> RecipeTask {
    switch (inputs, targets) {
    case (.tokens, .none): if isStream { return .languageModel }
    case (.features, .none):
      if sample.hasAnomalyLabels { return .detection }
      if layout != .dense { return .forecasting }
    case (.tokens, .texts): return .translation
    case (.features, .texts(_, let areMarked, _)): return areMarked ? .captioning : .transcription
    case (_, .classes): return .classification
    case (_, .labels): return .labels
    case (_, .values): return forecastsInputs ? .forecasting : .regression
    }
    switch inputs {
    case .tokens:
      throw .data(
        "\(file): sequences of tokens without targets; for a language model make them a stream:"
          + " weft data convert \(file) --layout stream --output stream.h5")
    case .features:
      throw .data(
        "\(file): sequences of numbers without targets; for forecasts give each series its offsets:"
          + " weft data convert \(file) --layout ragged --output series.h5")
    }
  }

  /// Checks that a task can be trained on the data.
  ///
  /// - Throws: If it cannot.
  func check(_ task: RecipeTask) throws(WeftError) {
    let fits =
      switch (task, inputs, targets) {
      case (.languageModel, .tokens, .none): isStream
      case (.classification, _, .classes): true
      case (.classification, _, .labels(1)), (.classification, _, .values(1)): sample.areWhole
      case (.labels, _, .labels): true
      case (.regression, _, .values), (.regression, _, .labels), (.regression, _, .classes): true
      case (.forecasting, .features, _): layout != .dense
      case (.detection, .features, .none): isStream
      case (.translation, .tokens, .texts), (.captioning, .features, .texts),
        (.transcription, .features, .texts):
        true
      default: false
      }
    guard !fits else { return }
    let next = task == .languageModel || task == .classification ? categories.first : nil
    throw .usage(
      "--task: no \(task.rawValue) can be learned from this file: \(understanding)"
        + (next.map { "; weft data table --next \($0.shellQuoted) makes the name in the next row the target" }
          ?? ""))
  }
}
