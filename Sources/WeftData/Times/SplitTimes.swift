import HDF5
import WeftBase

/// The times of the steps of a split, from its datasets `time`.
package struct SplitTimes: Sendable {
  /// The times of one file.
  struct Part: Sendable {
    /// The first step among those of all files, and how many there are.
    let steps: Range<Int>
    let dataset: Dataset
    /// Steps per row of a matrix; nil for a vector.
    let rowSteps: Int?
    /// The times of what follows the series; nil without.
    let future: Dataset?
  }

  /// What the times are, and how they are written.
  package let style: TimeStyle
  private let parts: [Part]
  private let future: FutureSteps?
  private var scale: TimeScale { style.scale }

  /// Times at the end of a series that tell how far apart its steps are.
  private static let tellingCount = 1000

  init(parts: [Part], scale: TimeScale, future: FutureSteps?) throws {
    self.parts = parts
    self.future = future
    let day = 86_400.0
    let ends = try parts.flatMap { part in
      let count = min(part.steps.count, Self.tellingCount)
      return try [part.steps.lowerBound, part.steps.upperBound - count].flatMap {
        try Self.read($0..<$0 + count, of: part)
      }
    }
    let areDates = ends.allSatisfy {
      let clock = scale.clock($0)
      return (clock / day).rounded(.down) * day == clock
    }
    style = TimeStyle(scale: scale, areDates: areDates && scale != .numbers)
  }

  /// The times of steps, counted over all sequences.
  ///
  /// - Throws: If they cannot be read.
  package func times(_ steps: Range<Int>) throws(WeftError) -> [Double] {
    do {
      return try parts.flatMap { part in
        let own = steps.clamped(to: part.steps)
        return try own.isEmpty ? [] : Self.read(own, of: part)
      }
    } catch { throw WeftError(error, in: parts[0].dataset.file) }
  }

  private static func read(_ steps: Range<Int>, of part: Part) throws -> [Double] {
    let first = steps.lowerBound - part.steps.lowerBound
    guard let length = part.rowSteps else {
      return try part.dataset.read(as: Double.self, offset: [first], count: [steps.count])
    }
    // Whole rows, of which some steps are left out at the ends.
    let (row, last) = (first / length, (first + steps.count - 1) / length)
    let values = try part.dataset.read(as: Double.self, offset: [row, 0], count: [last - row + 1, length])
    return Array(values[(first - row * length)...].prefix(steps.count))
  }

  /// The times of consecutive steps of a series, and of steps after its end: as the data tell them, or as far apart as
  /// those before them usually are. NaN where that is not known.
  ///
  /// - Parameters:
  ///   - number: The number of the series.
  ///   - series: Its steps.
  ///   - steps: The wanted steps, which may be beyond the end.
  /// - Throws: If they cannot be read.
  package func times(
    ofSeries number: Int, _ series: Range<Int>, _ steps: Range<Int>
  ) throws(WeftError) -> [Double] {
    let end = series.upperBound
    var times = try self.times(steps.clamped(to: series))
    if times.count == steps.count { return times }
    // Steps counted from the end.
    let beyond = max(steps.lowerBound, end) - end..<steps.upperBound - end
    let future = try futureTimes(of: number)
    times += future[beyond.clamped(to: 0..<future.count)]
    let left = max(beyond.lowerBound, future.count)..<max(beyond.upperBound, future.count)
    if left.isEmpty { return times }
    let tail = try self.times(max(series.lowerBound, end - Self.tellingCount)..<end) + future
    guard let last = tail.last, let step = TimeStep(tail.suffix(Self.tellingCount), scale) else {
      return times + left.map { _ in .nan }
    }
    return times + left.map { step.time($0 - future.count + 1, after: last, scale) }
  }

  /// The times that the data have after the end of a series.
  private func futureTimes(of number: Int) throws(WeftError) -> [Double] {
    guard let place = future?.place(of: number), let dataset = parts[place.file].future else { return [] }
    do {
      return try dataset.read(as: Double.self, offset: [place.rows.lowerBound], count: [place.rows.count])
    } catch { throw WeftError(error, in: parts[0].dataset.file) }
  }
}

extension DatasetFile {
  /// The times of the steps of a split; nil if a file has none, or they are of other steps.
  ///
  /// - Throws: If they cannot be read.
  package func times(split name: String) throws(WeftError) -> SplitTimes? {
    let opened = try splits(name)
    do {
      var parts: [SplitTimes.Part] = []
      var scales: [TimeScale] = []
      var first = 0
      for (index, split) in opened {
        let file = files[index]
        let group = try file.contains(name) ? file.group(name) : file.root
        guard let time = try Self.numbers("time", in: group) else { return nil }
        let shape = try time.shape
        let (rows, rowSteps) = split.stepShape
        guard shape == [rows] + (rowSteps.map { [$0] } ?? []) else { return nil }
        let steps = rows * (rowSteps ?? 1)
        var future = try Self.numbers("\(FutureSteps.group)/time", in: group)
        if try future?.shape != split.future.map({ [$0.rows] }) { future = nil }
        parts.append(
          SplitTimes.Part(steps: first..<first + steps, dataset: time, rowSteps: rowSteps, future: future))
        first += steps
        scales.append(
          TimeScale(
            units: try Self.text("units", of: time), zone: try Self.text(TimeScale.zoneAttribute, of: time)))
      }
      guard let scale = scales.first, scales.allSatisfy({ $0 == scale }) else { return nil }
      return try SplitTimes(parts: parts, scale: scale, future: openSplit(name).future)
    } catch { throw WeftError(error, in: path) }
  }

  private static func numbers(_ name: String, in group: Group) throws -> Dataset? {
    guard try group.contains(name) else { return nil }
    let parts = name.split(separator: "/").map(String.init)
    let folder = try parts.count > 1 ? group.group(parts[0]) : group
    guard try folder.children.contains(where: { $0.name == parts[parts.count - 1] && $0.isDataset }) else {
      return nil
    }
    let dataset = try group.dataset(name)
    return dataset.datatype.isNumeric ? dataset : nil
  }

  private static func text(_ name: String, of dataset: Dataset) throws -> String? {
    guard try dataset.attributes.contains(name) else { return nil }
    return try? dataset.attributes.value(name, as: String.self)
  }
}

extension Split {
  /// Rows of the inputs, and steps per row of dense sequences.
  fileprivate var stepShape: (rows: Int, rowSteps: Int?) {
    switch layout {
    case .stream(let steps): (steps, nil)
    case .sequences(.ragged(let offsets)): (offsets[offsets.count - 1], nil)
    case .sequences(.dense(let lengths)):
      (lengths.count, (try? inputs.parts[0].dataset.shape).flatMap { $0.count > 1 ? $0[1] : nil })
    }
  }
}
