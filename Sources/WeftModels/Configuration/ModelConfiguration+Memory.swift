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
      throw .configuration("\(file): a model cannot have \(shape) (too large)")
    }
    var inputs = shape.inputSize
    // In floating point, which does not overflow.
    var parameters = 0.0
    if case .tokens(let vocabulary) = shape.input, let embedding {
      parameters += Double(vocabulary) * Double(embedding)
      inputs = embedding
    } else if !shape.categories.isEmpty {
      for (category, size) in zip(shape.categories, embeddingSizes(of: shape.categories)) {
        parameters += Double(category.count) * Double(size)
      }
      inputs = embeddedSize(of: shape)
    }
    let size = BlockConfiguration.size(of: allBlocks, inputs: inputs)
    parameters += Double(size.weights)
    if adaptiveCutoffs.isEmpty { parameters += Double(size.outputs) * Double(shape.outputs) }
    // Weights, packed weights and gradients.
    let bytes = Double(2 * MemoryLayout<Float>.stride + dotAlgorithm.packedElementByteCount) * parameters
    let units = recurrentBlocks.reduce(0) { $0 + ($1.hidden ?? 0) * max(2, $1.cell?.stateVectors ?? 1) }
    let states = Double(MemoryLayout<Float>.stride * units) * Double(carriedRows)
    let memory = Self.memory
    guard bytes + states <= Double(memory) else {
      let layers = blocks.isEmpty ? "model.hidden \(hidden), model.layers \(layers)" : "model.blocks"
      throw .configuration(
        "\(file): \(layers) and \(shape) give \(String(format: "%.0f", parameters)) parameters;"
          + " with the carried states of \(carriedRows) rows they need more than the"
          + " available \(memory >> 20) MiB of memory")
    }
  }

  /// Bytes available to this process: the machine's memory, or the address-space limit.
  private static var memory: Int {
    Int(clamping: min(ProcessInfo.processInfo.physicalMemory, ResourceLimit.addressSpace.value))
  }
}
