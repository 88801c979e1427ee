import HDF5
import WeftBase

/// Converts a table whose rows are series, with a column for each step, such as those of the M4 competition.
///
/// Empty cells before the first and after the last number of a row are not part of its series.
public struct WideTableDataset {
  /// The table.
  public var file: String
  /// Columns that name the series.
  public var names: [String]
  /// Columns that are left out.
  public var skipped: [String] = []
  /// How the table is written.
  public var format = TableFormat()
  /// How the names of the columns tell times.
  public var timeReading = TableTime()
  /// Treatment of missing values within a series.
  public var missing = MissingValues.error
  /// Assignment of the series to splits.
  public var plan = SplitPlan.whole
  /// Whether each series is divided by time, rather than assigned to a split.
  public var dividesSeries = false
  /// Steps before its own that each part of a series but the first begins with.
  public var leadIn = 0

  /// The series of the rows of `file`.
  public init(file: String, names: [String]) {
    self.file = file
    self.names = names
  }

  /// Reads the table twice and writes `SPLIT/inputs` [all steps, 1], `SPLIT/offsets`, `SPLIT/names` and, if the names of
  /// the columns are times, `SPLIT/time`.
  ///
  /// - Throws: If a column is neither a name nor a step, or a value is missing or malformed, naming line and column.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    var table = self
    let reader = try TableReader(file, format: format)
    (table.names, table.skipped) = (reader.joined(names), reader.joined(skipped))
    return try table.convert(to: writer, progress: progress)
  }

  private func convert(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    let steps = try WideTableSteps(self)
    let (precision, outliers) = try survey(steps, progress)
    let form = SeriesSplit.Form(
      inputs: ["value"], covariates: [], targets: [], hasClasses: false,
      times: steps.times.isEmpty ? nil : steps.scale, shape: .ragged(hasTargetPerSequence: false),
      arePrecise: precision != nil)
    let splits = try plan.names.map { try SeriesSplit(writer, name: $0, form) }
    try writer.file.attributes.set("source", to: file)
    let reader = try TableReader(file, format: format)
    var (seen, filled, empty): (Set<UInt64>, Int, Int) = ([], 0, 0)
    var leading = plan.names.map { _ in 0 }
    progress.begin("writing rows", total: reader.byteCount, unit: "B")
    var last = 0
    while let fields = try reader.next() {
      let name = steps.names.map { fields[$0] }.joined(separator: ",")
      guard seen.insert(ContentHash(name.utf8).value).inserted else {
        throw reader.failure(
          "its series '\(name)' is also that of another row; name more columns with --names")
      }
      let values = try values(fields, steps, reader, &filled)
      guard let first = values.firstIndex(where: { $0 != nil }) else {
        empty += 1
        continue
      }
      let count = values[first...].prefix { $0 != nil }.count
      let parts = dividesSeries ? plan.parts(of: count) : [(plan.split(of: name.utf8), 0..<count)]
      for (split, own) in parts {
        let begin = max(own.lowerBound - (split == 0 || !dividesSeries ? 0 : leadIn), 0)
        leading[split] += own.lowerBound - begin
        for step in first + begin..<first + own.upperBound {
          guard let value = values[step] else { break }
          try splits[split].append(
            SeriesStep(inputs: [value], targets: [], time: steps.times.isEmpty ? nil : steps.times[step]),
            beginsSequence: step == first + begin, name: name)
        }
      }
      progress.advance(by: reader.offset - last)
      last = reader.offset
    }
    for split in splits { try split.finish() }
    var summary = try ConversionSummary(
      plan: plan, counts: splits.map(\.count), unit: "series",
      advice: SeriesDivision.advice(isDivided: dividesSeries))
    if dividesSeries, plan.names.count > 1 {
      summary.notes.append(
        SeriesDivision.note(plan, counts: zip(splits, leading).map { $0.steps - $1 }, unit: "steps")
          + (leadIn > 0 ? ", after up to \(leadIn) before their own" : ""))
    }
    summary.notes += [steps.note] + [steps.unnamedNote].compactMap(\.self)
    if steps.times.isEmpty, let label = steps.columns.first.map({ reader.names[$0] }),
      label.contains(where: { "/-.:".contains($0) }), label.count(where: \.isNumber) >= 3
    {
      summary.notes.append("their names are not read as times; --time-format tells how, such as %m/%d/%y")
    }
    if let precision { summary.notes.append(precision) }
    if let outliers { summary.notes.append(outliers) }
    if filled > 0 {
      summary.notes.append(missing.note(filled))
    }
    if empty > 0 {
      summary.notes.append("left out \(empty == 1 ? "a row" : "\(empty) rows") without any number")
    }
    summary.notes += reader.notes
    return summary
  }

  /// Why numbers are stored in double precision, and which may stand for missing values; nil if they are not, and none may.
  private func survey(
    _ steps: WideTableSteps, _ progress: ProgressReporter
  ) throws -> (precision: String?, outliers: String?) {
    var (precision, outliers) = (nil as String?, nil as String?)
    let reader = try TableReader(file, format: format)
    progress.begin("reading the table", total: reader.byteCount, unit: "B")
    var last = 0
    while let fields = try reader.next() {
      var (extremes, numbers) = (OutlierSurvey(), PrecisionSurvey())
      for index in steps.columns {
        guard let value = number(fields, index) else { continue }
        if outliers == nil {
          extremes.add(value, MissingValues.trimmed(fields[index]), line: reader.line)
        }
        numbers.add(value, MissingValues.trimmed(fields[index]), line: reader.line)
        if numbers.firstExcess != nil {
          throw reader.failure(
            "\(MissingValues.trimmed(fields[index])) exceeds the range of 32-bit numbers, 3.4e38",
            column: reader.names[index])
        }
      }
      let name = "series '\(steps.names.map { fields[$0] }.joined(separator: ","))'"
      if precision == nil { precision = numbers.note(of: name) }
      if outliers == nil { outliers = extremes.notes(of: name).first }
      progress.advance(by: reader.offset - last)
      last = reader.offset
    }
    return (precision, outliers)
  }

  /// The number of a field; nil if it has none, or is something else.
  private func number(_ fields: TableRow, _ index: Int) -> Double? {
    if let value = format.plainNumber(fields, index) { return value }
    let text = MissingValues.trimmed(fields[index])
    return format.isMissing(text) ? nil : format.number(text)
  }

  /// The numbers of a row; nil before the first and after the last.
  private func values(
    _ fields: TableRow, _ steps: WideTableSteps, _ reader: TableReader, _ filled: inout Int
  ) throws -> [Double?] {
    var values: [Double?] = []
    for index in steps.columns {
      if let value = number(fields, index) {
        values.append(value)
        continue
      }
      let text = MissingValues.trimmed(fields[index])
      guard format.isMissing(text) else {
        if let advice = text.numberAdvice {
          throw reader.failure(
            "'\(text)' is not a number as Weft reads it; \(advice)", column: reader.names[index])
        }
        throw reader.failure(
          "'\(text)' is not a number; leave the column out with --skip, or use --missing-mark '\(text)' if it stands for a"
            + " missing value", column: reader.names[index])
      }
      values.append(nil)
    }
    guard let first = values.firstIndex(where: { $0 != nil }),
      let last = values.lastIndex(where: { $0 != nil })
    else { return values }
    let known = values.compactMap(\.self)
    for step in first..<last where values[step] == nil {
      filled += 1
      switch missing {
      case .error, .drop:
        throw reader.failure(
          "missing value within a series; handle it with --missing forward, mean or keep",
          column: reader.names[steps.columns[step]])
      case .forward: values[step] = values[step - 1]
      case .mean: values[step] = known.reduce(0, +) / Double(known.count)
      case .keep: values[step] = .nan
      }
    }
    return values
  }
}

