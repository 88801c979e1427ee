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

  package init(what: String, step: Int? = nil, row: Int? = nil, sequence: Int? = nil) {
    self.what = what
    self.step = step
    self.row = row
    self.sequence = sequence
  }

  package var description: String {
    let row = row.map { "row \($0) of the minibatch" + (sequence.map { " (sequence \($0))" } ?? "") }
    let place = [step.map { "time step \($0)" }, row].compactMap(\.self).joined(separator: " of ")
    return what + (place.isEmpty ? "" : " at \(place), counted from 0")
  }
}

/// A place and how early it is among those that one cause may have spoilt.
package struct NonFiniteActivation: Sendable {
  /// Its layer, the time in its layer's direction, and its row.
  package let order: [Int]
  package let place: NonFinitePlace

  package init(layer: Int, time: Int, row: Int, place: NonFinitePlace) {
    order = [layer, time, row]
    self.place = place
  }

  package static func isEarlier(_ first: NonFiniteActivation, _ second: NonFiniteActivation) -> Bool {
    first.order.lexicographicallyPrecedes(second.order)
  }
}
