import WeftData
import WeftLayers

extension Scaling {
  /// Scaling of the values that a model predicts: that of the targets or, where these are the next inputs, of the inputs.
  ///
  /// - Parameter width: Values per step.
  package func ofValues(_ loss: Loss, width: Int) -> FeatureScale? {
    if let targets { return targets }
    if loss.kind.wantsCounts || loss.wantsClasses || loss.kind == .binaryCrossEntropy { return nil }
    return inputs?.width == width ? inputs : nil
  }
}
