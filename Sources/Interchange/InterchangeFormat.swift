import Foundation
import HDF5
import WeftBase

/// A format of another program.
package enum InterchangeFormat: String, CaseIterable, Sendable {
  /// A complete Keras model in HDF5.
  case keras
  /// Weights of a Keras model in HDF5.
  case kerasWeights = "keras-weights"
  /// A PyTorch state dictionary in HDF5.
  case pytorch
  /// A PyTorch state dictionary as safetensors.
  case safetensors
  /// A graph of ONNX operators.
  case onnx

  /// Detects the format of a file from its first bytes and, for HDF5, its contents.
  ///
  /// - Throws: If the file cannot be read.
  package init(of path: String) throws(WeftError) {
    let start = try InputFile.contents(path).prefix(16)
    if File.isHDF5(path) {
      self = try InputFile.reading(path) { file in
        if try file.attributes.contains("model_config") { return .keras }
        for name in ["layers", "_layer_checkpoint_dependencies"] where try file.contains(name) {
          return .kerasWeights
        }
        return try file.attributes.contains("layer_names") ? .kerasWeights : .pytorch
      }
    } else if start.starts(with: [UInt8(ascii: "P"), UInt8(ascii: "K"), 3, 4]) {
      throw .failure(
        "\(path): is an archive, like a .keras file or one written by torch.save; save the model as .h5, or"
          + " the state dictionary as .safetensors"
      )
    } else if start.count > 8, start[start.startIndex + 8] == UInt8(ascii: "{") {
      self = .safetensors
    } else {
      self = .onnx
    }
  }

  /// Reads a network.
  ///
  /// - Parameter hints: Information missing from files of weights alone.
  /// - Throws: If the file is damaged, or contains something unsupported; the message names it.
  package func read(_ path: String, hints: NetworkHints = NetworkHints()) throws(WeftError) -> ImportedNetwork
  {
    switch self {
    case .keras, .kerasWeights: return try KerasModel(reading: path).network(hints, file: path)
    case .pytorch: return try Self.imported(StateDictionary(hdf5: path), hints, file: path)
    case .safetensors: return try Self.imported(StateDictionary(safetensors: path), hints, file: path)
    case .onnx: return try ONNXModel(reading: path).network(file: path)
    }
  }

  private static func imported(
    _ dictionary: StateDictionary, _ hints: NetworkHints, file: String
  ) throws(WeftError) -> ImportedNetwork {
    let metadata = NetworkMetadata(dictionary.metadata)
    let hints = try hints.completed(by: metadata, file: file)
    let network = try dictionary.network(hints, file: file)
    var notes: [String] = []
    if hints.outputSteps == nil {
      notes.append(
        "a state dictionary does not specify whether every step has an output; assuming every step"
          + " (model.output)"
      )
    }
    let foreign = network.levels[0][0].cell.foreign[.pytorch]
    if hints.cell == nil, let (argument, value) = foreign?.settings.first, case .text(let text) = value {
      notes.append(
        "a state dictionary does not specify nn.\(foreign?.name ?? "")'s \(argument); assuming \(text) (model.cell)"
      )
    }
    return ImportedNetwork(network, metadata: metadata, notes: notes)
  }

  /// Writes a network atomically.
  ///
  /// - Parameters:
  ///   - isRagged: Whether to support sequences of different lengths in one batch.
  ///   - source: Source of the network, for errors.
  /// - Throws: If the format cannot represent the network, or the file cannot be written.
  package func write(
    _ network: NetworkDescription, metadata: NetworkMetadata = NetworkMetadata(), isRagged: Bool = false,
    to path: String, source: String
  ) throws(WeftError) {
    switch self {
    case .keras, .kerasWeights:
      let model = try KerasModel(network, metadata: metadata, isRagged: isRagged, file: source)
      if self == .keras { try model.write(model: path) } else { try model.write(weights: path) }
    case .pytorch: try StateDictionary(network, metadata: metadata, file: source).write(hdf5: path)
    case .safetensors: try StateDictionary(network, metadata: metadata, file: source).write(safetensors: path)
    case .onnx:
      try ONNXModel(network, metadata: metadata, isRagged: isRagged, file: source).write(to: path)
    }
  }
}