/// Which columns of a wide table are steps.
private struct WideTableSteps {
  /// Indices of the columns that name series, and of those that are steps.
  let names: [Int]
  let columns: [Int]
  /// The time of each step; empty if the names of the columns are no times.
  private(set) var times: [Double] = []
  private(set) var scale = TimeScale.numbers
  let note: String
  let unnamedNote: String?

  /// - Throws: If a column is neither a name nor a step.
  init(_ table: WideTableDataset) throws {
    let reader = try TableReader(table.file, format: table.format)
    func indices(_ names: [String], _ option: String) throws -> [Int] {
      try names.map { name in
        guard let index = try reader.index(of: name) else {
          let near = name.nearest(among: reader.names).map { "; did you mean '\($0)'?" } ?? ""
          throw WeftError.usage("--\(option): no column '\(name)' in \(table.file)\(near)")
        }
        return index
      }
    }
    let own = try indices(table.names, "names")
    let left = Set(own + (try indices(table.skipped, "skip")))
    let unnamed = reader.names.indices.filter {
      !left.contains($0) && MissingValues.trimmed(reader.names[$0]).isEmpty
    }
    let found = reader.names.indices.filter { !left.contains($0) && !unnamed.contains($0) }
    unnamedNote =
      unnamed.isEmpty
      ? nil : "left out \(unnamed.count == 1 ? "a column" : "\(unnamed.count) columns") without a name"
    guard let first = found.first, let last = found.last, found.count > 1 else {
      throw WeftError.usage("--names: no columns are left for the steps of \(table.file)")
    }
    (names, columns) = (own, found)
    let labels = found.map { reader.names[$0] }
    note =
      "read each row as a series of at most \(found.count) steps, '\(reader.names[first])' to '\(reader.names[last])'"
    var (numeric, reading) = (NumericTimes(), table.timeReading)
    for label in labels { numeric.add(label) }
    if reading.format == nil, reading.unit == nil { reading.unit = numeric.unit }
    var moments: [Double] = []
    var other: String?
    for label in labels {
      // Plain numbers count steps.
      if case .at(let time) = reading.moment(label, after: moments.last), reading.scale(numeric) != .numbers {
        moments.append(time)
      } else {
        other = other ?? label
      }
    }
    let advice = "; add it to --names or leave it out with --skip"
    guard moments.isEmpty else {
      if let other {
        throw WeftError.data("\(table.file): column '\(other)' is not a time as others are\(advice)")
      }
      if let place = zip(moments, moments.dropFirst()).enumerated().first(where: { $1.0 >= $1.1 })?.offset {
        throw WeftError.data(
          "\(table.file): column '\(labels[place + 1])' is not later than '\(labels[place])' before it; order the columns by"
            + " time")
      }
      (times, scale) = (moments, reading.scale(numeric))
      return
    }
    if reading.format != nil {
      throw WeftError.data("\(table.file): column '\(labels[0])' is not a time\(reading.wanted(labels[0]))")
    }
    // Without times the names only differ by a number.
    func stem(_ label: String) -> String { label.filter { !$0.isNumber } }
    let stems = labels.reduce(into: [String: Int]()) { $0[stem($1), default: 0] += 1 }
    let usual = stems.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    if let other = labels.first(where: { stem($0) != usual }) {
      let like = labels.last { stem($0) == usual } ?? ""
      throw WeftError.data(
        "\(table.file): column '\(other)' does not look like a step as '\(like)' does\(advice), or tell times with"
          + " --time-format")
    }
  }
}
