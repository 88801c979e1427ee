import Foundation
import WeftLayers
import WeftMetrics

/// Losses of one output from their definitions, in Double.
package enum ReferenceLoss {
  /// −Σ q(k)·ln p(k) with q = (1 − ε)·[k = target] + ε / classes; 0 for a negative target.
  package static func crossEntropy(_ logits: [Double], target: Int, smoothing: Double) -> Double {
    if target < 0 { return 0 }
    let maximum = logits.max()!
    let logarithm = maximum + log(logits.reduce(0) { $0 + exp($1 - maximum) })
    return logits.enumerated().reduce(0) { sum, logit in
      let share = (logit.offset == target ? 1 - smoothing : 0) + smoothing / Double(logits.count)
      return sum - share * (logit.element - logarithm)
    }
  }

  /// For values: the sum over the features of an output that are not missing.
  ///
  /// - Parameter outputs: One block per output of the loss.
  package static func values(_ loss: Loss, _ outputs: [Double], _ targets: [Double]) -> Double {
    targets.enumerated().reduce(0) { sum, target in
      let (place, t) = target
      if t.isNaN { return sum }
      let y = outputs[place]
      func block(_ number: Int) -> Double { outputs[number * targets.count + place] }
      func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
      let deviation = loss.outputsPerTarget > 1 ? softplus(block(1)) + 1e-4 : 1
      let z = (t - y) / deviation
      switch loss.kind {
      case .squaredError: return sum + (y - t) * (y - t)
      case .absoluteError: return sum + abs(y - t)
      case .huber:
        let (error, limit) = (abs(y - t), Double(loss.huberThreshold))
        return sum + (error <= limit ? 0.5 * error * error : limit * (error - 0.5 * limit))
      case .poisson: return sum + exp(y) - t * y
      case .negativeBinomial:
        let (mean, r) = (softplus(y) + 1e-6, 1 / (softplus(block(1)) + 1e-4))
        return sum + lgamma(r) + lgamma(t + 1) - lgamma(t + r) - r * log(r / (r + mean))
          - t * log(mean / (r + mean))
      case .binaryCrossEntropy:
        // −t·ln σ(y) − (1 − t)·ln(1 − σ(y)), without the loss of σ's complement to rounding.
        return sum + max(y, 0) - y * t + log1p(exp(-abs(y)))
      case .gaussian:
        return sum + 0.5 * z * z + log(deviation) + 0.5 * log(2 * .pi)
      case .student:
        let freedom = 2 + softplus(block(2))
        return sum + lgamma(freedom / 2) - lgamma((freedom + 1) / 2) + 0.5 * log(freedom * .pi)
          + log(deviation)
          + 0.5 * (freedom + 1) * log1p(z * z / freedom)
      case .quantile:
        return loss.quantiles.enumerated().reduce(sum) { sum, level in
          sum + pinballLoss(block(level.offset), level: Double(level.element), groundTruth: t)
        }
      default: preconditionFailure("classes are no values")
      }
    }
  }

  /// −ln P(labels) by the forward variables of Graves et al. 2006, in Double; ∞ without an alignment.
  ///
  /// - Parameter logits: `[steps][classes]`.
  package static func temporalClassification(_ logits: [[Double]], labels: [Int32], blank: Int) -> Double {
    let symbols = [blank] + labels.flatMap { [Int($0), blank] }
    var forward: [Double] = []
    var logarithm = 0.0
    for (step, row) in logits.enumerated() {
      let maximum = row.max()!
      let sum = row.reduce(0) { $0 + exp($1 - maximum) }
      var next = symbols.indices.map { symbol in
        var before = step == 0 ? (symbol < 2 ? 1 : 0) : forward[symbol]
        if step > 0, symbol > 0 { before += forward[symbol - 1] }
        if step > 0, symbol > 1, symbols[symbol] != blank, symbols[symbol] != symbols[symbol - 2] {
          before += forward[symbol - 2]
        }
        return before * exp(row[symbols[symbol]] - maximum) / sum
      }
      let total = next.reduce(0, +)
      if total == 0 { return .infinity }
      next = next.map { $0 / total }
      logarithm += log(total)
      forward = next
    }
    return -logarithm - log(forward.suffix(min(2, symbols.count)).reduce(0, +))
  }
}
