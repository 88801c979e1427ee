/// The contexts of windows within series, numbered across series.
struct WindowStarts: Sendable {
  /// Total number of windows.
  let count: Int
  private let contexts: ContextSteps
  private let spacing: Int
  /// The first step of each series with a window, and the number of its first window.
  private let series: [(step: Int, number: Int)]

  /// - Parameters:
  ///   - series: Steps of each series, in ascending order. Those shorter than a window are skipped.
  ///   - horizon: Steps after the context that belong to a window.
  ///   - spacing: Steps between the ends of consecutive contexts.
  /// - Precondition: At least one series is as long as a window with the shortest context.
  init(_ series: [Range<Int>], contexts: ContextSteps, horizon: Int, spacing: Int) {
    precondition(spacing > 0)
    let window = contexts.least + horizon
    var count = 0
    var starts: [(step: Int, number: Int)] = []
    for steps in series where steps.count >= window {
      starts.append((steps.lowerBound, count))
      count += (steps.count - window) / spacing + 1
    }
    precondition(count > 0)
    self.count = count
    self.contexts = contexts
    self.spacing = spacing
    self.series = starts
  }

  /// The steps of a window's context.
  subscript(number: Int) -> Range<Int> {
    var (low, high) = (0, series.count)
    // Binary search for the last series whose first window is not after `number`.
    while high - low > 1 {
      let middle = (low + high) / 2
      if series[middle].number <= number { low = middle } else { high = middle }
    }
    let first = series[low].step
    return contexts.steps(
      before: first + contexts.least + (number - series[low].number) * spacing, from: first)
  }
}

/// How many steps the context of a window has.
package struct ContextSteps: Sendable, Equatable {
  /// The fewest, at the beginning of a series.
  package let least: Int
  /// The most: those of every window whose series has as many before it.
  package let most: Int

  package init(_ data: DataConfiguration) {
    most = data.context ?? 1
    least = data.leastContext ?? most
  }

  package init(least: Int? = nil, most: Int) {
    self.least = least ?? most
    self.most = most
  }

  /// Whether contexts have different lengths.
  package var vary: Bool { least < most }

  /// The steps of the context before a step of a series.
  ///
  /// - Parameters:
  ///   - origin: The step after the context; at least `least` after the beginning of the series.
  ///   - first: The first step of the series.
  package func steps(before origin: Int, from first: Int) -> Range<Int> { max(first, origin - most)..<origin }

  /// The key of the fewest steps.
  package var key: String { vary ? "data.least_context" : "data.context" }

  /// In words, such as `24` or `12 to 24`.
  package var text: String { vary ? "\(least) to \(most)" : "\(most)" }
}
