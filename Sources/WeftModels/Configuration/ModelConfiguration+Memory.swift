import Foundation
import HDF5
import WeftBase
import WeftLayers

extension ModelConfiguration {
  /// Rejects a model whose parameters alone exceed the available memory, before any is allocated.
  ///
  /// Counts the weights that every kind of model has; an encoder-decoder has about twice as many.
  /// - Parameters:
  ///   - shape: Input and output sizes that the data require.
  ///   - carriedRows: Rows of a minibatch whose states are carried; 0 for none.
  ///   - file: The file that determines the shape, for errors.
  package func checkMemory(of shape: ModelShape, carriedRows: Int, file: String) throws(WeftError) {
    let maximumSize = Int(Int32.max)
    guard max(shape.inputSize, shape.outputs) <= maximumSize else {
      throw .failure("\(file): a model cannot have \(shape) (too large)")
    }
    let directions = isBidirectional ? 2 : 1
    let outputs = RecurrentLayerOptions(self).outputSize
    var inputs = shape.inputSize
    var parameters = 0
    if case .tokens(let vocabulary) = shape.input, let embedding {
      parameters += vocabulary * embedding
      inputs = embedding
    }
    let gates = directions * cell.gateCount * hidden
    parameters += gates * (inputs + outputs)
    parameters += max(0, layers - 1) * gates * (directions * outputs + outputs)
    parameters += directions * outputs * shape.outputs
    // Weights, packed weights and gradients.
    let bytes = (2 * MemoryLayout<Float>.stride + dotAlgorithm.packedElementByteCount) * parameters
    let states = 2 * MemoryLayout<Float>.stride * layers * hidden
    let (stateBytes, overflow) = states.multipliedReportingOverflow(by: carriedRows)
    let memory = Self.memory
    guard !overflow, bytes <= memory, stateBytes <= memory - bytes else {
      throw .failure(
        "\(file): model.hidden \(hidden), model.layers \(layers) and \(shape) give \(parameters) parameters;"
          + " with the carried states of \(carriedRows) rows they need more than the"
          + " available \(memory >> 20) MiB of memory")
    }
  }

  /// Bytes available to this process: the machine's memory, or the address-space limit.
  private static var memory: Int {
    Int(clamping: min(ProcessInfo.processInfo.physicalMemory, ResourceLimit.addressSpace.value))
  }
}
