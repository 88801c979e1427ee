import WeftBase

/// Rows of a table in another order than that of the file: those of each group together, and the oldest first.
struct RowOrder {
  /// Consecutive rows of one group.
  struct Run {
    /// The byte and the line of the first one.
    var (offset, line): (Int, Int)
    var group: Int32
    var count: Int32
  }

  /// In the order of the file.
  let runs: [Run]
  /// Their indices in the order in which they are read.
  let sequence: [Int]
}

/// The first pass over a table: the number of rows of its series, and whether they can be read as they are.
struct RowOrderSurvey {
  private var groups: [UInt64: Int] = [:]
  private var current = -1
  /// The name of the current group.
  private var lastName: String?
  private var runs: [RowOrder.Run] = []
  /// Rows of each group, and of them the first and the last with a value, from 1; 0 without any.
  private var series: [(rows: Int, first: Int, last: Int)] = []
  private var times: [Double?] = []
  /// Rows that are later than the one before them in their group, and rows that are earlier.
  private var (later, earlier) = (0, 0)
  private(set) var isInterleaved = false
  /// Rows without a name of their group.
  private var unnamedRows = 0
  /// Whether rows are sorted by time, and the time of each; of those that tell none, that of the row before.
  private let sorts: Bool
  private var moments: [Double] = []

  init(sorts: Bool = false) { self.sorts = sorts }

  /// Comparisons after which the order is known.
  private static let enough = 1000

  /// Whether more times are needed to know the order.
  var needsTimes: Bool { sorts || later + earlier < Self.enough }

  /// Whether the newest rows come first. What else is not in order is left for the second pass to complain about.
  var isReversed: Bool { !sorts && earlier > 20 * later }
  private var isSorted: Bool { sorts && earlier > 0 }

  /// Number of series.
  var count: Int { series.count }

  /// - Parameters:
  ///   - group: The name of the row's group; nil without groups.
  ///   - time: Its time; nil if it is not known.
  ///   - isKnown: Whether it has a value of the series, rather than of covariates alone.
  mutating func add(group: String?, time: Double?, isKnown: Bool, offset: Int, line: Int) {
    let number = number(of: group)
    if let group, group.isEmpty { unnamedRows += 1 }
    if let time {
      if let last = times[number], time != last { if time > last { later += 1 } else { earlier += 1 } }
      times[number] = time
    }
    series[number].rows += 1
    if isKnown {
      if series[number].first == 0 { series[number].first = series[number].rows }
      series[number].last = series[number].rows
    }
    // Rows to be reversed are read one by one.
    if sorts { moments.append(time ?? times[number] ?? -.infinity) }
    if number != current || isReversed || sorts || runs.isEmpty || runs[runs.count - 1].count == .max {
      runs.append(RowOrder.Run(offset: offset, line: line, group: Int32(number), count: 0))
    }
    runs[runs.count - 1].count += 1
    current = number
  }

  private mutating func number(of group: String?) -> Int {
    if current >= 0, group == lastName { return current }
    lastName = group
    let key = group.map { ContentHash($0.utf8).value } ?? 0
    if let number = groups[key] {
      if number != current { isInterleaved = true }
      return number
    }
    groups[key] = series.count
    series.append((0, 0, 0))
    times.append(nil)
    return series.count - 1
  }

  /// Rows of each series, in the order of time as far as that is known.
  var rows: [Int] { series.map(\.rows) }

  /// Rows of each series up to the last with a value, in the order of time; 0 without any.
  var knownRows: [Int] {
    series.map { isReversed ? ($0.first == 0 ? 0 : $0.rows - $0.first + 1) : $0.last }
  }

  /// The order to read the rows in; nil for that of the file.
  var order: RowOrder? {
    guard isReversed || isInterleaved || isSorted else { return nil }
    if sorts {
      let sorted = runs.indices.sorted {
        (Int(runs[$0].group), moments[$0], $0) < (Int(runs[$1].group), moments[$1], $1)
      }
      return RowOrder(runs: runs, sequence: sorted)
    }
    // Where the runs of each group begin: groups are numbered, so that nothing needs to be compared.
    var places = [Int](repeating: 0, count: series.count + 1)
    for run in runs { places[Int(run.group) + 1] += 1 }
    for group in series.indices { places[group + 1] += places[group] }
    var sequence = [Int](repeating: 0, count: runs.count)
    for number in runs.indices {
      let index = isReversed ? runs.count - 1 - number : number
      let group = Int(runs[index].group)
      sequence[places[group]] = index
      places[group] += 1
    }
    return RowOrder(runs: runs, sequence: sequence)
  }

  /// A note on rows without a name of their group.
  var unnamedNote: String? {
    unnamedRows == 0
      ? nil
      : "\(unnamedRows == 1 ? "a row has" : "\(unnamedRows) rows have") no value in the group column, and form a series of"
        + " their own"
  }

  /// What is done about rows that are not in order.
  var notes: [String] {
    var notes: [String] = []
    if isInterleaved {
      notes.append("gathered the rows of each of \(count) groups, which alternate in the table")
    }
    if isSorted {
      notes.append(
        "sorted the rows by time, of which \(earlier == 1 ? "one was" : "\(earlier) were") before the row above"
      )
    }
    if isReversed { notes.append("read the rows from the last to the first, as the newest come first") }
    return notes
  }
}
