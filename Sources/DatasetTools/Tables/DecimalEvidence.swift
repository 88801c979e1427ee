import WeftBase

/// Whether points in a table are decimal ones or separate thousands, as far as other cells tell.
struct DecimalEvidence {
  private let isAsked: Bool
  private var rows = 0
  /// A number with a decimal comma, and its place.
  private var comma: (text: String, line: Int, column: Int)?
  /// Whether a number has a point that cannot separate thousands.
  private var hasDecimalPoint = false

  /// Rows that are examined.
  private static let most = 1000

  init(_ format: TableFormat, separator: UInt8) {
    isAsked =
      separator != UInt8(ascii: ",") && format.decimal == .point && format.thousands == nil
      && !format.isDecimalGiven
  }

  mutating func add(_ fields: TableRow, _ reader: TableReader) {
    guard isAsked, rows < Self.most else { return }
    rows += 1
    for (column, field) in fields.enumerated() {
      let text = MissingValues.trimmed(field)
      if comma == nil, text.utf8.contains(UInt8(ascii: ",")), text.hasDecimalComma {
        comma = (text, reader.line, column)
      }
      if !hasDecimalPoint, text.utf8.contains(UInt8(ascii: ".")), !text.hasPointsOfThousands,
        reader.format.number(text) != nil
      {
        hasDecimalPoint = true
      }
    }
  }

  /// - Throws: If the points in a column may separate thousands where another column has decimal commas.
  func check(_ columns: [TableColumn], _ reader: TableReader) throws(WeftError) {
    guard let comma else { return }
    for column in columns {
      guard let doubt = column.thousands else { continue }
      throw .data(
        "\(reader.path): line \(doubt.line), column '\(column.name)': the point of '\(doubt.text)' may separate thousands, as"
          + " '\(comma.text)' on line \(comma.line), column '\(reader.names[comma.column])', has a decimal comma; use --decimal ,"
          + " --thousands . if it does, or --decimal . if it is a decimal one")
    }
  }

  /// A note on columns of numbers that may have points between thousands.
  func notes(_ columns: [TableColumn], _ reader: TableReader) -> [String] {
    guard isAsked, !hasDecimalPoint, comma == nil, reader.separator == UInt8(ascii: ";") else { return [] }
    return columns.compactMap { column in
      column.thousands.map {
        "all points in column '\(column.name)' stand before three digits, as that of '\($0.text)'; if they separate thousands,"
          + " use --decimal , --thousands ."
      }
    }
  }
}

extension String {
  /// Whether the text is a number whose points all stand before three digits, and may separate thousands.
  var hasPointsOfThousands: Bool {
    var rest = utf8[...]
    if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      rest = rest.dropFirst()
    }
    let groups = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard groups.count > 1, let first = groups.first, (1...3).contains(first.count),
      first.first != UInt8(ascii: "0")
    else { return false }
    return groups.allSatisfy { $0.allSatisfy { (48...57).contains($0) } }
      && groups.dropFirst().allSatisfy { $0.count == 3 }
  }
}
