import WeftBase
import WeftData

/// What a conversion wrote.
public struct ConversionSummary: Sendable, Equatable {
  /// Items of each split, by name, in the order of the file.
  public var splits: [Split] = []
  /// What items are, such as `tokens`.
  public var unit: String
  /// What else there is to know, a line each.
  public var notes: [String] = []

  /// The items of a split.
  public struct Split: Sendable, Equatable {
    /// The group's name.
    public let name: String
    /// Its items.
    public let count: Int
  }

  /// Nothing yet.
  public init(unit: String) { self.unit = unit }

  /// What a plan dealt out.
  ///
  /// - Throws: If a split got nothing.
  init(plan: SplitPlan, counts: [Int], unit: String) throws(WeftError) {
    self.unit = unit
    splits = zip(plan.names, counts).map { Split(name: $0, count: $1) }
    let total = counts.reduce(0, +)
    guard total > 0 else { throw .failure("no \(unit) to write") }
    if let empty = splits.first(where: { $0.count == 0 }) {
      throw .failure(
        "the split '\(empty.name)' is empty (\(total) \(unit) in total); use a larger fraction or another"
          + " seed"
      )
    }
  }

  /// One line for people, and one for each note.
  public var text: String {
    let counts = splits.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    return ([counts.isEmpty ? unit : "\(counts) \(unit)"] + notes).joined(separator: "\n")
  }
}
