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

  /// The concatenated features of windows of `steps` steps.
  ///
  /// - Throws: If a dataset cannot be read.
  package func read(starts: [Int], steps: Int) throws(WeftError) -> FeatureArray {
    var values = ChunkReader.undefined(count: starts.count * steps * width, of: Float.self)
    try inputs.read(starts.map { ([$0], [steps]) }, into: &values, of: width, first: 0)
    try readCovariates(starts: starts, steps: steps, into: &values)
    return FeatureArray(values, width: width)
  }

  /// A window with values of the series only in the first `inputSteps` steps; the others, which are to be forecast,
  /// have zeros and the covariates.
  ///
  /// - Throws: If a dataset cannot be read.
  package func read(start: Int, inputSteps: Int, steps: Int) throws(WeftError) -> FeatureArray {
    var values = [Float](repeating: 0, count: steps * width)
    try inputs.read([([start], [inputSteps])], into: &values, of: width, first: 0)
    try readCovariates(starts: [start], steps: steps, into: &values)
    return FeatureArray(values, width: width)
  }

  /// Writes the covariates of the next steps to each step of windows.
  private func readCovariates(starts: [Int], steps: Int, into values: inout [Float]) throws(WeftError) {
    guard let covariates else { return }
    if stepsAhead == 1 {
      return try covariates.read(
        starts.map { ([$0 + 1], [steps]) }, into: &values, of: width, first: inputs.width)
    }
    let (own, known) = (covariates.width, steps + stepsAhead - 1)
    var rows = ChunkReader.undefined(count: starts.count * known * own, of: Float.self)
    try covariates.read(starts.map { ([$0 + 1], [known]) }, into: &rows, of: own, first: 0)
    for window in starts.indices {
      for step in 0..<steps {
        let source = (window * known + step) * own
        let place = (window * steps + step) * width + inputs.width
        values.replaceSubrange(
          place..<place + own * stepsAhead, with: rows[source..<source + own * stepsAhead])
      }
    }
  }

  /// Calls `body` with the chunks that overlap a window.
  func visitChunks(start: Int, steps: Int, _ body: (ChunkStore.Key) -> Void) {
    inputs.visitChunks(([start], [steps]), body)
    covariates?.visitChunks(([start], [steps]), body)
  }
}
