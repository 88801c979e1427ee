/// A step that found a loss, a gradient or a weight that is not a finite number, and what can be said of it.
struct Divergence {
  let step: TrainingLoop.Step
  /// Where such a number shows first; nil where a second look finds none.
  let place: NonFinitePlace?

  /// The failure, in one line.
  var error: WeftError {
    let what =
      !step.result.meanLoss.isFinite ? "the loss" : !step.gradientNorm.isFinite ? "a gradient" : "a weight"
    return .failure(
      "\(what) is not finite at step \(step.number) (epoch \(step.epoch + 1), minibatch \(step.batch + 1),"
        + " learning rate \(NumberText.significant(step.learningRate, digits: 3)))"
        + (place.map { ", first in \($0)" } ?? "")
        + "; try a smaller optimizer.learning_rate or training.clip_norm")
  }
}

/// Where a number that is not finite shows first in a pass over a minibatch.
package struct NonFinitePlace: Sendable, Equatable, Codable, CustomStringConvertible {
  /// Such as `the states of layer0/forward`.
  package let what: String
  /// The time step in its sequence, from 0; nil where all are summed.
  package var step: Int?
  /// The row of the minibatch, from 0; nil where all are summed.
  package var row: Int?
  /// The number of the row's sequence in the dataset, from 0; nil where rows are no sequences of their own.
  package var sequence: Int?

  package var description: String {
    let row = row.map { "row \($0) of the minibatch" + (sequence.map { " (sequence \($0))" } ?? "") }
    let place = [step.map { "time step \($0)" }, row].compactMap(\.self).joined(separator: " of ")
    return what + (place.isEmpty ? "" : " at \(place), counted from 0")
  }
}

extension ParameterLayout {
  /// The number of the first parameter that holds a number that is not finite at some places of a flat array.
  package func firstNonFinite(in flat: Tensor, _ places: Range<Int>) -> Int? {
    parameters.firstIndex { parameter in
      let range = (parameter.offset..<parameter.offset + parameter.count).clamped(to: places)
      return flat.matrix.columns(range).elements.contains { !$0.isFinite }
    }
  }
}
