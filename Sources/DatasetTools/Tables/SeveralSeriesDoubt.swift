import WeftBase

/// Whether a table that is read as one series, without a column of times or groups, has rows of several series, or of one in
/// another order.
struct SeveralSeriesDoubt {
  /// A column that may name series.
  private struct Candidate {
    let name: String
    let index: Int
    /// Whether its name alone says that it names something.
    let isNamed: Bool
    var last = ""
    var changes = 0
    /// Changes where times stay, and where they go back.
    var changesAtEqual = 0
    var changesAtDescents = 0
    var values: Set<UInt64> = []
  }

  private var time: (name: String, index: Int)?
  private var lastTime = 0.0
  private var (rows, equal, descents, firstDescent) = (0, 0, 0, 0)
  private var candidates: [Candidate] = []
  private let names: [String]

  /// Rows that are watched, as reading their times takes longer than all else.
  private static let mostRows = 50_000
  /// Columns that are watched, and values that a column that names series may have.
  private static let (mostColumns, mostValues) = (30, 1 << 14)
  private static var clocks: Regex<Substring> {
    /hour|hr|time|min|sec|interval|period|slot|step|day|week|month|year|quarter|season/
  }
  private static var identifiers: Regex<Substring> {
    /(?:^|[^a-z])(?:id|store|shop|unit|station|patient|subject|sensor|device|machine|engine|symbol|ticker|series)s?$/
  }

  /// - Parameter names: The names of the columns; empty for those that are not watched.
  init(_ names: [String]) { self.names = names }

  /// Adds the next row.
  mutating func add(_ fields: TableRow, line: Int) {
    if rows == Self.mostRows { return }
    rows += 1
    if rows == 1 { begin(fields) }
    if time == nil, candidates.isEmpty { return }
    var order = 1
    if let index = time?.index {
      guard let moment = Self.moment(fields[index]) else {
        time = nil
        candidates.removeAll { !$0.isNamed }
        return
      }
      if rows > 1 { order = moment > lastTime ? 1 : moment == lastTime ? 0 : -1 }
      lastTime = moment
      if order == 0 { equal += 1 }
      if order < 0 {
        descents += 1
        if firstDescent == 0 { firstDescent = line }
      }
    }
    for place in candidates.indices {
      let text = fields[candidates[place].index]
      if rows > 1, text == candidates[place].last { continue }
      // Other numbers than whole ones, and times of a day, name nothing.
      guard !text.isEmpty, !text.contains(":"),
        !text.contains(".") || Double(text).map({ $0 == $0.rounded() }) ?? true
      else {
        candidates[place].values = []
        continue
      }
      candidates[place].last = text
      if candidates[place].values.count < Self.mostValues {
        candidates[place].values.insert(ContentHash(text.utf8).value)
      }
      if rows == 1 { continue }
      candidates[place].changes += 1
      if order == 0 { candidates[place].changesAtEqual += 1 }
      if order < 0 { candidates[place].changesAtDescents += 1 }
    }
    candidates.removeAll { $0.values.isEmpty || $0.values.count >= Self.mostValues }
  }

  private mutating func begin(_ fields: TableRow) {
    let shown = names.indices.prefix(Self.mostColumns).filter {
      !names[$0].isEmpty && fields.indices.contains($0)
    }
    time = shown.first { Self.moment(fields[$0]) != nil }.map { (names[$0], $0) }
    for index in shown where index != time?.index {
      let name = names[index].lowercased()
      let isNamed = name.contains(Self.identifiers)
      if isNamed || time != nil && !name.contains(Self.clocks) {
        candidates.append(Candidate(name: names[index], index: index, isNamed: isNamed))
      }
    }
  }

  /// A date; nil for numbers and other texts.
  private static func moment(_ text: String) -> Double? {
    Double(text) == nil && text.contains { $0 == "-" || $0 == "/" } ? Timestamp.value(text) : nil
  }

  /// What the table may be; nil if nothing speaks against one series.
  var note: String? {
    guard rows > 3 else { return nil }
    let several = candidates.filter { $0.values.count > 1 && 2 * $0.values.count <= rows }
    guard let time else {
      // Each value in a run of its own.
      return several.first { $0.isNamed && $0.changes == $0.values.count - 1 }.map {
        "the rows are read as one series, but '\($0.name)' has \($0.values.count) values, one after the other; if they are"
          + " series of their own, use --group \($0.name.shellQuoted)"
      }
    }
    if descents == rows - 1 {
      return
        "the times of '\(time.name)' descend, so that the series goes back in time; --time \(time.name.shellQuoted) reads it"
        + " from its end"
    }
    if equal + descents == 0 { return nil }
    let telling = several.first {
      equal == 0
        ? $0.changes == descents && $0.changesAtDescents == descents
        : $0.changesAtEqual == equal && $0.changesAtDescents == descents
    }
    if let telling {
      return
        "the rows are read as one series, but times of '\(time.name)' repeat for several values of '\(telling.name)'; if these"
        + " are series of their own, use --group \(telling.name.shellQuoted) --time \(time.name.shellQuoted)"
    }
    if descents == 0 { return nil }
    return
      "the times of '\(time.name)' go back \(descents == 1 ? "once," : "\(descents) times, first") on line \(firstDescent); --time"
      + " \(time.name.shellQuoted) --sort sorts the rows, and --group names the column that tells several series apart"
  }
}
