import ArgumentParser
import Foundation
import Interchange
import WeftBase
import WeftTraining

/// Exports a trained model.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Export a trained model to Keras, PyTorch or ONNX.",
    discussion: """
      Formats: keras, a complete model for keras.models.load_model, as an archive of Keras 3 (.keras) or for Keras 3 \
      and 2 (.h5); keras-weights, weights only \
      (.weights.h5); pytorch, a state dictionary in HDF5; safetensors, a state dictionary as .safetensors; onnx, a \
      graph for ONNX Runtime. Outputs are the values before a softmax or sigmoid, unless --probabilities or \
      --raw-inputs is given. See docs/import-export.md.

      Example:
        weft export runs/shakespeare --to keras shakespeare.h5
        weft export runs/shakespeare --to onnx --ragged shakespeare.onnx
        weft export runs/electricity --to onnx --raw-inputs electricity.onnx
      """)

  @OptionGroup var trained: TrainedRun

  @Argument(help: "The file to write.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp("keras, keras-weights, pytorch, safetensors or onnx.", valueName: "format"),
    completion: .list(InterchangeFormat.allCases.map(\.rawValue)))
  var to: String

  @Flag(
    help: ArgumentHelp(
      "Support sequences of different lengths in one batch: Keras by masking padded steps, ONNX by a second"
        + " input 'lengths'."
    ))
  var ragged = false

  @Flag(help: "Give probabilities, by the softmax or sigmoid of the loss; Keras and ONNX only.")
  var probabilities = false

  @Flag(
    help: ArgumentHelp(
      "Take inputs and give predictions in the units of the data: scaling, seasons, quantiles and the parameters of"
        + " distributions become part of the graph; ONNX only."))
  var rawInputs = false

  @Flag(help: "Take one step and the states, and give the states for the next step; ONNX only.")
  var streaming = false

  @Option(
    help: ArgumentHelp(
      "Also write a Python program that defines the PyTorch module and loads its weights, in the folder of the file;"
        + " pytorch and safetensors only.", valueName: "model.py"), completion: .file(extensions: ["py"]))
  var module: String?

  @Flag(help: "Replace the file if it exists.")
  var overwrite = false

  func run() throws {
    let format = try InterchangeFormat(named: to, option: "--to")
    try checkOptions(format)
    if format == .kerasWeights, !file.hasSuffix(".weights.h5") {
      throw WeftError.usage("\(file): Keras loads weights only from files named *.weights.h5")
    }
    if format == .keras, ![".keras", ".h5"].contains(where: file.hasSuffix) || file.hasSuffix(".weights.h5") {
      throw WeftError.usage(
        "\(file): Keras loads complete models only from files named *.keras or *.h5 (not *.weights.h5)")
    }
    for file in [file, module].compactMap(\.self) {
      guard overwrite || !OutputFile.exists(file) else {
        throw WeftError.failure("\(file): file exists; name another file, or add --overwrite")
      }
      try RunFolder.checkIsFree(output: file)
    }
    let source = try RunFolder.checkpointPath(trained.path)
    for file in [file, module].compactMap(\.self) where FileIdentity.areSame(file, source) {
      throw WeftError.usage("\(file): is the checkpoint to export; name another file")
    }
    let checkpoint = try Checkpoint(reading: source)
    if checkpoint.configuration.model.kind == .sequence {
      try export(checkpoint, format, source: source)
    } else {
      try exportEncoderDecoder(checkpoint, format, source: source)
    }
  }

  private func export(
    _ checkpoint: Checkpoint, _ format: InterchangeFormat, source: String
  ) throws(WeftError) {
    var network = try NetworkDescription(checkpoint, file: source)
    if probabilities {
      if network.transitions != nil {
        throw .usage(
          "--probabilities: \(source): the classes of model.crf depend on each other, so that their scores at a step are"
            + " no probabilities; remove it: the graph also gives the most probable 'classes'")
      }
      network.activation = try NetworkDescription.OutputActivation(
        of: checkpoint.configuration.loss, option: "--probabilities")
    }
    var options = ExportOptions(isRagged: ragged, isStreaming: streaming, hasProgram: module != nil)
    if rawInputs { options.interface = try NetworkInterface(raw: checkpoint, file: source) }
    if options.interface.windows != nil, streaming || ragged {
      throw .usage(
        "\(streaming ? "--streaming" : "--ragged"): \(source): windows are scaled by the values of a whole context"
          + " (data.relative_to, data.normalization); remove it or --raw-inputs")
    }
    try format.write(
      network, metadata: NetworkMetadata(checkpoint), options: options, to: file, source: source)
    if let module { try format.writeProgram(network, to: module, weights: file) }
    printText("\(file): \(network.summary), from step \(checkpoint.state.step)")
  }

  private func exportEncoderDecoder(
    _ checkpoint: Checkpoint, _ format: InterchangeFormat, source: String
  ) throws(WeftError) {
    if streaming { throw .usage("--streaming: the decoder takes one step anyway; remove --streaming") }
    let decoderFile = InterchangeFormat.decoderPath(file)
    guard overwrite || format != .onnx || !OutputFile.exists(decoderFile) else {
      throw .failure("\(decoderFile): file exists; name another file, or add --overwrite")
    }
    let network = try EncoderDecoderDescription(checkpoint, file: source)
    var options = ExportOptions(isRagged: ragged, hasProgram: module != nil)
    if rawInputs {
      options.interface = try NetworkInterface(raw: checkpoint, file: source)
      guard checkpoint.configuration.model.kind == .encoderDecoder else {
        throw .usage(
          "--raw-inputs: an autoencoder reads its own outputs, which are scaled; remove --raw-inputs")
      }
    }
    let files = try format.write(
      network, metadata: NetworkMetadata(checkpoint), options: options,
      activation: probabilities
        ? try NetworkDescription.OutputActivation(
          of: checkpoint.configuration.loss, option: "--probabilities") : .none,
      to: file, source: source)
    if let module { try format.writeProgram(network, to: module, weights: file) }
    printText(
      "\(files.joined(separator: " and ")): \(network.summary), from step \(checkpoint.state.step)")
  }

  /// - Throws: If the format cannot have what an option asks for.
  private func checkOptions(_ format: InterchangeFormat) throws(WeftError) {
    let isState = format == .pytorch || format == .safetensors
    if ragged, isState {
      throw .usage("--ragged: a state dictionary contains no model that could take lengths; remove --ragged")
    }
    if probabilities, isState || format == .kerasWeights {
      throw .usage("--probabilities: a file of weights contains no activation; export to keras or onnx")
    }
    if let module {
      guard isState else {
        throw .usage("--module: only for state dictionaries; use --to pytorch or safetensors")
      }
      let folders = [module, file].map { URL(filePath: $0).deletingLastPathComponent().standardizedFileURL }
      guard folders[0] == folders[1], module != file else {
        throw .usage(
          "--module: \(module) must be another file in the folder of \(file), whose weights it loads")
      }
    }
    if rawInputs, format != .onnx { throw .usage("--raw-inputs: only graphs have scaling; export to onnx") }
    if streaming, format != .onnx { throw .usage("--streaming: only graphs take states; export to onnx") }
    if streaming, ragged {
      throw .usage("--ragged: a single step has no length; remove --ragged or --streaming")
    }
  }
}

extension InterchangeFormat {
  /// The format with this name on the command line.
  init(named name: String, option: String) throws(WeftError) {
    guard let format = InterchangeFormat(rawValue: name) else {
      throw NearMiss.unknownChoice(name, "format", of: option, among: Self.allCases.map(\.rawValue))
    }
    self = format
  }
}
