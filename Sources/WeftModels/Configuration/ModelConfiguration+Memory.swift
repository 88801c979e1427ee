import Foundation
import HDF5
import WeftBase
import WeftLayers

extension ModelConfiguration {
  /// Refuses a model whose parameters alone take more memory than there is, before any is asked for.
  ///
  /// Counted are the weights that every kind of model has, of which an encoder and decoder have twice as many.
  /// - Parameters:
  ///   - shape: What the data demand.
  ///   - carriedRows: Rows of a minibatch whose states are carried; 0 for none.
  ///   - file: What tells the shape, for errors.
  package func checkMemory(of shape: ModelShape, carriedRows: Int, file: String) throws(WeftError) {
    let greatestSize = Int(Int32.max)
    guard max(shape.inputSize, shape.outputs) <= greatestSize else {
      throw .failure("\(file): no model can have \(shape)")
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
    // Weights as they are, packed, and their gradients.
    let bytes = (2 * MemoryLayout<Float>.stride + dotAlgorithm.packedElementByteCount) * parameters
    let states = 2 * MemoryLayout<Float>.stride * layers * hidden
    let (stateBytes, overflow) = states.multipliedReportingOverflow(by: carriedRows)
    let memory = Self.memory
    guard !overflow, bytes <= memory, stateBytes <= memory - bytes else {
      throw .failure(
        "\(file): model.hidden \(hidden), model.layers \(layers) and \(shape) make \(parameters) parameters;"
          + " with the carried states of \(carriedRows) rows they need more than the"
          + " \(memory >> 20) MiB of memory that there are")
    }
  }

  /// Bytes that this process may use: the machine's, or its own limit.
  private static var memory: Int {
    Int(clamping: min(ProcessInfo.processInfo.physicalMemory, ResourceLimit.addressSpace.value))
  }
}
