import Foundation

@testable import Weft

/// Losses of one output from their definitions, in Double.
enum ReferenceLoss {
  /// −Σ q(k)·ln p(k) with q = (1 − ε)·[k = target] + ε / classes; 0 for a negative target.
  static func crossEntropy(_ logits: [Double], target: Int, smoothing: Double) -> Double {
    if target < 0 { return 0 }
    let greatest = logits.max()!
    let logarithm = greatest + log(logits.reduce(0) { $0 + exp($1 - greatest) })
    return logits.enumerated().reduce(0) { sum, logit in
      let share = (logit.offset == target ? 1 - smoothing : 0) + smoothing / Double(logits.count)
      return sum - share * (logit.element - logarithm)
    }
  }

  /// Of values: the sum over an output's features.
  static func values(_ kind: LossKind, _ outputs: [Double], _ targets: [Double]) -> Double {
    zip(outputs, targets).reduce(0) { sum, pair in
      let (y, t) = pair
      switch kind {
      case .squaredError: return sum + (y - t) * (y - t)
      case .absoluteError: return sum + abs(y - t)
      case .binaryCrossEntropy:
        // −t·ln σ(y) − (1 − t)·ln(1 − σ(y)), without the loss of σ's complement to rounding.
        return sum + max(y, 0) - y * t + log1p(exp(-abs(y)))
      case .crossEntropy: preconditionFailure("classes are no values")
      }
    }
  }
}
