/// Names of columns in several lines, as pandas writes columns of several levels, and tables that name units below.
enum ColumnLevels {
  /// One name of those of the levels.
  static func joined(_ levels: [String]) -> String { levels.filter { !$0.isEmpty }.joined(separator: "_") }

  /// The names of columns that the first line and some records below it tell, and the number of these records; nil if the
  /// first line alone names the columns.
  ///
  /// - Parameters:
  ///   - names: The fields of the first line.
  ///   - rows: The records below it, as far as they were read.
  static func names(
    _ names: [String], _ rows: [[String]], _ format: TableFormat
  ) -> (names: [String], rows: Int)? {
    let repeated = repeated(names)
    guard isMarked(names) || !repeated.isEmpty else { return nil }
    // The name of the index, beside which there is nothing, ends the levels.
    let end = rows.firstIndex { row in
      row.count == names.count && row.dropFirst().allSatisfy(\.isEmpty) && !isValue(row[0], format)
        && !row[0].isEmpty
    }
    if let end, end > 0 || names[0].isEmpty,
      rows[..<end].allSatisfy({
        $0.count == names.count && (!repeated.isEmpty || $0[0].isEmpty || isMarked([$0[0]]))
      })
    {
      let levels = [names] + rows[..<end]
      // A level that is the same for all columns tells none apart.
      var telling = levels.filter { level in level.dropFirst().contains { $0 != level[1] } }
      if telling.isEmpty { telling = [levels[0]] }
      let joined = names.indices.dropFirst().map { column in
        telling.map { $0[column] }.joined(separator: "_")
      }
      guard repeated.isEmpty || isMarked(names) || Set(joined).count == joined.count else { return nil }
      return ([rows[end][0]] + joined, end + 1)
    }
    // Without it, lines of names alone stand above one with numbers.
    let count = rows.prefix { row in
      row.count == names.count && !row.contains { isValue($0, format) }
        && repeated.allSatisfy { !MissingValues.isMissing(row[$0]) }
    }.count
    guard !repeated.isEmpty, (1...2).contains(count), count < rows.count,
      repeated.contains(where: { isValue(rows[count][safe: $0] ?? "", format) })
    else { return nil }
    let levels = [names] + rows[..<count]
    let found = names.indices.map { column in joined(levels.map { MissingValues.trimmed($0[column]) }) }
    let own = found.filter { !$0.isEmpty }
    return Set(own).count == own.count ? (found, count) : nil
  }

  /// The places of names that occur several times.
  private static func repeated(_ names: [String]) -> [Int] {
    let counts = names.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    return names.indices.filter { !names[$0].isEmpty && counts[names[$0], default: 0] > 1 }
  }

  /// Whether a line begins as those of pandas and of prices do.
  static func isMarked(_ names: [String]) -> Bool {
    names.first.map { ["", "Price", "Ticker"].contains($0) } ?? false
  }

  /// Whether a line may be the first of several.
  static func mayBegin(_ names: [String]) -> Bool {
    names.count > 1 && (isMarked(names) || !repeated(names).isEmpty)
  }

  private static func isValue(_ field: String, _ format: TableFormat) -> Bool {
    format.number(MissingValues.trimmed(field)) != nil || Timestamp.value(field) != nil
  }
}

extension Array {
  /// The element at a place; nil if there is none.
  fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
