import Foundation
import WeftBase
import WeftConfiguration

/// One configuration that a search tries.
package struct Trial: Sendable, Equatable {
  /// Number of the trial, from 1.
  package let number: Int
  /// The searched keys with their values, as YAML.
  package let values: [Assignment]

  /// A key and its value.
  package struct Assignment: Sendable, Equatable {
    package let key: String
    package let value: String
  }

  /// As overrides of a configuration.
  package var overrides: [String] { values.map { "\($0.key)=\($0.value)" } }
}

extension SweepConfiguration {
  private static let drawsPerTrial = 20

  /// All trials, in order, none twice: of few combinations there may be fewer than wanted. The same seed gives the same
  /// trials; more trials are the same and further ones.
  package var plannedTrials: [Trial] {
    switch search {
    case .grid:
      var seen: Set<[String]> = []
      let all = (0..<combinations).map { number in
        // The last key varies fastest.
        var rest = number
        var values: [Trial.Assignment] = []
        for (path, choices) in parameters.keys.reversed() {
          guard case .choices(let choices) = choices else { continue }
          values.append(Trial.Assignment(key: path, value: choices[rest % choices.count]))
          rest /= choices.count
        }
        return Array(values.reversed())
      }
      return all.filter { seen.insert($0.map(\.value)).inserted }.enumerated().map {
        Trial(number: $0 + 1, values: $1)
      }
    case .random, .halving:
      let random = RandomSequence(key: RandomKey(seed: seed, purpose: RandomPurpose.sampling, step: 0))
      var planned: [Trial] = []
      var seen: Set<[String]> = []
      // So many draws find nearly all of few combinations.
      for draw in 0..<Self.drawsPerTrial * trials where planned.count < trials {
        let values = parameters.keys.enumerated().map { place, key in
          let uniform = Double(random.uniform(draw * parameters.keys.count + place))
          return Trial.Assignment(key: key.path, value: key.values.value(at: uniform))
        }
        guard seen.insert(values.map(\.value)).inserted else { continue }
        planned.append(Trial(number: planned.count + 1, values: values))
      }
      return planned
    }
  }
}

extension ParameterSpace.Values {
  /// The value at a place from 0 to 1.
  fileprivate func value(at uniform: Double) -> String {
    switch self {
    case .choices(let choices): return choices[min(Int(uniform * Double(choices.count)), choices.count - 1)]
    case .range(let from, let to, let isLogarithmic, let isInteger):
      // Both ends of whole numbers are as likely as those between them.
      let end = isInteger ? to + 1 : to
      let value =
        isLogarithmic ? from * pow(end / from, uniform) : from + (end - from) * uniform
      if isInteger { return "\(min(Int(value), Int(to)))" }
      // Four digits are enough for a search, and are legible.
      return NumberText.significant(value, digits: 4)
    }
  }
}
