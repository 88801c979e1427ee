import HDF5
import WeftBase

/// How missing values of a dataset are replaced.
struct MissingValues: Sendable {
  var policy = MissingInputs.error
  /// The mean of each feature, unscaled; empty if not needed.
  var fills: [Float] = []
  /// The first step of each sequence, ascending, where steps of several lie one after the other; empty for one.
  var starts: [Int] = []

  /// How far `forward` looks back beyond the steps that are read.
  static let reach = 4096

  /// The first step of the sequence that contains a step.
  func start(of step: Int) -> Int {
    let next = starts.partition(after: step)
    return next == 0 ? 0 : starts[next - 1]
  }
}

extension SequenceReader {
  /// Replaces missing features of a block that was read into some steps of an array.
  func replaceMissing<Value: StepNumber & BinaryFloatingPoint>(
    in values: inout [Value], steps: Range<Int>, _ columns: StepColumns, from block: StepBlockPlace
  ) throws(WeftError) {
    if missing.policy == .error || steps.isEmpty { return }
    var latest =
      missing.policy == .zero
      ? [Value](repeating: 0, count: width) : missing.fills.map { Value($0) }
    precondition(latest.count == width)
    if missing.policy == .forward {
      let first = columns.place(of: steps.lowerBound)
      let wanted = (0..<width).filter { values[first + $0].isNaN }
      if !wanted.isEmpty { try lookBack(from: block, for: wanted, &latest) }
    }
    for step in steps {
      let start = columns.place(of: step)
      for feature in 0..<width {
        if values[start + feature].isNaN {
          values[start + feature] = latest[feature]
        } else if missing.policy == .forward {
          latest[feature] = values[start + feature]
        }
      }
    }
  }

  /// Finds the latest values of features before a block, in its sequence.
  private func lookBack<Value: StepNumber & BinaryFloatingPoint>(
    from block: StepBlockPlace, for features: [Int], _ latest: inout [Value]
  ) throws(WeftError) {
    let row = Array(block.offset.dropLast())
    let begin = block.offset[row.count]
    let earliest = max(row.isEmpty ? missing.start(of: begin) : 0, begin - MissingValues.reach)
    var (end, length) = (begin, 64)
    var wanted = features
    while end > earliest, !wanted.isEmpty {
      let first = max(earliest, end - length)
      var values = ChunkReader.undefined(count: (end - first) * width, of: Value.self)
      let place = (offset: row + [first], count: row.map { _ in 1 } + [end - first])
      _ = try read(place, into: &values, at: 0, StepColumns(width: width))
      wanted.removeAll { feature in
        guard
          let step = (0..<end - first).last(where: { !values[$0 * width + feature].isNaN })
        else { return false }
        latest[feature] = values[step * width + feature]
        return true
      }
      (end, length) = (first, length * 4)
    }
  }
}
