import HDF5
import WeftBase
import WeftData

/// Converts a table whose rows are series, with a column for each step, such as those of the M4 competition.
///
/// Empty cells before the first and after the last number of a row are not part of its series.
public struct WideTableDataset {
  /// The table.
  public var file: String
  /// Columns that name the series; empty for numbers of rows.
  public var names: [String]
  /// The column of the classes of the series; nil for none.
  public var classColumn: String?
  /// The columns of numbers to be predicted for each series; empty for none.
  public var targets: [String] = []
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

  /// Reads the table twice and writes `SPLIT/inputs` [all steps, 1], `SPLIT/offsets`, `SPLIT/names`, if the names of the
  /// columns are times, `SPLIT/time`, and of classes `SPLIT/targets` and `/classes`, or of numbers `SPLIT/targets`.
  ///
  /// - Throws: If a column is neither a name nor a step, or a value is missing or malformed, naming line and column.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    var table = self
    let reader = try TableReader(file, format: format)
    (table.names, table.skipped, table.targets) =
      (reader.joined(names), reader.joined(skipped), reader.joined(targets))
    return try table.convert(to: writer, progress: progress)
  }

  private func convert(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    let steps = try WideTableSteps(self)
    let (precision, outliers, classes) = try survey(steps, progress)
    let form = SeriesSplit.Form(
      inputs: ["value"], covariates: [], targets: classes.map { [$0.name] } ?? targets,
      hasClasses: classes != nil,
      times: steps.times.isEmpty ? nil : steps.scale,
      shape: .ragged(hasTargetPerSequence: classes != nil || !targets.isEmpty),
      arePrecise: precision != nil)
    let splits = try plan.names.map { try SeriesSplit(writer, name: $0, form) }
    try writer.file.attributes.set("source", to: file)
    if let classes { try writer.file.write("classes", classes.names) }
    let reader = try TableReader(file, format: format)
    var (seen, filled, empty): (Set<UInt64>, Int, Int) = ([], 0, 0)
    var leading = plan.names.map { _ in 0 }
    var row = 0
    progress.begin("writing rows", total: reader.byteCount, unit: "B")
    var last = 0
    while let fields = try reader.next() {
      row += 1
      let name =
        steps.names.isEmpty ? "\(row)" : steps.names.map { fields[$0] }.joined(separator: ",")
      guard seen.insert(ContentHash(name.utf8).value).inserted else {
        throw reader.failure(
          "its series '\(name)' is also that of another row; name more columns with --names")
      }
      var target: [Double] = []
      if let classes {
        guard let number = classes.value(fields, format) else {
          throw reader.failure("has no class", column: classes.name)
        }
        target = [number]
      }
      for index in steps.targetColumns { target.append(try self.target(fields, index, reader)) }
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
        let range = first + begin..<first + own.upperBound
        try splits[split].append(
          sequence: name, values[range].lazy.compactMap(\.self), targets: target,
          times: steps.times.isEmpty ? [] : Array(steps.times[range]))
      }
      progress.advance(by: reader.offset - last)
      last = reader.offset
    }
    for split in splits { try split.finish() }
    let drawn = DrawnSplits(plan, hashes: seen, unit: "series")
    var summary = try ConversionSummary(
      plan: plan, counts: splits.map(\.count), unit: "series",
      advice: SeriesDivision.advice(isDivided: dividesSeries, drawn), drawn: dividesSeries ? nil : drawn)
    if dividesSeries, plan.names.count > 1 {
      summary.notes.append(
        SeriesDivision.note(plan, counts: zip(splits, leading).map { $0.steps - $1 }, unit: "steps")
          + (leadIn > 0 ? ", after up to \(leadIn) before their own" : ""))
    }
    if let classes {
      summary.notes.append("\(NumberText.counted(classes.names.count, "classes"))\(classes.caseNote)")
      if let note = NumberNames.note(classes.names, option: "--target \(classes.name.shellQuoted)") {
        summary.notes.append(note)
      }
    }
    summary.notes += [steps.note] + [steps.unnamedNote].compactMap(\.self)
    if steps.times.isEmpty, let label = steps.columns.first.map({ reader.names[$0] }),
      !steps.areNumbered, label.contains(where: { "/-.:".contains($0) }), label.count(where: \.isNumber) >= 3
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

  /// Why numbers are stored in double precision, and which may stand for missing values; nil if they are not, and none may;
  /// and the column of classes.
  private func survey(
    _ steps: WideTableSteps, _ progress: ProgressReporter
  ) throws -> (precision: String?, outliers: String?, classes: TableColumn?) {
    var (precision, outliers) = (nil as String?, nil as String?)
    let reader = try TableReader(file, format: format)
    var classes = steps.classColumn.map {
      TableColumn(name: reader.names[$0], index: $0, isCategorical: true, role: .target)
    }
    progress.begin("reading the table", total: reader.byteCount, unit: "B")
    var last = 0
    while let fields = try reader.next() {
      var (extremes, numbers) = (OutlierSurvey(), PrecisionSurvey())
      try classes?.add(fields, isTraining: false, reader)
      for index in steps.columns {
        guard let value = format.number(fields, index) else { continue }
        if outliers == nil {
          extremes.add(value, MissingValues.trimmed(fields[index]), line: reader.line)
        }
        numbers.add(value, MissingValues.trimmed(fields[index]), line: reader.line)
        if numbers.firstExcess != nil {
          throw reader.failure(
            PrecisionSurvey.excess(MissingValues.trimmed(fields[index])), column: reader.names[index])
        }
      }
      let name =
        steps.names.isEmpty
        ? "row on line \(reader.line)" : "series '\(steps.names.map { fields[$0] }.joined(separator: ","))'"
      if precision == nil { precision = numbers.note(of: name) }
      if outliers == nil { outliers = extremes.doubts(of: name).first?.note }
      progress.advance(by: reader.offset - last)
      last = reader.offset
    }
    try classes?.finish(wantsCategories: true, reader)
    return (precision, outliers, classes)
  }

  /// The number of a row to be predicted.
  private func target(_ fields: TableRow, _ index: Int, _ reader: TableReader) throws(WeftError) -> Double {
    if let number = try reader.target(fields, index, classOption: "--class") { return number }
    if missing == .keep { return .nan }
    throw reader.failure(
      "has no number; give it, remove the row, or keep it as NaN with --missing keep",
      column: reader.names[index])
  }

  /// The numbers of a row; nil before the first and after the last.
  private func values(
    _ fields: TableRow, _ steps: WideTableSteps, _ reader: TableReader, _ filled: inout Int
  ) throws -> [Double?] {
    var values: [Double?] = []
    for index in steps.columns {
      if let value = format.number(fields, index) {
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
    // What follows the steps for training is no part of their mean.
    let training = dividesSeries ? plan.parts(of: last - first + 1).first { $0.0 == 0 }?.1 : nil
    let known =
      missing == .mean ? values[first...last].prefix(training?.upperBound ?? .max).compactMap(\.self) : []
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
