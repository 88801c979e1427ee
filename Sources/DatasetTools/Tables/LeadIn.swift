/// Rows that each split but the first begins with besides its own: those before it, so that its first steps can be
/// forecast as well.
public enum LeadIn: Sendable, Equatable {
  case rows(Int)
  /// As many as the context of the configuration that `ConfigurationRecipe.forecasting` writes.
  case context(horizon: Int)

  /// Number of rows.
  ///
  /// - Parameters:
  ///   - season: Steps of the season, as the times of rows tell it; nil if they do not.
  ///   - training: Rows of the longest series for training, which bound the context.
  func count(season: Int?, training: Int) -> Int {
    switch self {
    case .rows(let count): count
    case .context(let horizon):
      Swift.min(
        ConfigurationRecipe.context(horizon: horizon, season: season),
        Swift.max(training - horizon, 1))
    }
  }

  /// The greatest number of rows, whatever their distance.
  var most: Int {
    switch self {
    case .rows(let count): count
    case .context(let horizon): ConfigurationRecipe.mostContext(horizon: horizon)
    }
  }
}

/// The steps that the splits of series begin with besides their own.
struct LeadingSteps {
  private let leadIn: LeadIn?
  private let training: Int
  private var recent: RecentSteps
  /// The series that each split is in, and the latest one.
  private var current: [Int]
  private var latest = -1
  /// The number of rows of the lead-in, once it is known.
  private var rows: Int?
  /// Number of rows that each split begins its series with.
  private(set) var counts: [Int]
  /// The most that a series begins with; nil without any.
  private(set) var most: Int?

  /// - Parameter training: Rows of the longest series for training.
  init(_ leadIn: LeadIn?, splits: Int, training: Int) {
    (self.leadIn, self.training) = (leadIn, training)
    recent = RecentSteps(most: leadIn?.most ?? 0)
    (current, counts) = (Array(repeating: -1, count: splits), Array(repeating: 0, count: splits))
  }

  /// The next row is in a split and a series.
  ///
  /// - Parameter season: Steps of the season, as the times of rows so far tell it.
  /// - Returns: Whether a sequence of the split begins, and the steps before the row that it begins with.
  mutating func enter(
    _ split: Int, group: Int, season: @autoclosure () -> Int?
  ) -> (begins: Bool, steps: ArraySlice<SeriesStep>) {
    if group != latest {
      recent = RecentSteps(most: leadIn?.most ?? 0)
      latest = group
    }
    let begins = current[split] != group
    current[split] = group
    guard begins, split > 0, let leadIn else { return (begins, []) }
    let count = rows ?? leadIn.count(season: season(), training: training)
    rows = count
    let steps = recent.last(count)
    counts[split] += steps.count
    most = max(most ?? 0, steps.count)
    return (begins, steps)
  }

  mutating func append(_ step: SeriesStep) { recent.append(step) }
}

/// The latest steps of a stream.
struct RecentSteps {
  private let most: Int
  private var steps: [SeriesStep] = []

  /// - Parameter most: How many are kept, at least.
  init(most: Int) { self.most = most }

  mutating func append(_ step: SeriesStep) {
    if most == 0 { return }
    // Many at a time, as the others move up.
    if steps.count >= 2 * most { steps.removeFirst(steps.count - most) }
    steps.append(step)
  }

  /// The last ones, in order: as many as there are, or fewer.
  func last(_ count: Int) -> ArraySlice<SeriesStep> { steps.suffix(count) }
}
