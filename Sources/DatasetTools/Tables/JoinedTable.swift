import Foundation
import WeftBase

/// Another table whose columns are those of rows with the same keys, such as the types of shops.
public struct TableJoin: Sendable {
  /// The other table.
  public let file: String
  /// The columns of the keys, and their names in the other table; empty for all columns of the same name.
  public let keys: [(column: String, other: String)]

  /// A join such as `stores.csv`, `stores.csv:Store` or `outcomes.csv:file=RecordID,Date`.
  ///
  /// - Throws: If a key has no name.
  public init(_ text: String) throws(WeftError) {
    guard !FileManager.default.fileExists(atPath: text), let colon = text.lastIndex(of: ":") else {
      (file, keys) = (text, [])
      return
    }
    file = String(text[..<colon])
    keys = text[text.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false).map {
      let parts = $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return (parts[0], parts.last ?? parts[0])
    }
    guard !file.isEmpty, keys.allSatisfy({ !$0.column.isEmpty && !$0.other.isEmpty }) else {
      throw .usage("--join: '\(text)' is not a file, or a file with columns such as stores.csv:Store")
    }
  }

  /// The keys beside a table with some columns.
  ///
  /// - Throws: If there are none, or one is no column.
  fileprivate func keys(_ names: [String], _ other: TableReader) throws(WeftError) -> [(Int, Int)] {
    var found: [(Int, Int)] = []
    if keys.isEmpty {
      for (index, name) in names.enumerated() where !name.isEmpty {
        if let place = try other.index(of: name) { found.append((index, place)) }
      }
      guard !found.isEmpty else {
        throw .usage(
          "--join: \(file) has no column of the same name as the table; name the columns with the same values, such as"
            + " --join \(file):shop=id")
      }
      return found
    }
    for key in keys {
      guard let index = names.firstIndex(where: { MissingValues.trimmed($0) == key.column }) else {
        throw .usage("--join: the table has no column '\(key.column)'")
      }
      found.append((index, try other.index(of: key.other, option: "join")))
    }
    return found
  }

  /// The columns of the keys among some names.
  ///
  /// - Throws: If there are none, or the other table cannot be read.
  func columns(_ names: [String], _ format: TableFormat) throws(WeftError) -> [Int] {
    try keys(names, TableReader(file, format: format)).map(\.0)
  }
}

/// The rows of another table by their keys, which are held in memory.
final class JoinedTable {
  /// The columns besides the keys.
  let names: [String]
  let file: String
  private let keys: [Int]
  let keyNames: [String]
  /// What is joined, in words.
  private let how: String
  private var rows: [String: [String]] = [:]
  /// The rows by names of files without folders and endings, as the column of files has them; nil under a name of several.
  private var rowsOfFiles: [String: [String]?] = [:]
  /// The keys of the first row.
  private(set) var example: [String] = []

  /// - Parameters:
  ///   - names: The columns of the table that it is joined to.
  ///   - format: How that table is written, apart from lines left out.
  /// - Throws: If the keys are no columns, or two rows have the same.
  init(_ join: TableJoin, to names: [String], _ format: TableFormat) throws(WeftError) {
    var format = format
    (format.skippedLines, format.hasHeader) = ([], true)
    let reader = try TableReader(join.file, format: format)
    let found = try join.keys(names, reader)
    (file, keys, keyNames) = (join.file, found.map(\.0), found.map { names[$0.0] })
    how = "joined \(file) by \(keyNames.joined(separator: ", "))"
    let others = Set(found.map(\.1))
    let columns = reader.names.indices.filter { !others.contains($0) && !reader.names[$0].isEmpty }
    self.names = columns.map { reader.names[$0] }
    if let name = self.names.first(where: names.contains) {
      throw .usage(
        "--join: \(file) has a column '\(name)', and so has the table; join by it as well, with --join"
          + " \(file):\((keyNames + [name]).joined(separator: ",")), or rename it")
    }
    let fileKey = keyNames.firstIndex(of: TableReader.fileColumn)
    while let fields = try reader.next() {
      var own = found.map { fields[$0.1] }
      let key = Self.key(own)
      if example.isEmpty { example = own }
      if let fileKey {
        let name = MissingValues.trimmed(own[fileKey])
        own[fileKey] = PathParts.stem(of: name.hasSuffix(".gz") ? PathParts.withoutEnding(name) : name)
        let short = Self.key(own)
        rowsOfFiles[short] = rowsOfFiles[short] == nil ? .some(columns.map { fields[$0] }) : .some(nil)
      }
      guard rows.updateValue(columns.map { fields[$0] }, forKey: key) == nil else {
        throw reader.failure(
          "has the same \(keyNames.joined(separator: ",")) as a row before it,"
            + " '\(found.map { fields[$0.1] }.joined(separator: ","))'; name more columns with --join"
            + " \(file):COLUMNS, or keep one row of each, as pandas.read_csv('\(PathParts.name(of: file))')"
            + ".drop_duplicates(\(found.map { reader.names[$0.1] })).to_csv('single.csv', index=False) does")
      }
    }
  }

  /// The classes that the names of files tell.
  ///
  /// - Throws: If a name does not fit the pattern.
  init(_ pattern: NamePattern, _ reader: TableReader) throws(WeftError) {
    guard let column = reader.names.firstIndex(of: TableReader.fileColumn), reader.namesFiles,
      !reader.names.contains(TableDataset.classColumn)
    else {
      throw .usage(
        "--class-from: \(reader.path) has a column '\(TableReader.fileColumn)' or '\(TableDataset.classColumn)' of its own; rename it"
      )
    }
    (names, file, keys) = ([TableDataset.classColumn], pattern.text, [column])
    keyNames = [TableReader.fileColumn]
    for (path, name) in zip(reader.files, reader.fileNames) {
      guard let found = pattern.names(in: path) else {
        throw .usage("--class-from: '\(path)' does not fit '\(pattern.text)'")
      }
      rows[Self.key([name])] = [found.class]
    }
    how =
      "read the classes of \(NumberText.counted(reader.files.count, "files")) from their names, as '\(pattern.text)' tells"
  }

  /// Numbers are the same however they are written, but for long ones, which identify something.
  private static func key(_ fields: [String]) -> String {
    fields.map { field in
      let text = MissingValues.trimmed(field)
      guard let value = Double(text), abs(value) < 0x1p53 else { return text }
      return NumberText.json(value)
    }.joined(separator: "\u{1F}")
  }

  /// What a row of the table is joined with; nil if there is no row with its keys.
  func fields(of row: TableRow) -> [String]? {
    let key = Self.key(keys.map { row[$0] })
    return rows[key] ?? rowsOfFiles[key] ?? nil
  }

  /// The values by which a row is joined.
  func keyTexts(of row: TableRow) -> [String] { keys.map { MissingValues.trimmed(row[$0]) } }

  /// What was joined.
  ///
  /// - Parameter missed: Rows without a partner.
  func note(missed: Int) -> String {
    how
      + (missed == 0
        ? "" : "; \(missed == 1 ? "a row has" : "\(missed) rows have") no partner, and missing values")
  }
}
