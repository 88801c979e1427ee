import HDF5
import WeftBase

/// Reads windows of series, each step beside the covariates of the step after it: those are known in advance, and the
/// step after is what is forecast.
package struct WindowReader: Sendable {
  let inputs: InputReader
  let covariates: InputReader?

  /// Numbers of a step.
  package var width: Int { inputs.width + (covariates?.width ?? 0) }

  /// The features of `steps` steps from each of some places on, one window after the other.
  ///
  /// - Throws: If a dataset cannot be read.
  package func read(starts: [Int], steps: Int) throws(WeftError) -> FeatureArray {
    var values = ChunkReader.undefined(count: starts.count * steps * width, of: Float.self)
    try inputs.read(starts.map { ([$0], [steps]) }, into: &values, of: width, first: 0)
    try covariates?.read(starts.map { ([$0 + 1], [steps]) }, into: &values, of: width, first: inputs.width)
    return FeatureArray(values, width: width)
  }

  /// A window of which only the first `inputSteps` steps hold the series; the others, which are yet to be forecast, hold
  /// the covariates beside zeros.
  ///
  /// - Throws: If a dataset cannot be read.
  package func read(start: Int, inputSteps: Int, steps: Int) throws(WeftError) -> FeatureArray {
    var values = [Float](repeating: 0, count: steps * width)
    try inputs.read([([start], [inputSteps])], into: &values, of: width, first: 0)
    try covariates?.read([([start + 1], [steps])], into: &values, of: width, first: inputs.width)
    return FeatureArray(values, width: width)
  }

  /// Calls `body` with the blocks that hold a part of a window.
  func visitChunks(start: Int, steps: Int, _ body: (ChunkStore.Key) -> Void) {
    inputs.visitChunks(([start], [steps]), body)
    covariates?.visitChunks(([start], [steps]), body)
  }
}
