import WeftBase

/// The extremes of a column, of which one far from all others may be a mark of missing values, such as -9999.
struct OutlierSurvey {
  /// A number, that next to it, how often it occurs, and where first.
  private struct Extreme {
    var value: Double
    var next: Double
    var count = 1
    var text = ""
    var line = 0
  }

  private var low = Extreme(value: .infinity, next: .infinity)
  private var high = Extreme(value: -.infinity, next: -.infinity)
  private var count = 0

  /// Numbers from which on an extreme is told.
  private static let telling = 10

  mutating func add(_ value: Double, _ text: @autoclosure () -> String, line: Int) {
    count += 1
    // Most numbers are between the extremes, and not next to them.
    if value > low.value {
      if value < low.next { low.next = value }
    } else if value == low.value {
      low.count += 1
    } else {
      low = Extreme(value: value, next: low.value, text: text(), line: line)
    }
    if value < high.value {
      if value > high.next { high.next = value }
    } else if value == high.value {
      high.count += 1
    } else {
      high = Extreme(value: value, next: high.value, text: text(), line: line)
    }
  }

  /// Whether a number consists of nines, as marks of missing values do, such as -999.9.
  private static func isOfNines(_ value: Double) -> Bool {
    let digits = NumberText.json(abs(value)).filter { $0 != "." }
    return digits.count >= 2 && digits.allSatisfy { $0 == "9" }
  }

  /// Notes on extremes that are far from all other numbers, and either consist of nines or occur several times.
  ///
  /// - Parameter name: What has the numbers, such as `column 'x'`.
  func notes(of name: String) -> [String] {
    let (least, greatest, second, last) = (low, high, low.next, high.next)
    guard count >= Self.telling, second < greatest.value, last > least.value else { return [] }
    // The range of the others, without the opposite extreme if that is a mark as well.
    let upper = Self.isOfNines(greatest.value) ? last : greatest.value
    let lower = Self.isOfNines(least.value) ? second : least.value
    var found: [(extreme: Extreme, range: ClosedRange<Double>)] = []
    func isMark(_ extreme: Extreme, gap: Double, range: Double) -> Bool {
      guard range > 0, extreme.count * 2 < count else { return false }
      if Self.isOfNines(extreme.value) { return gap > range }
      return extreme.count > 1 && gap > 3 * range && extreme.value == extreme.value.rounded()
    }
    if second <= upper, isMark(least, gap: second - least.value, range: upper - second) {
      found.append((least, second...upper))
    }
    if lower <= last, isMark(greatest, gap: greatest.value - last, range: last - lower) {
      found.append((greatest, lower...last))
    }
    return found.map { extreme, range in
      let times = extreme.count == 1 ? "once" : "\(extreme.count) times"
      return
        "\(name): \(extreme.text) occurs \(times), first on line \(extreme.line), far from all others, which are \(NumberText.json(range.lowerBound))"
        + " to \(NumberText.json(range.upperBound)); use --missing-mark \(extreme.text) if it stands for a missing value"
    }
  }
}
