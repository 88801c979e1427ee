import Foundation
import WeftData
import WeftModels
import WeftParallel

/// The predicted class of a sequence.
public struct ClassifiedSequence: Sendable, Equatable {
  /// Name of the class, or its number if the data does not name classes.
  public let name: String
  /// Number of the class.
  public let number: Int
  /// Probabilities of all classes.
  public let probabilities: [Double]
}

/// Classifies sequences.
package struct Classifier: Sendable {
  let model: SequenceModel
  /// Names of the classes.
  package let classNames: [String]

  /// The predicted class of each row of a minibatch.
  package func classify(_ batch: Minibatch, on executor: Executor) -> [ClassifiedSequence] {
    model.outputRows(batch, on: executor).map { scores in
      let maximum = Double(scores.max() ?? 0)
      let exponentials = scores.map { exp(Double($0) - maximum) }
      let sum = exponentials.reduce(0, +)
      let best = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
      return ClassifiedSequence(
        name: classNames[best], number: best, probabilities: exponentials.map { $0 / sum })
    }
  }
}
