import Foundation
import HDF5
import WeftBase
import WeftData

/// Converts files of the UCR and UEA archives into sequences.
public struct ArchiveDataset {
  /// The files; one whose name ends with `_TRAIN` or `_TEST` belongs to that split.
  public var files: [String]
  /// Treatment of missing values.
  public var missing = MissingValues.error
  /// The column of the class in rows without a header, counted from 1; nil for the first.
  public var classColumn: Int?
  /// The distance of steps of series with time stamps; nil to find it.
  public var step: RowDistance?
  /// Division of the training file into splits.
  public var plan = SplitPlan.whole

  /// The series of `files`.
  public init(files: [String]) { self.files = files }

  /// Writes `SPLIT/inputs`, dense [sequences, time, features] if all files declare series of equal length, otherwise
  /// ragged with `SPLIT/offsets`, `SPLIT/targets` and `/classes`; `SPLIT/names` if the file names its series, and
  /// `SPLIT/time` if it has time stamps or tells where series begin.
  ///
  /// - Throws: If a file is malformed or a value is missing; the message names the line.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    var heads = try files.map { try ArchiveReader($0, missing: missing, classColumn: classColumn).header }
    // A test file may lack classes of the training file.
    let areRows = files.allSatisfy { ArchiveFormat($0) == .rows }
    if areRows {
      let found = Set(heads.flatMap { $0.classes ?? [] }).sorted { (Double($0) ?? 0) < (Double($1) ?? 0) }
      for index in heads.indices { heads[index].classes = found }
    }
    let classes = heads[0].classes
    // Files may name the same classes in another order, or not all of them.
    for index in heads.indices {
      if let own = heads[index].classes, let classes, Set(own).isSubset(of: classes) {
        heads[index].classes = classes
      }
    }
    if let other = heads.indices.first(where: {
      heads[$0].classes != classes || heads[$0].hasNumber != heads[0].hasNumber
    }) {
      throw WeftError.data(
        "\(files[other]): its @classLabel or @targetLabel differs from that of \(files[0])")
    }
    if let other = heads.indices.first(where: { heads[$0].dimensionNames != heads[0].dimensionNames }) {
      throw WeftError.data(
        "\(files[other]): its dimensions are \(heads[other].dimensionNames.joined(separator: ", ")), but those of"
          + " \(files[0]) \(heads[0].dimensionNames.joined(separator: ", ")); write both in the same order")
    }
    if let classes { try writer.file.write("classes", classes) }
    if let problem = heads[0].problem { try writer.file.attributes.set("title", to: problem) }
    try writer.file.attributes.set("source", to: files.joined(separator: ", "))
    if let frequency = heads[0].frequency {
      try writer.file.attributes.set(SeriesAttributes.step, to: frequency.step.seconds)
    }
    if let horizon = heads[0].horizon {
      try writer.file.attributes.set(SeriesAttributes.horizon, to: Int64(horizon))
    }
    let grid = try grid(heads)
    let survey = try ArchiveSurvey(files, progress) {
      try ArchiveReader(
        $0, missing: .keep, classColumn: classColumn, classes: classes, grid: grid)
    }
    // Gaps between time stamps make series longer.
    let isDense = heads.allSatisfy { $0.hasEqualLengths == true } && (grid == nil || survey.length != nil)
    var splits: [String: ArchiveSplit] = [:]
    var order: [String] = []
    var drawn: Set<UInt64> = []
    var (first, filled, gaps) = (nil as ArchiveSeries?, 0, 0)
    for file in files {
      let reader = try ArchiveReader(
        file, missing: missing, classColumn: classColumn, classes: classes, grid: grid)
      progress.begin("writing \(file)", total: reader.byteCount, unit: "B")
      var last = 0
      while let series = try reader.next() {
        let (steps, width) = (first?.steps ?? series.steps, first.map { $0.values.count / max($0.steps, 1) })
        first = first ?? series
        if isDense, series.steps != steps {
          throw reader.failure(
            "has \(NumberText.counted(series.steps, "steps")), but @equalLength requires \(steps)")
        }
        if let width, series.values.count != series.steps * width {
          throw reader.failure(
            "has \(series.values.count / series.steps) dimensions, but \(files[0]) has \(width)")
        }
        let hash =
          isTest(file) ? nil : series.values.map { Float($0) }.withUnsafeBytes { ContentHash($0).value }
        if let hash { drawn.insert(hash) }
        let name = hash.map { plan.names[plan.split(hash: $0)] } ?? "test"
        if splits[name] == nil {
          splits[name] = try ArchiveSplit(
            writer, name: name, header: heads[0], steps: isDense ? series.steps : nil,
            width: series.values.count / series.steps, survey: survey, times: grid?.scale)
          order.append(name)
        }
        try splits[name]?.append(series)
        filled += series.filled
        gaps += series.gaps
        progress.advance(by: reader.offset - last)
        last = reader.offset
      }
    }
    guard !order.isEmpty else { throw WeftError.data("\(files[0]): contains no series") }
    var summary = ConversionSummary(unit: "sequences")
    summary.splits = SplitNames.usualFirst(order).map {
      ConversionSummary.Split(name: $0, count: splits[$0]?.count ?? 0)
    }
    let draws = DrawnSplits(plan, hashes: drawn, unit: "sequences")
    if !files.allSatisfy(isTest), let empty = plan.names.first(where: { splits[$0] == nil }) {
      summary.notes.append(
        "the split '\(empty)' is empty; \(draws.advice ?? "use a larger fraction or another seed")")
    } else if let note = draws.note {
      summary.notes.append(note)
    }
    if let classes { summary.notes.append(NumberText.counted(classes.count, "classes")) }
    if let note = heads[0].note { summary.notes.append(note) }
    if let frequency = heads[0].frequency {
      summary.notes.append(
        "steps are \(frequency.text)"
          + (heads[0].startField == nil ? "" : ", from the start_timestamp of each series")
          + (heads[0].horizon.map { "; \($0) are to be forecast (@horizon)" } ?? ""))
    }
    if let note = survey.lengthNote { summary.notes.append(note) }
    summary.notes += grid?.notes ?? []
    if gaps > 0 {
      summary.notes.append(
        "\(gaps == 1 ? "a value is" : "\(gaps) values are") missing between the time stamps")
    }
    if let note = survey.precision ?? survey.targetPrecision { summary.notes.append(note) }
    if filled > 0 {
      summary.notes.append(missing.note(filled))
    }
    return summary
  }

  /// The steps of files with time stamps; nil without any.
  private func grid(_ heads: [ArchiveHeader]) throws(WeftError) -> ArchiveGrid? {
    let hasTimes = heads[0].hasTimes
    if let other = heads.firstIndex(where: { $0.hasTimes != hasTimes }) {
      throw .data("\(files[other]): its @timeStamps differs from that of \(files[0])")
    }
    if !hasTimes, step != nil {
      throw .usage("--every is for series with time stamps, which \(files[0]) does not have")
    }
    return hasTimes ? try ArchiveGrid(files, step: step) : nil
  }

  private func isTest(_ file: String) -> Bool { PathParts.stem(of: file).uppercased().hasSuffix("_TEST") }
}

