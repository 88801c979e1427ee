import WeftPlots
import WeftTasks

extension AlignmentMap {
  /// A map of a translation with attention.
  public init(_ translation: Translation) {
    self.init(source: translation.source, target: translation.tokens, weights: translation.attention)
  }
}
