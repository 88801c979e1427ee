import WeftBase

/// What a first pass over an archive tells of its numbers.
struct ArchiveSurvey {
  /// Why values are stored in double precision, and targets; nil if they are not.
  private(set) var precision: String?
  private(set) var targetPrecision: String?
  /// The steps of every series; nil if lengths differ.
  private(set) var length: Int?
  /// The values of the first row, and the first row that has another number; nil if all have as many.
  private var uneven: (first: Int, other: Int, place: String)?

  /// - Throws: If a series is malformed, or a number beyond the range of single precision.
  init(_ files: [String], _ progress: ProgressReporter, _ open: (String) throws -> ArchiveReader) throws {
    var (columns, targets) = ([PrecisionSurvey](), PrecisionSurvey())
    var lengths: Set<Int> = []
    var firstRow: Int?
    for file in files {
      let reader = try open(file)
      progress.begin("reading \(file)", total: reader.byteCount, unit: "B")
      var last = 0
      while let record = try reader.nextRecord() {
        let series = try reader.series(of: record)
        if lengths.count < 2 { lengths.insert(series.steps) }
        if reader.format == .rows, let own = record.rowLengths.first {
          if let firstRow, own != firstRow {
            uneven = uneven ?? (firstRow, own, "\(file): line \(reader.line)")
          }
          firstRow = firstRow ?? own
        }
        // Series to be forecast are at levels of their own.
        let perSeries = reader.format == .tsf
        if columns.count != record.dimensions.count || perSeries {
          if let note = Self.note(columns, perSeries) { precision = precision ?? note }
          columns = record.dimensions.map { _ in PrecisionSurvey() }
        }
        for (dimension, texts) in record.dimensions.enumerated() {
          for text in texts {
            func trimmed() -> String { MissingValues.trimmed(String(text)) }
            let value = PlainNumber.value(text.utf8.span, decimal: UInt8(ascii: ".")) ?? Double(trimmed())
            if let value, value.isFinite { columns[dimension].add(value, trimmed(), line: reader.line) }
          }
          if let excess = columns[dimension].firstExcess {
            throw reader.failure(PrecisionSurvey.excess(excess.text))
          }
        }
        if let number = series.number, let target = record.target {
          targets.add(number, target, line: reader.line)
          if targets.firstExcess != nil {
            throw reader.failure("its target \(PrecisionSurvey.excess(target))")
          }
        }
        progress.advance(by: reader.offset - last)
        last = reader.offset
      }
      precision = precision ?? Self.note(columns, reader.format == .tsf)
    }
    targetPrecision = targets.note(of: "the target")
    length = lengths.count == 1 ? lengths.first : nil
  }

  /// A note on rows of different lengths, of which some may have been cut off; nil if all are equal.
  var lengthNote: String? {
    uneven.map {
      "rows have different numbers of values: \($0.first) in the first, \($0.other) in \($0.place); shorter ones are series"
        + " that end early, unless they were cut off"
    }
  }

  private static func note(_ columns: [PrecisionSurvey], _ perSeries: Bool) -> String? {
    for (index, column) in columns.enumerated() {
      let name = perSeries ? "a series" : columns.count == 1 ? "its series" : "dimension \(index + 1)"
      if let note = column.note(of: name) { return note }
    }
    return nil
  }
}
