/// The first non-finite value in a pass over a minibatch.
package struct NonFinitePlace: Sendable, Equatable, Codable, CustomStringConvertible {
  /// For example `the states of layer0/forward`.
  package let what: String
  /// The time step in its sequence, from 0; nil for sums over time steps.
  package var step: Int?
  /// The row of the minibatch, from 0; nil for sums over rows.
  package var row: Int?
  /// The index of the row's sequence in the dataset, from 0; nil if rows are windows.
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

/// A non-finite activation and its order, to find the earliest one.
package struct NonFiniteActivation: Sendable {
  /// Its layer, time in the direction of the layer, and row.
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
