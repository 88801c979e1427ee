import Archives
import Foundation
import HDF5
import WeftBase

/// A format of another program.
package enum InterchangeFormat: String, CaseIterable, Sendable {
  /// A complete Keras model, in HDF5 or a `.keras` archive.
  case keras
  /// Weights of a Keras model in HDF5.
  case kerasWeights = "keras-weights"
  /// A PyTorch state dictionary, in HDF5 or as `torch.save` writes it.
  case pytorch
  /// A PyTorch state dictionary as safetensors.
  case safetensors
  /// A graph of ONNX operators.
  case onnx

  /// Detects the format of a file from its bytes and, for HDF5 and archives, its contents.
  ///
  /// - Throws: If the file cannot be read, or is something else that people take for a model; the message names it.
  package init(of path: String) throws(WeftError) {
    if let folder = UnsupportedFile.folder(path) { throw folder }
    let file = try RegularFile(path)
    let start = try file.read(at: 0, count: 512)
    if File.isHDF5(path) {
      self = try InputFile.reading(path) { file in
        if try file.attributes.contains("model_config") { return .keras }
        for name in ["layers", "_layer_checkpoint_dependencies"] where try file.contains(name) {
          return .kerasWeights
        }
        return try file.attributes.contains("layer_names") ? .kerasWeights : .pytorch
      }
    } else if start.starts(with: [UInt8(ascii: "P"), UInt8(ascii: "K")]) {
      self = try Self.format(ofArchive: path)
    } else if start.starts(with: TorchFile.plainStart) {
      self = .pytorch
    } else if start.count > 8, start[8] == UInt8(ascii: "{") {
      self = .safetensors
    } else {
      let end = try file.read(at: max(file.byteCount - 8, 0), count: 8)
      if let error = UnsupportedFile.file(path, start: start, end: end) { throw error }
      self = .onnx
    }
  }

  private static func format(ofArchive path: String) throws(WeftError) -> InterchangeFormat {
    let members = try ZipArchive(path, advice: "was it downloaded or copied completely?").members.map(\.name)
    if members.contains(KerasModel.configurationMember) { return .keras }
    let isTorch = members.contains { $0.hasSuffix("/data.pkl") && !$0.contains("data/") }
    guard isTorch, !members.contains(where: { $0.hasSuffix("/constants.pkl") }) else {
      throw UnsupportedFile.archive(path, members)
    }
    return .pytorch
  }

  /// Reads a network.
  ///
  /// - Parameter hints: Information missing from files of weights alone.
  /// - Throws: If the file is damaged, or contains something unsupported; the message names it.
  package func read(_ path: String, hints: NetworkHints = NetworkHints()) throws(WeftError) -> ImportedNetwork
  {
    var result = try contents(path, hints: hints)
    try result.checkClasses(file: path)
    return result
  }

  private func contents(_ path: String, hints: NetworkHints) throws(WeftError) -> ImportedNetwork {
    switch self {
    case .keras, .kerasWeights:
      let model = try File.isHDF5(path) ? KerasModel(reading: path) : KerasModel(archive: path)
      return try model.network(hints, file: path)
    case .pytorch:
      let dictionary = try File.isHDF5(path) ? StateDictionary(hdf5: path) : StateDictionary(torch: path)
      return try Self.imported(dictionary, hints, file: path)
    case .safetensors: return try Self.imported(StateDictionary(safetensors: path), hints, file: path)
    case .onnx: return try ONNXModel(reading: path).network(file: path)
    }
  }

  private static func imported(
    _ dictionary: StateDictionary, _ hints: NetworkHints, file: String
  ) throws(WeftError) -> ImportedNetwork {
    let metadata = NetworkMetadata(dictionary.metadata)
    let hints = try hints.completed(by: metadata, file: file)
    var result = try dictionary.imported(hints, file: file)
    let network = result.network
    var notes: [String] = []
    if hints.outputSteps == nil, hints.blocks == nil {
      notes.append(
        "a state dictionary does not specify whether every step has an output; assuming every step"
          + " (model.output)"
      )
    }
    let foreign = network.levels.first?.first?.cell.foreign[.pytorch]
    if hints.cell == nil, hints.blocks == nil, let (argument, value) = foreign?.settings.first,
      case .text(let text) = value
    {
      notes.append(
        "a state dictionary does not specify nn.\(foreign?.name ?? "")'s \(argument); assuming \(text) (model.cell)"
      )
    }
    result.metadata = metadata
    result.notes += notes
    return result
  }

  /// Writes a network atomically.
  ///
  /// - Parameters:
  ///   - options: Those that the format does not know are ignored.
  ///   - source: Source of the network, for errors.
  /// - Throws: If the format cannot represent the network, or the file cannot be written.
  package func write(
    _ network: NetworkDescription, metadata: NetworkMetadata = NetworkMetadata(),
    options: ExportOptions = ExportOptions(), to path: String, source: String
  ) throws(WeftError) {
    let isTorch = [.pytorch, .safetensors].contains(self)
    if let category = network.categories.first, ![.onnx, .keras].contains(self),
      !(isTorch && options.hasProgram)
    {
      throw .model(
        "\(source): the categorical input '\(category.name)' beside others is no layer of \(rawValue);"
          + (isTorch ? " add --module model.py, which defines it, or" : "") + " export to onnx")
    }
    if self != .onnx { try network.checkHasPlainOutput(self, file: source) }
    switch self {
    case .keras, .kerasWeights:
      let model = try KerasModel(network, metadata: metadata, isRagged: options.isRagged, file: source)
      if self == .kerasWeights {
        try model.write(weights: path)
      } else if path.hasSuffix(".keras") {
        try model.write(archive: path)
      } else {
        try model.write(model: path)
      }
    case .pytorch, .safetensors:
      if !options.hasProgram { try network.checkHasTorchModules(file: source) }
      try write(StateDictionary(network, metadata: metadata), to: path)
    case .onnx:
      try ONNXModel(network, metadata: metadata, options: options, file: source).write(to: path)
    }
  }

  private func write(_ dictionary: StateDictionary, to path: String) throws(WeftError) {
    if self == .pytorch { try dictionary.write(hdf5: path) } else { try dictionary.write(safetensors: path) }
  }

  /// Writes an encoder-decoder, atomically: to ONNX the encoder to a file and a step of the decoder to another, to
  /// PyTorch a state dictionary.
  ///
  /// - Parameter source: Source of the network, for errors.
  /// - Returns: The files.
  /// - Throws: If the format cannot represent it, or a file cannot be written.
  package func write(
    _ network: EncoderDecoderDescription, metadata: NetworkMetadata, options: ExportOptions,
    activation: NetworkDescription.OutputActivation, to path: String, source: String
  ) throws(WeftError) -> [String] {
    switch self {
    case .onnx: break
    case .pytorch, .safetensors:
      guard options.hasProgram else {
        throw .model(
          "\(source): an encoder-decoder or autoencoder is no module of torch.nn; add --module model.py, which defines"
            + " it, or export to onnx")
      }
      try write(StateDictionary(network, metadata: metadata), to: path)
      return [path]
    case .keras, .kerasWeights:
      throw .model(
        "\(source): encoder-decoders and autoencoders read their own outputs, which no stock layer of Keras does; export"
          + " to onnx, or to safetensors with --module")
    }
    let encoder = try ONNXModel(encoder: network, metadata: metadata, options: options, file: source)
    let decoder = ONNXModel(
      decoder: network, metadata: metadata, options: options, activation: activation, file: source)
    let decoderPath = Self.decoderPath(path)
    try encoder.write(to: path)
    try decoder.write(to: decoderPath)
    return [path, decoderPath]
  }

  /// The file of a decoder beside that of its encoder: `m.decoder.onnx` for `m.onnx`.
  package static func decoderPath(_ path: String) -> String {
    path.hasSuffix(".onnx") ? path.dropLast(5) + ".decoder.onnx" : path + ".decoder.onnx"
  }

  /// Writes a Python program that defines a network as a PyTorch module and loads a state dictionary of this format.
  ///
  /// - Parameter weights: Path of the state dictionary, in the same folder.
  /// - Throws: If the file cannot be written.
  package func writeProgram(
    _ network: NetworkDescription, to path: String, weights: String
  ) throws(WeftError) {
    try write(TorchProgram(network), to: path, weights: weights)
  }

  /// Writes a Python program that defines an encoder-decoder or autoencoder as a PyTorch module, as
  /// ``writeProgram(_:to:weights:)-(NetworkDescription,_,_)`` does.
  ///
  /// - Throws: If the file cannot be written.
  package func writeProgram(
    _ network: EncoderDecoderDescription, to path: String, weights: String
  ) throws(WeftError) {
    try write(TorchProgram(network), to: path, weights: weights)
  }

  private func write(_ program: TorchProgram, to path: String, weights: String) throws(WeftError) {
    let name = URL(filePath: weights).lastPathComponent
    try TextFile.replace(path, with: program.text(weights: name, format: self))
  }
}
