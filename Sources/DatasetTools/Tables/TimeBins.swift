import WeftBase

/// What becomes of the values of a column in one step of time.
public enum TableAggregate: String, Sendable, CaseIterable {
  case mean, first, last, min, max, sum
}

/// Even steps of time in which rows are gathered, as `pandas.DataFrame.resample` does: those of each series begin at the
/// midnight before its first row.
struct TimeBins {
  private let step: RowDistance
  private let scale: TimeScale
  /// The beginning of the day of a series' first row, by the local clock, from which steps of hours and days are counted.
  private var origin = 0.0
  private static let secondsPerDay = 86_400.0
  /// Moments further from 1970 have no date here.
  private static let limit = 1e13

  init(_ step: RowDistance, _ scale: TimeScale) { (self.step, self.scale) = (step, scale) }

  /// Begins a series.
  ///
  /// - Parameter time: That of its first row.
  private mutating func begin(at time: Double) {
    origin = 0
    if scale == .numbers || abs(time) >= Self.limit { return }
    let day = (scale.clock(time) / Self.secondsPerDay).rounded(.down)
    origin = scale.moment(clock: day * Self.secondsPerDay)
  }

  /// The beginning of the step in which a time is: of days and months by the local calendar, of weeks on Monday.
  private func beginning(of time: Double) -> Double {
    func floored(_ seconds: Double) -> Double {
      origin + ((time - origin) / seconds + 1e-9).rounded(.down) * seconds
    }
    switch step {
    case .seconds(let seconds): return floored(seconds)
    case .days(let days):
      if scale == .numbers { return floored(Double(days) * Self.secondsPerDay) }
      guard abs(time) < Self.limit else { return time }
      let day = Int((scale.clock(time) / Self.secondsPerDay).rounded(.down))
      // 1970-01-01 was a Thursday.
      let since =
        days % 7 == 0 ? day + 3 : day - Int((scale.clock(origin) / Self.secondsPerDay).rounded(.down))
      let first = day - (since % days + days) % days
      return scale.moment(clock: Double(first) * Self.secondsPerDay)
    case .months(let months):
      guard scale != .numbers, abs(time) < Self.limit else { return time }
      let day = CivilDay(seconds: scale.clock(time))
      let number = 12 * day.year + day.month - 1
      let first = number - (number % months + months) % months
      let beginning = CivilDay(year: first / 12, month: first % 12 + 1, day: 1) ?? day
      return scale.moment(clock: Double(beginning.number) * Self.secondsPerDay)
    }
  }

  /// Rows of a step as one, at its beginning.
  ///
  /// - Parameters:
  ///   - rows: In the order of groups and times.
  ///   - keptNames: The columns of which a row has one value; times may differ.
  ///   - names: The columns whose values are gathered, by their numbers.
  /// - Throws: If a column of one value has several in a step, or names have no mean; the message names the line.
  func gathered(
    _ rows: [PivotedTable.Row], _ how: TableAggregate, _ table: TableDataset, keptNames: [String],
    names: [String]
  ) throws(WeftError) -> [PivotedTable.Row] {
    var found: [PivotedTable.Row] = []
    let times = Set(table.time.map { [$0] + TableDataset.parts($0) } ?? [])
    var (start, bins) = (0, self)
    while start < rows.count {
      if start == 0 || rows[start].group != rows[start - 1].group { bins.begin(at: rows[start].time) }
      let beginning = bins.beginning(of: rows[start].time)
      var (row, values) = (rows[start], [Int: [String]]())
      row.time = beginning
      var end = start
      while end < rows.count, rows[end].group == row.group, bins.beginning(of: rows[end].time) == beginning {
        for (place, text) in rows[end].kept.enumerated()
        where text != row.kept[place] && !times.contains(keptNames[place]) && !table.format.isMissing(text) {
          guard table.format.isMissing(row.kept[place]) else {
            throw .data(
              "\(table.files[rows[end].file]): line \(rows[end].line), column '\(keptNames[place])': '\(text)' differs from"
                + " '\(row.kept[place])' of the same step, on line \(row.line)")
          }
          row.kept[place] = text
        }
        for cell in rows[end].cells where !table.format.isMissing(cell.text) {
          values[cell.name, default: []].append(cell.text)
        }
        end += 1
      }
      row.cells = []
      for (name, texts) in values.sorted(by: { $0.key < $1.key }) {
        let column = names[name]
        // A step is an anomaly if one of its rows is; what tells neither is left to be told.
        if column == table.anomalies {
          let text = texts.first { AnomalyColumn.mark(of: $0, table.format) != false } ?? texts[0]
          row.cells.append((name, text, 1))
          continue
        }
        // Numbers that are names have no mean.
        let areNames =
          table.categories.contains(column) || table.targetsAreClasses && table.targets.contains(column)
        guard !areNames || ![.mean, .sum].contains(how), let text = aggregate(texts, how, table.format) else {
          throw .data(
            "\(table.files[row.file]): the rows from line \(row.line) on, column '\(column)': '\(texts[0])' is a name, of which"
              + " there is no \(how.rawValue); use --resample first or last")
        }
        row.cells.append((name, text, 1))
      }
      found.append(row)
      start = end
    }
    return found
  }

  private func aggregate(_ texts: [String], _ how: TableAggregate, _ format: TableFormat) -> String? {
    switch how {
    case .first: return texts.first
    case .last: return texts.last
    case .mean, .min, .max, .sum:
      var numbers: [Double] = []
      for text in texts {
        guard let number = format.number(MissingValues.trimmed(text)) else { return nil }
        numbers.append(number)
      }
      let sum = numbers.reduce(0, +)
      let value =
        switch how {
        case .min: numbers.min() ?? 0
        case .max: numbers.max() ?? 0
        case .sum: sum
        default: sum / Double(numbers.count)
        }
      return format.text(value)
    }
  }
}
