/// The rows of a table, each with the targets of the row after it in its series and split, where those are wanted.
///
/// The last row of a series has none: what follows it is unknown.
final class NextTargets {
  private let rows: TableRows
  private let isWanted: Bool
  /// The row that was read last, whose targets are still its own.
  private var last: TableRows.Row?

  init(_ rows: TableRows, isWanted: Bool) {
    (self.rows, self.isWanted) = (rows, isWanted)
  }

  /// The next row; nil after the last one.
  func next() throws -> TableRows.Row? {
    guard isWanted else { return try rows.next() }
    guard var row = try last ?? rows.next() else { return nil }
    last = try rows.next()
    let follows = last.map { $0.group == row.group && $0.split == row.split && !$0.isFuture } ?? false
    row.step.targets =
      follows ? last?.step.targets ?? [] : row.step.targets.map { _ in .nan }
    return row
  }
}
