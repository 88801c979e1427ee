import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftModels
@testable import WeftTensor

@Suite struct TokenChooserTests {
  /// The reference choice, by sorting plain arrays with a closure.
  static func reference(_ sampling: Sampling, _ logits: [Float], step: Int) -> Int32 {
    let order = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }
    if sampling.temperature == 0 { return Int32(order[0]) }
    let maximum = Double(logits[order[0]])
    var kept = Array(order.prefix(sampling.topK ?? order.count))
    let weights = kept.map { exp((Double(logits[$0]) - maximum) / sampling.temperature) }
    let total = weights.reduce(0, +)
    var sum = 0.0
    let last = weights.firstIndex { weight in
      sum += weight
      return sum >= sampling.topP * total
    }
    if let last { kept.removeSubrange((last + 1)...) }
    let key = RandomKey(seed: sampling.seed, purpose: RandomPurpose.sampling, step: 0)
    let sums = weights.prefix(kept.count).reduce(0, +)
    var remaining = Double(RandomSequence(key: key).uniform(step)) * sums
    for (token, weight) in zip(kept, weights) {
      remaining -= weight
      if remaining < 0 { return Int32(token) }
    }
    return Int32(kept[kept.count - 1])
  }

  @Test(
    arguments: [(1.0, nil, 1.0), (0.7, 5, 1), (1.3, nil, 0.8), (1, 3, 0.5), (0, nil, 1)]
      as [(Double, Int?, Double)])
  func choosesAsPlainCodeDoes(_ temperature: Double, _ topK: Int?, _ topP: Double) throws {
    let sampling = try Sampling(temperature: temperature, topK: topK, topP: topP, seed: 9)
    var chooser = TokenChooser(sampling)
    var random = SplitMix(seed: 4)
    for step in 0..<400 {
      // Few distinct values, so that many are equal, and zeros of both signs.
      let logits = (0..<37).map { _ in Float(Int.random(in: -4...4, using: &random)) * -0.5 }
      let tensor = Tensor(rows: 1, columns: logits.count)
      tensor.values = logits
      let chosen = withExtendedLifetime(tensor) { chooser.choose(tensor.matrix, step: step) }
      #expect(chosen == Self.reference(sampling, logits, step: step))
    }
  }
}
