import ArgumentParser
import Foundation
import Interchange
import WeftBase
import WeftTraining

/// Writes a trained model in another program's format.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a trained model for Keras, PyTorch or ONNX.",
    discussion: """
      Formats: keras, a whole model (.h5) for keras.models.load_model; keras-weights, its weights alone \
      (.weights.h5); pytorch, a state dictionary in HDF5; safetensors, the same as .safetensors; onnx, a graph that \
      ONNX Runtime runs. Outputs are the numbers before a softmax. See docs/import-export.md.

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
      "Let the model take sequences of different lengths in one batch: Keras by masking what is padded, ONNX by a"
        + " second input 'lengths'."))
  var ragged = false

  @Flag(help: "Replace the file if it exists.")
  var overwrite = false

  func run() throws {
    let format = try InterchangeFormat(named: to, option: "--to")
    if ragged, format == .pytorch || format == .safetensors {
      throw WeftError.usage(
        "--ragged: a state dictionary holds no model that could be told lengths; leave it out")
    }
    if format == .kerasWeights, !file.hasSuffix(".weights.h5") {
      throw WeftError.usage("\(file): Keras loads weights from files called .weights.h5 alone; name it so")
    }
    if format == .keras, !file.hasSuffix(".h5") || file.hasSuffix(".weights.h5") {
      throw WeftError.usage("\(file): Keras loads whole HDF5 models from files called .h5 alone; name it so")
    }
    guard overwrite || access(file, F_OK) != 0 else {
      throw WeftError.failure("\(file): exists already; name another file, or replace it with --overwrite")
    }
    let source = try RunFolder.checkpointPath(trained.path)
    let checkpoint = try Checkpoint(reading: source)
    let network = try NetworkDescription(checkpoint, file: source)
    try format.write(
      network, metadata: NetworkMetadata(checkpoint), isRagged: ragged, to: file, source: source)
    print("\(file): \(network.summary), from step \(checkpoint.state.step)")
  }
}

extension InterchangeFormat {
  /// The format called so on the command line.
  init(named name: String, option: String) throws(WeftError) {
    guard let format = InterchangeFormat(rawValue: name) else {
      let names = Self.allCases.map(\.rawValue)
      let suggestion = name.nearest(among: names).map { "; did you mean '\($0)'?" } ?? ""
      throw .usage("\(option): '\(name)' is none of \(names.joined(separator: ", "))\(suggestion)")
    }
    self = format
  }
}
