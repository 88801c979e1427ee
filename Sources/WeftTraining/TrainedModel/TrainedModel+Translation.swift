import WeftBase
import WeftModels
import WeftTasks

extension TrainedModel {
  /// How the model's configuration has it write.
  public var search: BeamSearch { BeamSearch(configuration.decoding) }

  /// Translates texts.
  ///
  /// - Parameters:
  ///   - texts: One translation each; an empty text has an empty one.
  ///   - search: How to look for the likeliest; nil for what the configuration says.
  ///   - wantsAttention: Whether to tell where each step looked.
  /// - Throws: If the model does not write text for text, a text holds what is not in its vocabulary and there is no
  ///   token for unknown words, or attention is wanted of a model without.
  public func translate(
    _ texts: [String], search: BeamSearch? = nil, wantsAttention: Bool = false
  ) throws(WeftError) -> [Translation] {
    guard let writer = task.writer, writer.readsText else {
      throw .failure("\(path): does not write text for text, so it cannot translate")
    }
    if wantsAttention { try checkAttention(of: writer) }
    return try writer.translate(
      texts, search: search ?? writer.search, wantsAttention: wantsAttention, on: executor)
  }

  /// Texts for sequences of features, such as the patches of an image.
  ///
  /// - Parameters:
  ///   - features: For each sequence its steps' features, row-major `[steps, width]`, at least one step, unscaled.
  ///   - width: Features of a step.
  ///   - search: How to look for the likeliest; nil for what the configuration says.
  ///   - wantsAttention: Whether to tell where each step looked.
  /// - Throws: If the model does not write text for features of that width.
  public func describe(
    _ features: [[Float]], width: Int, search: BeamSearch? = nil, wantsAttention: Bool = false
  ) throws(WeftError) -> [Translation] {
    guard let writer = task.writer, let wanted = writer.width else {
      throw .failure("\(path): does not write text for features, so it cannot describe")
    }
    guard width == wanted else {
      throw .failure("\(path): reads \(wanted) features a step, not \(width)")
    }
    if wantsAttention { try checkAttention(of: writer) }
    precondition(features.allSatisfy { !$0.isEmpty && $0.count.isMultiple(of: width) })
    return writer.describe(
      features.map { FeatureArray($0, width: width) }, search: search ?? writer.search,
      wantsAttention: wantsAttention, on: executor)
  }

  private func checkAttention(of writer: TextWriter) throws(WeftError) {
    guard writer.hasAttention else {
      throw .failure("\(path): was trained with decoder.attention 'none', so there is no attention to draw")
    }
  }
}
