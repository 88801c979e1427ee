import WeftBase

/// The even steps on which the series of an archive with time stamps lie.
struct ArchiveGrid {
  /// What the texts of times mean.
  let reading: TableTime
  let scale: TimeScale
  let step: RowDistance
  /// How times were understood.
  let notes: [String]

  /// Series that tell the distance of steps.
  private static let telling = 100

  /// The grid of files, whose steps are as far apart as most of the first series have them.
  ///
  /// - Parameter step: The distance of steps; nil to find it.
  /// - Throws: If times are not readable, or their distances differ.
  init(_ files: [String], step given: RowDistance?) throws(WeftError) {
    var (numeric, reading) = (NumericTimes(), TableTime())
    var series: [(times: [Substring], line: Int)] = []
    let reader = try ArchiveReader(files[0], missing: .keep)
    while series.count < Self.telling, let record = try reader.nextRecord() {
      for times in record.times {
        for time in times { numeric.add(String(time)) }
        series.append((times, reader.line))
      }
    }
    reading.unit = numeric.unit
    let scale = reading.scale(numeric)
    (self.reading, self.scale) = (reading, scale)
    guard given == nil else {
      (step, notes) = (given ?? .seconds(1), [numeric.note, numeric.mixedNote].compactMap(\.self))
      return
    }
    var found: [(step: TimeStep, count: Int)] = []
    for (texts, line) in series {
      var times: [Double] = []
      for text in texts {
        guard case .at(let time) = reading.moment(String(text), after: nil) else {
          throw Self.unreadable(text, files[0], line)
        }
        times.append(time)
      }
      guard let step = TimeStep(times, scale) else { continue }
      if let index = found.firstIndex(where: { $0.step == step }) {
        found[index].count += 1
      } else {
        found.append((step, 1))
      }
    }
    guard let usual = found.max(by: { $0.count < $1.count })?.step else {
      throw .data(
        "\(files[0]): the time stamps of its series are unevenly spaced; name the distance of steps with --every, or"
          + " resample the series first, for example with pandas.Series.resample")
    }
    step =
      switch usual {
      case .seconds(let seconds): .seconds(seconds)
      case .days(let days): .days(days)
      case .weekdays: .days(1)
      case .months(let months, _): .months(months)
      }
    notes =
      [numeric.note, numeric.mixedNote].compactMap(\.self) + ["read time stamps of steps \(step.text(scale))"]
  }

  static func unreadable(_ text: Substring, _ path: String, _ line: Int) -> WeftError {
    .data(
      "\(path): line \(line): the time stamp '\(text)' is neither a number nor a time of ISO 8601 such as"
        + " 2026-01-31 12:00:00")
  }

  /// The values of a series at even steps, of which those without a time stamp are nil, and the times of the steps.
  ///
  /// - Throws: If times are unreadable, do not ascend, or lie between steps.
  func placed(
    _ values: [[Double?]], _ stamps: [[Substring]], _ reader: ArchiveReader
  ) throws(WeftError) -> (values: [[Double?]], times: [Double], gaps: Int) {
    var times: [[Double]] = []
    for (dimension, texts) in stamps.enumerated() {
      var own: [Double] = []
      for text in texts {
        guard case .at(let time) = reading.moment(String(text), after: own.last) else {
          throw Self.unreadable(text, reader.path, reader.line)
        }
        if let last = own.last, time <= last {
          throw reader.failure(
            "the time stamp '\(text)' of dimension \(dimension + 1) is not after the one before it")
        }
        own.append(time)
      }
      times.append(own)
    }
    guard let start = times.compactMap(\.first).min(), let end = times.compactMap(\.last).max() else {
      return (values, [], 0)
    }
    guard let length = place(of: end, start) else { throw uneven(stamps, times, start, reader) }
    let count = length.index + 1
    guard count <= 10 * values.reduce(0, { max($0, $1.count) }) + 1000 else {
      throw reader.failure(
        "its time stamps are \(count) steps \(step.text(scale)) long, too many to fill; name the distance of steps with"
          + " --every")
    }
    var placed = values.map { _ in [Double?](repeating: nil, count: count) }
    var gaps = 0
    for dimension in values.indices {
      var last = -1
      for (value, time) in zip(values[dimension], times[dimension]) {
        guard let index = place(of: time, start)?.index, index > last, index < count else {
          throw uneven(stamps, times, start, reader)
        }
        placed[dimension][index] = value
        last = index
      }
      gaps += count - values[dimension].count
    }
    let step = length.step
    return (placed, (0..<count).map { step?.time($0, after: start, scale) ?? start }, gaps)
  }

  /// The number of a step; nil for a time between steps.
  private func place(of time: Double, _ start: Double) -> (index: Int, step: TimeStep?)? {
    if time == start { return (0, nil) }
    return step.steps(from: start, to: time, scale).map { ($0.count, $0.step) }
  }

  private func uneven(
    _ stamps: [[Substring]], _ times: [[Double]], _ start: Double, _ reader: ArchiveReader
  ) -> WeftError {
    // Two may be too close for steps of their own.
    var text = stamps.lazy.compactMap(\.last).first ?? ""
    for (texts, times) in zip(stamps, times) {
      if let index = times.firstIndex(where: { place(of: $0, start) == nil }) {
        text = texts[index]
        break
      }
    }
    return reader.failure(
      "the time stamp '\(text)' is not a whole number of steps \(step.text(scale)) after the first of its series; name"
        + " another distance with --every, or resample the series first, for example with pandas.Series.resample"
    )
  }
}

extension RowDistance {
  /// For example `of 60 seconds`.
  fileprivate func text(_ scale: TimeScale) -> String {
    func many(_ count: Int, _ unit: String) -> String { count == 1 ? "of a \(unit)" : "of \(count) \(unit)s" }
    return switch self {
    case .seconds(let seconds) where scale == .numbers: "of \(NumberText.json(seconds))"
    case .seconds(let seconds): seconds == 1 ? "of a second" : "of \(NumberText.json(seconds)) seconds"
    case .days(let days): many(days, "day")
    case .months(let months): many(months, "month")
    }
  }
}
