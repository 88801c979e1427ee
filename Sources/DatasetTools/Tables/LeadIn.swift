/// Rows that each split but the first begins with besides its own: those before it, so that its first steps can be
/// forecast as well.
public enum LeadIn: Sendable, Equatable {
  case rows(Int)
  /// As many as the context of the configuration that `ConfigurationRecipe.forecasting` writes.
  case context(horizon: Int)

  /// Number of rows.
  ///
  /// - Parameter secondsPerStep: The usual distance of rows in time; nil without times.
  func count(secondsPerStep: Double?) -> Int {
    switch self {
    case .rows(let count): count
    case .context(let horizon):
      ConfigurationRecipe.context(horizon: horizon, secondsPerStep: secondsPerStep)
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
