import WeftPlots
import WeftTasks

extension AlignmentMap {
  /// A map of a translation that was asked for its attention.
  public init(_ translation: Translation) {
    self.init(source: translation.source, target: translation.tokens, weights: translation.attention)
  }
}
