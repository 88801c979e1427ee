/// The first steps of windows within series, numbered across series.
struct WindowStarts: Sendable {
  /// Total number of windows.
  let count: Int
  private let spacing: Int
  /// The first step of each series with a window, and the number of its first window.
  private let series: [(step: Int, number: Int)]

  /// - Parameters:
  ///   - series: Steps of each series, in ascending order. Those shorter than a window are skipped.
  ///   - window: Steps per window.
  ///   - spacing: Steps between the starts of consecutive windows.
  /// - Precondition: At least one series is as long as a window.
  init(_ series: [Range<Int>], window: Int, spacing: Int) {
    precondition(spacing > 0)
    var count = 0
    var starts: [(step: Int, number: Int)] = []
    for steps in series where steps.count >= window {
      starts.append((steps.lowerBound, count))
      count += (steps.count - window) / spacing + 1
    }
    precondition(count > 0)
    self.count = count
    self.spacing = spacing
    self.series = starts
  }

  /// The first step of a window.
  subscript(number: Int) -> Int {
    var (low, high) = (0, series.count)
    // Binary search for the last series whose first window is not after `number`.
    while high - low > 1 {
      let middle = (low + high) / 2
      if series[middle].number <= number { low = middle } else { high = middle }
    }
    return series[low].step + (number - series[low].number) * spacing
  }
}
