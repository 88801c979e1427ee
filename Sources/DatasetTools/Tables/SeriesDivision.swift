/// What is said of series that are divided by time, or may be.
enum SeriesDivision {
  /// What to do about an empty split.
  ///
  /// - Parameter drawn: The splits that chance has drawn.
  static func advice(isDivided: Bool, _ drawn: DrawnSplits) -> String {
    isDivided
      ? "its series are too short for parts of their own; use a larger fraction"
      : (drawn.advice ?? "use a larger fraction or another seed")
        + ", or divide each series by time with --split-by time"
  }

  /// A note on the sizes of the splits.
  static func note(_ plan: SplitPlan, counts: [Int], unit: String) -> String {
    "each series is divided by time: "
      + zip(plan.names, counts).map { "\($0) \($1)" }.joined(separator: ", ") + " \(unit)"
  }
}
