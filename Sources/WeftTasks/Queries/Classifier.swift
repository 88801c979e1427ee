import Foundation
import WeftData
import WeftModels
import WeftParallel

/// What a model takes a sequence for.
public struct ClassifiedSequence: Sendable, Equatable {
  /// The class's name, or its number where the data named none.
  public let name: String
  /// The class's number.
  public let number: Int
  /// Probabilities of all classes.
  public let probabilities: [Double]
}

/// Tells the classes of sequences.
package struct Classifier: Sendable {
  let model: SequenceModel
  /// The names of the classes.
  package let classNames: [String]

  /// The class of each row of a minibatch.
  package func classify(_ batch: Minibatch, on executor: Executor) -> [ClassifiedSequence] {
    model.outputRows(batch, on: executor).map { scores in
      let greatest = Double(scores.max() ?? 0)
      let exponentials = scores.map { exp(Double($0) - greatest) }
      let sum = exponentials.reduce(0, +)
      let best = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
      return ClassifiedSequence(
        name: classNames[best], number: best, probabilities: exponentials.map { $0 / sum })
    }
  }
}
