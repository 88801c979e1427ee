import HDF5
import WeftBase

/// Reads windows of series. Each step has the covariates of the next step, which is forecast from it and whose
/// covariates are known in advance.
package struct WindowReader: Sendable {
  let inputs: InputReader
  let covariates: InputReader?

  /// Values per step.
  package var width: Int { inputs.width + (covariates?.width ?? 0) }

  /// The concatenated features of windows of `steps` steps.
  ///
  /// - Throws: If a dataset cannot be read.
  package func read(starts: [Int], steps: Int) throws(WeftError) -> FeatureArray {
    var values = ChunkReader.undefined(count: starts.count * steps * width, of: Float.self)
    try inputs.read(starts.map { ([$0], [steps]) }, into: &values, of: width, first: 0)
    try covariates?.read(starts.map { ([$0 + 1], [steps]) }, into: &values, of: width, first: inputs.width)
    return FeatureArray(values, width: width)
  }

  /// A window with values of the series only in the first `inputSteps` steps; the others, which are to be forecast,
  /// have zeros and the covariates.
  ///
  /// - Throws: If a dataset cannot be read.
  package func read(start: Int, inputSteps: Int, steps: Int) throws(WeftError) -> FeatureArray {
    var values = [Float](repeating: 0, count: steps * width)
    try inputs.read([([start], [inputSteps])], into: &values, of: width, first: 0)
    try covariates?.read([([start + 1], [steps])], into: &values, of: width, first: inputs.width)
    return FeatureArray(values, width: width)
  }

  /// Calls `body` with the chunks that overlap a window.
  func visitChunks(start: Int, steps: Int, _ body: (ChunkStore.Key) -> Void) {
    inputs.visitChunks(([start], [steps]), body)
    covariates?.visitChunks(([start], [steps]), body)
  }
}
