import WeftBase
import WeftData

/// Summary of a conversion.
public struct ConversionSummary: Sendable, Equatable {
  /// Number of items per split, in file order.
  public var splits: [Split] = []
  /// Name of items, such as `tokens`.
  public var unit: String
  /// What the items are, to follow their number; nil if the unit says it.
  var form: String?
  /// Notes, one per line.
  public var notes: [String] = []
  /// The smallest number of a series; nil if that is not known.
  var minimum: Double?
  /// Number of steps of the first split, which is for training; nil if that is not known.
  var steps: Int?
  /// Number of steps of each of several series; empty if there is one.
  var lengths: [Int] = []
  /// Number of rows of the longest series for training; nil if that is not known.
  var longestTraining: Int?
  /// Steps of the season, as the times of rows tell it; nil if they do not.
  var season: Int?

  /// Number of items of a split.
  public struct Split: Sendable, Equatable {
    /// Name of the group.
    public let name: String
    /// Number of items.
    public let count: Int
  }

  /// An empty summary.
  public init(unit: String) { self.unit = unit }

  /// A summary of a split plan.
  ///
  /// - Throws: If a split is empty.
  init(
    plan: SplitPlan, counts: [Int], unit: String, advice: String? = nil, drawn: DrawnSplits? = nil
  ) throws(WeftError) {
    try self.init(names: plan.names, counts: counts, unit: unit, advice: advice, drawn: drawn)
  }

  /// A summary of splits.
  ///
  /// - Parameters:
  ///   - advice: What to do about an empty split; nil for the usual.
  ///   - drawn: The splits that chance has drawn; nil if it has drawn none.
  /// - Throws: If a split is empty.
  init(
    names: [String], counts: [Int], unit: String, advice: String? = nil, drawn: DrawnSplits? = nil
  ) throws(WeftError) {
    self.unit = unit
    splits = zip(names, counts).map { Split(name: $0, count: $1) }
    let total = counts.reduce(0, +)
    guard total > 0 else { throw .data("no \(unit) to write") }
    if let empty = splits.first(where: { $0.count == 0 }) {
      throw .data(
        "the split '\(empty.name)' is empty (\(NumberText.counted(total, unit)) in total); "
          + (advice ?? drawn?.advice ?? "use a larger fraction or another seed")
      )
    }
    if let note = drawn?.note { notes.append(note) }
  }

  /// One summary line, and one per note.
  public var text: String {
    let others = splits.dropLast().map { "\($0.name) \($0.count), " }.joined()
    let counts = splits.last.map {
      // Several counts have one noun.
      "\(others)\($0.name) \(splits.count == 1 ? NumberText.counted($0.count, unit) : "\($0.count) \(unit)")"
    }
    return ([(counts ?? unit) + (form.map { " \($0)" } ?? "")] + notes).joined(separator: "\n")
  }
}
