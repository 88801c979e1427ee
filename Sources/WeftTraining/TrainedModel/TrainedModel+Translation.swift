import WeftBase
import WeftModels
import WeftTasks

extension TrainedModel {
  /// Beam search of the model's configuration.
  public var search: BeamSearch { BeamSearch(configuration.decoding) }

  /// Translates texts.
  ///
  /// - Parameters:
  ///   - texts: Texts to translate; the translation of an empty text is empty.
  ///   - search: Beam search parameters; nil for those of the configuration.
  ///   - wantsAttention: Whether to return attention weights.
  /// - Throws: If the model does not translate, a text contains words outside a vocabulary without `<unk>`, or
  ///   attention is requested from a model without attention.
  public func translate(
    _ texts: [String], search: BeamSearch? = nil, wantsAttention: Bool = false
  ) throws(WeftError) -> [Translation] {
    guard let writer = task.writer, writer.readsText else {
      throw .model("\(path): \(missingVocabularies ?? "is not a translation model")")
    }
    if wantsAttention { try checkAttention(of: writer) }
    return try writer.translate(
      texts, search: search ?? writer.search, wantsAttention: wantsAttention, on: executor)
  }

  /// What an encoder-decoder that was imported without a dataset lacks, and how it gets it; nil for any other model.
  var missingVocabularies: String? {
    guard configuration.model.kind == .encoderDecoder, task.writer == nil else { return nil }
    return
      "has no vocabularies, with which it could read and write texts; import it again, with --data and a dataset whose"
      + " vocabularies have the numbers of the model"
  }

  /// Generates texts from sequences of features, such as the patches of an image.
  ///
  /// - Parameters:
  ///   - features: Unscaled features of each sequence, row-major `[steps, width]`, at least one step.
  ///   - width: Features per step.
  ///   - search: Beam search parameters; nil for those of the configuration.
  ///   - wantsAttention: Whether to return attention weights.
  /// - Throws: If the model does not generate text from features of this width.
  public func describe(
    _ features: [[Float]], width: Int, search: BeamSearch? = nil, wantsAttention: Bool = false
  ) throws(WeftError) -> [Translation] {
    guard let writer = task.writer, let wanted = writer.width else {
      throw .model("\(path): \(missingVocabularies ?? "is not a captioning model")")
    }
    guard width == wanted else {
      throw .data("\(path): expects \(wanted) features per step, not \(width)")
    }
    if wantsAttention { try checkAttention(of: writer) }
    precondition(features.allSatisfy { !$0.isEmpty && $0.count.isMultiple(of: width) })
    return writer.describe(
      features.map { FeatureArray($0, width: width) }, search: search ?? writer.search,
      wantsAttention: wantsAttention, on: executor)
  }

  private func checkAttention(of writer: TextWriter) throws(WeftError) {
    guard writer.hasAttention else {
      throw .model("\(path): has decoder.attention 'none', so there is no attention to plot")
    }
  }
}
