/// Where windows begin that lie within series, numbered from the first window of the first series on.
struct WindowStarts: Sendable {
  /// Windows of all series.
  let count: Int
  private let spacing: Int
  /// The first step of each series that holds a window, and the number of its first window.
  private let series: [(step: Int, number: Int)]

  /// - Parameters:
  ///   - series: Steps of each series, in ascending order. Those shorter than a window hold none.
  ///   - window: Steps of a window.
  ///   - spacing: Steps from the start of one window to that of the next.
  /// - Precondition: One series holds a window.
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
    // The last series whose first window does not come later.
    while high - low > 1 {
      let middle = (low + high) / 2
      if series[middle].number <= number { low = middle } else { high = middle }
    }
    return series[low].step + (number - series[low].number) * spacing
  }
}