/// Writes the series of one split.
private final class ArchiveSplit {
  private let inputs: NumberWriter
  private var steps = 0
  private var offsets: ArrayWriter<Int64>?
  private var classes: ArrayWriter<Int32>?
  private var numbers: NumberWriter?
  private var names: TextWriter?
  private var times: ArrayWriter<Double>?
  private(set) var count = 0

  /// - Parameters:
  ///   - steps: Length of every series; nil if lengths differ.
  ///   - scale: What time stamps are; nil without any.
  init(
    _ writer: DatasetWriter, name: String, header: ArchiveHeader, steps: Int?, width: Int,
    survey: ArchiveSurvey, times scale: TimeScale?
  ) throws {
    inputs = NumberWriter(
      writer, "\(name)/inputs", rowShape: steps.map { [$0, width] } ?? [width],
      labels: steps == nil ? ["step", "feature"] : ["sequence", "time", "feature"],
      names: header.dimensionNames, isPrecise: survey.precision != nil)
    if steps == nil {
      offsets = writer.array("\(name)/offsets", of: Int64.self, labels: ["sequence boundary"])
      try offsets?.append(0)
    }
    if header.nameField != nil {
      names = try TextWriter(
        writer, "\(name)/names", label: "sequence", description: "The name of each sequence.")
    }
    if let scale {
      times = writer.array(
        "\(name)/time", of: Double.self, rowShape: steps.map { [$0] } ?? [],
        labels: steps == nil ? ["step"] : ["sequence", "time"], attributes: scale.attributes)
      // A scale has one dimension.
      if steps == nil { writer.attach(scale: "\(name)/time", to: "\(name)/inputs", dimension: 0) }
    } else if steps == nil, header.startField != nil, header.frequency != nil {
      times = writer.array(
        "\(name)/time", of: Double.self, labels: ["step"], attributes: TimeScale.local.attributes)
      writer.attach(scale: "\(name)/time", to: "\(name)/inputs", dimension: 0)
    }
    if header.classes != nil {
      classes = writer.array("\(name)/targets", of: Int32.self, labels: ["sequence"])
    } else if header.hasNumber {
      numbers = NumberWriter(
        writer, "\(name)/targets", rowShape: [1], labels: ["sequence", "feature"], names: [],
        isPrecise: survey.targetPrecision != nil)
    }
  }

  func append(_ series: ArchiveSeries) throws {
    try inputs.append(series.values)
    steps += series.steps
    try offsets?.append(Int64(steps))
    if let number = series.classNumber { try classes?.append(number) }
    if let number = series.number { try numbers?.append([number]) }
    try times?.append(series.times ?? [])
    try names?.append(series.name ?? "\(count)")
    count += 1
  }
}
