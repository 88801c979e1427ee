import Foundation
import KernelInterface
import WeftBase

/// Samples tokens.
package struct TokenChooser {
  private let sampling: Sampling
  private let random: RandomSequence
  private let excluded: Set<Int32>
  // Reused for every token, so that choosing allocates nothing.
  private var order: [UInt64] = []
  private var weights: [Double] = []

  /// - Parameter excluded: Tokens that are never chosen.
  package init(_ sampling: Sampling, excluding excluded: Set<Int32> = []) {
    self.sampling = sampling
    self.excluded = excluded
    random = RandomSequence(key: RandomKey(seed: sampling.seed, purpose: RandomPurpose.sampling, step: 0))
  }

  /// Chooses the token of a step.
  ///
  /// - Parameters:
  ///   - logits: `[1, tokens]`.
  ///   - step: Index of the step, which together with the seed determines the random number.
  package mutating func choose(_ logits: Matrix, step: Int) -> Int32 {
    order.removeAll(keepingCapacity: true)
    for token in 0..<logits.columns where excluded.isEmpty || !excluded.contains(Int32(token)) {
      order.append(TokenChooser.key(logits[0, token], token))
    }
    if sampling.temperature == 0 { return TokenChooser.token(order.min() ?? 0) }
    // Integers sort several times faster than logits with a closure.
    order.sort()
    let kept = min(sampling.topK ?? order.count, order.count)
    let maximum = Double(logits[0, Int(TokenChooser.token(order[0]))])
    weights.removeAll(keepingCapacity: true)
    var total = 0.0
    for place in 0..<kept {
      let logit = Double(logits[0, Int(TokenChooser.token(order[place]))])
      let weight = exp((logit - maximum) / sampling.temperature)
      weights.append(weight)
      total += weight
    }
    var (count, sum) = (0, 0.0)
    while count < kept {
      sum += weights[count]
      count += 1
      if sum >= sampling.topP * total { break }
    }
    var remaining = Double(random.uniform(step)) * sum
    for place in 0..<count {
      remaining -= weights[place]
      if remaining < 0 { return TokenChooser.token(order[place]) }
    }
    return TokenChooser.token(order[count - 1])
  }

  /// A key that sorts by descending logits, then by ascending tokens. NaN of any sign comes last.
  private static func key(_ logit: Float, _ token: Int) -> UInt64 {
    // Adding zero turns −0 into +0, which compares equal.
    let bits = (logit + 0).bitPattern
    let ascending = logit.isNaN ? 0 : bits >> 31 == 0 ? bits | 1 << 31 : ~bits
    return UInt64(~ascending) << 32 | UInt64(token)
  }

  private static func token(_ key: UInt64) -> Int32 { Int32(truncatingIfNeeded: key & 0xFFFF_FFFF) }
}
