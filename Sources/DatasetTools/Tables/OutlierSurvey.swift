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

  /// The digits of a number that consists of nines, as marks of missing values do, such as -999.9; 0 for others.
  private static func nines(_ value: Double) -> Int {
    let digits = NumberText.json(abs(value)).filter { $0 != "." }
    return digits.count >= 2 && digits.allSatisfy { $0 == "9" } ? digits.count : 0
  }

  /// A number that may stand for a missing value.
  struct Doubt {
    /// As it is written.
    var text: String
    /// How often it occurs and where, and what to do.
    var note: String
  }

  /// Extremes far from all other numbers that either consist of nines or occur several times, and negative numbers of nines,
  /// hundreds or -1 among others that are not negative.
  ///
  /// - Parameter name: What has the numbers, such as `column 'x'`.
  func doubts(of name: String) -> [Doubt] {
    let (least, greatest, second, last) = (low, high, low.next, high.next)
    guard count >= Self.telling, second < greatest.value || last > least.value || second == greatest.value
    else {
      return []
    }
    // The range of the others, without the opposite extreme if that is a mark as well.
    let upper = Self.nines(greatest.value) > 0 && last > least.value ? last : greatest.value
    let lower = Self.nines(least.value) > 0 && second < greatest.value ? second : least.value
    var found: [(extreme: Extreme, range: ClosedRange<Double>)] = []
    func isMark(_ extreme: Extreme, gap: Double, others: ClosedRange<Double>) -> Bool {
      let range = others.upperBound - others.lowerBound
      let nines = Self.nines(extreme.value)
      if extreme.value < 0, others.lowerBound >= 0, extreme.value == extreme.value.rounded(),
        nines > 1
          || extreme.count > 1 && range > 0 && extreme.value.truncatingRemainder(dividingBy: 100) == 0
          || extreme.count > 1 && range > 2 && extreme.value == -1
      {
        return true
      }
      // Of two numbers that alternate, 99 may be one.
      if nines > 0 { return gap > range && (range > 0 || nines > 2) }
      guard range > 0, extreme.count * 2 < count else { return false }
      return extreme.count > 1 && gap > 3 * range && extreme.value == extreme.value.rounded()
    }
    if second <= upper, isMark(least, gap: second - least.value, others: second...upper) {
      found.append((least, second...upper))
    }
    if lower <= last, isMark(greatest, gap: greatest.value - last, others: lower...last) {
      found.append((greatest, lower...last))
    }
    return found.map { extreme, range in
      let times = extreme.count == 1 ? "once" : "\(extreme.count) times"
      let (low, high) = (NumberText.json(range.lowerBound), NumberText.json(range.upperBound))
      let distance = max(range.lowerBound - extreme.value, extreme.value - range.upperBound)
      let others =
        distance > range.upperBound - range.lowerBound
        ? "far from all others, which are \(low == high ? low : "\(low) to \(high)")"
        : "the only negative number beside \(low) to \(high)"
      return Doubt(
        text: extreme.text,
        note:
          "\(name): \(extreme.text) occurs \(times), first on line \(extreme.line), \(others); use --missing-mark"
          + " \(extreme.text) if it stands for a missing value")
    }
  }

  /// A first or last number very far from all others, as a rate or a time of the beginning above the values is, or a count
  /// below them.
  ///
  /// - Parameter lines: Those of the first number and the last.
  func ends(of name: String, lines: ClosedRange<Int>) -> [Doubt] {
    guard count >= Self.telling, low.value < high.value else { return [] }
    return [
      (low, low.next - low.value, high.value - low.next),
      (high, high.value - high.next, high.next - low.value),
    ]
    .compactMap { extreme, gap, range in
      guard extreme.count == 1, extreme.line == lines.lowerBound || extreme.line == lines.upperBound,
        range > 0,
        gap > 1000 * range
      else { return nil }
      return Doubt(
        text: extreme.text,
        note:
          "\(name): \(extreme.text) on line \(extreme.line) is very far from all others; leave the line out with --skip-lines"
          + " \(extreme.line) if it is no row")
    }
  }

  /// What follows a number of nines that all values are, as a mark of missing ones would be; empty for others.
  static func advice(forAll value: Double) -> String {
    nines(value) > 1
      ? "; use --missing-mark \(NumberText.json(value)) if it stands for a missing value" : ""
  }

  /// Notes on doubtful numbers of several columns, of which one that several have is told in full twice.
  static func notes(_ doubts: [(column: String, doubt: Doubt)]) -> [String] {
    var (notes, further, order) = ([String](), [String: [String]](), [String]())
    for (column, doubt) in doubts {
      further[doubt.text, default: []].append(column)
      if further[doubt.text]?.count ?? 0 > 2 { continue }
      order.append(doubt.text)
      notes.append(doubt.note)
    }
    for text in Set(order).sorted() {
      let columns = (further[text] ?? []).dropFirst(2)
      if columns.isEmpty { continue }
      notes.append(
        "\(text) stands out in \(columns.count == 1 ? "another column" : "\(columns.count) other columns") as well: "
          + columns.prefix(5).map { "'\($0)'" }.joined(separator: ", ") + (columns.count > 5 ? ", …" : ""))
    }
    return notes
  }
}
