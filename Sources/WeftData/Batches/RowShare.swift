/// The rows of a minibatch that are loaded: all, or those of the lanes of this rank.
package struct RowShare: Sendable, Equatable {
  /// Lanes of the minibatch; row r belongs to lane r mod `lanes`.
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

  /// Number of loaded rows before `row`, which is its index among them.
  package func count(before row: Int) -> Int {
    row / lanes * own.count + min(max(row % lanes - own.lowerBound, 0), own.count)
  }

  /// Selects the values of loaded rows from values of all rows.
  func select<Value>(_ values: some Collection<Value>) -> [Value] {
    values.enumerated().filter { contains($0.offset) }.map(\.element)
  }

  /// The start of each row in the loaded steps, followed by the end of the last.
  func offsets(_ lengths: [Int]) -> [Int] {
    lengths.enumerated().reduce(into: [0]) {
      $0.append($0[$0.count - 1] + (contains($1.offset) ? $1.element : 0))
    }
  }
}
