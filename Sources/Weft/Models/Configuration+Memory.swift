import Foundation
import HDF5

extension Configuration {
  /// Refuses a model whose parameters alone take more memory than there is, before any is asked for.
  ///
  /// Counted are the weights that every kind of model has, of which an encoder and decoder have twice as many.
  /// - Parameter file: What tells the shape, for errors.
  func checkMemory(of shape: ModelShape, file: String) throws(WeftError) {
    let greatestSize = Int(Int32.max)
    guard max(shape.inputSize, shape.outputs) <= greatestSize else {
      throw .failure("\(file): no model can have \(shape)")
    }
    let directions = model.isBidirectional ? 2 : 1
    let gates =
      switch model.cell {
      case .tanh, .relu: 1
      case .lstm: 4
      case .gru, .gruResetAfter: 3
      }
    let hidden = model.hidden
    var inputs = shape.inputSize
    var parameters = 0
    if case .tokens(let vocabulary) = shape.input, let embedding = model.embedding {
      parameters += vocabulary * embedding
      inputs = embedding
    }
    parameters += directions * gates * hidden * (inputs + hidden)
    parameters += max(0, model.layers - 1) * directions * gates * hidden * (directions * hidden + hidden)
    parameters += directions * hidden * shape.outputs
    // Weights as they are, packed, and their gradients.
    let bytes = 3 * MemoryLayout<Float>.stride * parameters
    let states = training.carryState ? 2 * MemoryLayout<Float>.stride * model.layers * hidden : 0
    let (stateBytes, overflow) = states.multipliedReportingOverflow(by: training.batch)
    let memory = Self.memory
    guard !overflow, bytes <= memory, stateBytes <= memory - bytes else {
      throw .failure(
        "\(file): model.hidden \(hidden), model.layers \(model.layers) and \(shape) make \(parameters) parameters;"
          + " with the carried states of training.batch \(training.batch) they need more than the"
          + " \(memory >> 20) MiB of memory that there are")
    }
  }

  /// Bytes that this process may use: the machine's, or its own limit.
  private static var memory: Int {
    Int(clamping: min(ProcessInfo.processInfo.physicalMemory, ResourceLimit.addressSpace.value))
  }
}
