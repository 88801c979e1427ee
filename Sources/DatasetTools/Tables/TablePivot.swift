import WeftBase

/// How a long table, with a row for each value, becomes one with a column for each name.
public struct TablePivot: Sendable {
  /// What becomes of several values of one name at the same time.
  public enum Duplicates: String, Sendable, CaseIterable {
    /// They are an error.
    case error
    /// The first in the table counts.
    case first
    /// The last in the table counts.
    case last
    /// Their mean.
    case mean
  }

  /// The column of the names, such as `Parameter`.
  public var names: String
  /// The column of the values, such as `Value`.
  public var values: String
  /// Treatment of several values of one name at the same time.
  public var duplicates = Duplicates.error

  /// Names in one column, values in another.
  public init(names: String, values: String) { (self.names, self.values) = (names, values) }
}
