/// The rows of a minibatch whose inputs and targets are at hand: all, or those of some lanes where ranks share them.
package struct RowShare: Sendable, Equatable {
  /// Lanes that a minibatch is cut into; row r belongs to lane r mod `lanes`.
  private let lanes: Int
  private let own: Range<Int>

  package static let all = RowShare(lanes: 1, own: 0..<1)

  /// The rows of the lanes in `own`.
  package init(lanes: Int, own: Range<Int>) {
    precondition(lanes > 0 && own.lowerBound >= 0 && own.upperBound <= lanes)
    self.lanes = lanes
    self.own = own
  }

  package func contains(_ row: Int) -> Bool { own.contains(row % lanes) }

  /// How many of the rows before `row` are at hand: the place of what there is one of for each row.
  package func count(before row: Int) -> Int {
    row / lanes * own.count + min(max(row % lanes - own.lowerBound, 0), own.count)
  }

  /// Those of some values, one for each row, that are at hand.
  func select<Value>(_ values: some Collection<Value>) -> [Value] {
    values.enumerated().filter { contains($0.offset) }.map(\.element)
  }

  /// Where each row's steps begin among those at hand, and where the last ones end.
  func offsets(_ lengths: [Int]) -> [Int] {
    lengths.enumerated().reduce(into: [0]) {
      $0.append($0[$0.count - 1] + (contains($1.offset) ? $1.element : 0))
    }
  }
}
