import HDF5
import WeftBase

/// Reads windows of series. Each step has the covariates of the steps after it, which are forecast from it and whose
/// covariates are known in advance.
package struct WindowReader: Sendable {
  let inputs: InputReader
  let covariates: InputReader?
  /// Later steps whose covariates each step has, at least 1.
  let stepsAhead: Int
  /// Covariates of the steps after the series; nil without any.
  var future: FutureSteps?

  /// Values per step.
  package var width: Int { inputs.width + (covariates?.width ?? 0) * stepsAhead }

  /// The concatenated features of windows, each of some steps.
  ///
  /// - Throws: If a dataset cannot be read.
  package func read(_ windows: [Range<Int>]) throws(WeftError) -> FeatureArray {
    let steps = windows.reduce(0) { $0 + $1.count }
    var values = ChunkReader.undefined(count: steps * width, of: Float.self)
    try inputs.read(windows.map { ([$0.lowerBound], [$0.count]) }, into: &values, of: width, first: 0)
    try readCovariates(windows, into: &values)
    return FeatureArray(values, width: width)
  }

  /// A window with values of the series only in the steps of a context; the `following` ones, which are to be forecast,
  /// have zeros and the covariates.
  ///
  /// - Parameter series: The number of the series that the context is of, and its steps.
  /// - Throws: If a dataset cannot be read.
  package func read(
    context: Range<Int>, following: Int, of series: (number: Int, steps: Range<Int>)
  ) throws(WeftError) -> FeatureArray {
    var values = [Float](repeating: 0, count: (context.count + following) * width)
    try inputs.read([([context.lowerBound], [context.count])], into: &values, of: width, first: 0)
    let window = context.lowerBound..<context.upperBound + following
    if let covariates, let future, future.count(of: series.number) > 0 {
      let steps = window.lowerBound + 1..<window.upperBound + stepsAhead
      let end = series.steps.upperBound
      let beyond = max(steps.lowerBound, end) - end..<max(steps.upperBound, end) - end
      let first = future.rows(of: series.number).lowerBound
      var rows = [Float](repeating: 0, count: steps.count * covariates.width)
      let known = steps.clamped(to: series.steps)
      if !known.isEmpty {
        try covariates.read(
          [([known.lowerBound], [known.count])], into: &rows, of: covariates.width, first: 0)
      }
      if !beyond.isEmpty {
        var more = [Float](repeating: 0, count: beyond.count * covariates.width)
        try future.covariates.read(
          [([first + beyond.lowerBound], [beyond.count])], into: &more, of: covariates.width, first: 0)
        rows.replaceSubrange(known.count * covariates.width..<rows.count, with: more)
      }
      write(rows, [window], into: &values)
    } else {
      try readCovariates([window], into: &values)
    }
    return FeatureArray(values, width: width)
  }

  /// Writes the covariates of the next steps to each step of windows.
  private func readCovariates(_ windows: [Range<Int>], into values: inout [Float]) throws(WeftError) {
    guard let covariates else { return }
    if stepsAhead == 1 {
      return try covariates.read(
        windows.map { ([$0.lowerBound + 1], [$0.count]) }, into: &values, of: width, first: inputs.width)
    }
    let (own, more) = (covariates.width, stepsAhead - 1)
    let steps = windows.reduce(0) { $0 + $1.count }
    var rows = ChunkReader.undefined(count: (steps + windows.count * more) * own, of: Float.self)
    try covariates.read(
      windows.map { ([$0.lowerBound + 1], [$0.count + more]) }, into: &rows, of: own, first: 0)
    write(rows, windows, into: &values)
  }

  /// Writes rows of covariates, of each window those of its steps and `stepsAhead` − 1 more, to the steps.
  private func write(_ rows: [Float], _ windows: [Range<Int>], into values: inout [Float]) {
    let (own, more) = (covariates?.width ?? 0, stepsAhead - 1)
    var (source, place) = (0, inputs.width)
    for window in windows {
      for _ in window {
        values.replaceSubrange(
          place..<place + own * stepsAhead, with: rows[source..<source + own * stepsAhead])
        (source, place) = (source + own, place + width)
      }
      source += more * own
    }
  }

  /// Calls `body` with the chunks that overlap a window.
  func visitChunks(start: Int, steps: Int, _ body: (ChunkStore.Key) -> Void) {
    inputs.visitChunks(([start], [steps]), body)
    covariates?.visitChunks(([start], [steps]), body)
  }
}
