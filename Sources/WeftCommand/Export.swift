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
      Formats: keras, a complete model (.h5) for keras.models.load_model; keras-weights, weights only \
      (.weights.h5); pytorch, a state dictionary in HDF5; safetensors, a state dictionary as .safetensors; onnx, a \
      graph for ONNX Runtime. Outputs are the values before a softmax or sigmoid. See docs/import-export.md.

      Example:
        weft export runs/shakespeare --to keras shakespeare.h5
        weft export runs/shakespeare --to onnx --ragged shakespeare.onnx
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

  @Flag(help: "Replace the file if it exists.")
  var overwrite = false

  func run() throws {
    let format = try InterchangeFormat(named: to, option: "--to")
    if ragged, format == .pytorch || format == .safetensors {
      throw WeftError.usage(
        "--ragged: a state dictionary contains no model that could take lengths; remove --ragged")
    }
    if format == .kerasWeights, !file.hasSuffix(".weights.h5") {
      throw WeftError.usage("\(file): Keras loads weights only from files named *.weights.h5")
    }
    if format == .keras, !file.hasSuffix(".h5") || file.hasSuffix(".weights.h5") {
      throw WeftError.usage(
        "\(file): Keras loads complete HDF5 models only from files named *.h5 (not *.weights.h5)")
    }
    guard overwrite || !OutputFile.exists(file) else {
      throw WeftError.failure("\(file): file exists; name another file, or add --overwrite")
    }
    try RunFolder.checkIsFree(output: file)
    let source = try RunFolder.checkpointPath(trained.path)
    let checkpoint = try Checkpoint(reading: source)
    let network = try NetworkDescription(checkpoint, file: source)
    try format.write(
      network, metadata: NetworkMetadata(checkpoint), isRagged: ragged, to: file, source: source)
    printText("\(file): \(network.summary), from step \(checkpoint.state.step)")
  }
}

extension InterchangeFormat {
  /// The format with this name on the command line.
  init(named name: String, option: String) throws(WeftError) {
    guard let format = InterchangeFormat(rawValue: name) else {
      let names = Self.allCases.map(\.rawValue)
      let suggestion = name.nearest(among: names).map { "; did you mean '\($0)'?" } ?? ""
      throw .usage(
        "\(option): unknown format '\(name)'; choose \(names.joined(separator: ", "))\(suggestion)")
    }
    self = format
  }
}
