import HDF5
import WeftBase

/// Reads windows of series. Each step has the covariates of the steps after it, which are forecast from it and whose
/// covariates are known in advance.
package struct WindowReader: Sendable {
  let inputs: InputReader
  let covariates: InputReader?
  /// Later steps whose covariates each step has, at least 1.
  let stepsAhead: Int

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
  /// - Throws: If a dataset cannot be read.
  package func read(context: Range<Int>, following: Int) throws(WeftError) -> FeatureArray {
    var values = [Float](repeating: 0, count: (context.count + following) * width)
    try inputs.read([([context.lowerBound], [context.count])], into: &values, of: width, first: 0)
    try readCovariates([context.lowerBound..<context.upperBound + following], into: &values)
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
