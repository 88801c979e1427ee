import ArgumentParser
import Foundation
import HDF5
import Interchange
import WeftBase
import WeftTasks
import WeftText

/// Imports a model of another program as a run's folder.
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Import a model from Keras, PyTorch or ONNX as a run's folder.",
    discussion: """
      Reads files written by 'weft export' and by these programs: .h5 and .keras of Keras; .pt, .pth, .ckpt, .bin and \
      .safetensors of PyTorch; .onnx, with weights in the file or beside it. Nothing in them is executed. A file of \
      weights alone does not describe a model completely; add for example --set model.cell=rnn-relu or --set \
      model.output=last-step; of several linear layers of PyTorch, name all layers with their activations in --set \
      'model.blocks=[{cell: lstm, hidden: 64}, {pool: last}, {dense: 32, activation: relu}]'. What is assumed is \
      printed. --data names the dataset of the model, whose vocabulary it \
      takes.

      Example:
        weft import model.h5 --data datasets/shakespeare/shakespeare.h5 --output runs/imported
        weft evaluate runs/imported --split test
      """)

  @Argument(help: "The file to read.", completion: .file())
  var file: String

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "keras, keras-weights, pytorch, safetensors or onnx. (default: detected from the file)",
      valueName: "format"),
    completion: .list(InterchangeFormat.allCases.map(\.rawValue)))
  var format: String?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The run's folder to create.", valueName: "folder"),
    completion: .directory)
  var output: String

  @Option(
    help: ArgumentHelp("The HDF5 dataset of the model.", valueName: "file"), completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp(
      "The token that an encoder-decoder reads first. (default: <bos> of the dataset)", valueName: "number"))
  var startToken: Int?

  @Option(
    help: ArgumentHelp(
      "The token that ends what an encoder-decoder writes. (default: <eos> of the dataset)",
      valueName: "number"))
  var endToken: Int?

  @Option(
    help: ArgumentHelp(
      "A configuration file for everything except the network: data, loss, training.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Set a key that the file does not specify; may be repeated.", valueName: "key=value"))
  var overrides: [String] = []

  func run() throws {
    let format =
      if let format { try InterchangeFormat(named: format, option: "--as") } else {
        try InterchangeFormat(of: file)
      }
    let base = try config.map { path throws(WeftError) in try ConfigurationFile.read(path) }
    let imported = try format.read(file, hints: try hints(base))
    if imported.encoderDecoder == nil, let option = startToken == nil ? endToken.map({ _ in "end" }) : "start"
    {
      throw WeftError.usage("--\(option)-token: \(file) is no encoder-decoder")
    }
    let run = try ImportedRun(imported, base: base, overrides: overrides, data: data, file: file)
    try run.write(to: output)
    var notes = imported.notes
    if run.lacksData {
      notes.append("no dataset given; add --data here, or to 'weft evaluate' and others")
    }
    for note in notes {
      printNote("\(file): \(note)")
    }
    printText("\(output): \(imported.summary), from \(file)".printable())
  }

  /// What the user specifies about the network: a complete configuration file, or single keys.
  private func hints(_ base: Configuration?) throws(WeftError) -> NetworkHints {
    let standard = ImportedRun.completed(base ?? Configuration())
    let told = try Configuration(yaml: standard.yaml, name: "--set", overrides: overrides)
    let tokens = datasetTokens
    for (option, told, own) in [("start", startToken, tokens.start), ("end", endToken, tokens.end)] {
      if let data, let told, let own, told != own {
        throw .usage("--\(option)-token \(told): in \(data) it is token \(own)")
      }
    }
    let blocks = told.model.blocks.isEmpty ? nil : told.model.blocks
    func isSet(_ key: String) -> Bool {
      blocks == nil && (base != nil || overrides.contains { $0.hasPrefix("\(key)=") })
    }
    var hints = NetworkHints(
      cell: isSet("model.cell") ? told.model.cell : nil,
      outputSteps: isSet("model.output") ? told.model.output : nil,
      blocks: blocks, startToken: startToken ?? tokens.start, endToken: endToken ?? tokens.end,
      sourceTokens: tokens.source)
    hints.inputs = told.data.inputs
    (hints.staticInputs, hints.categories) = (told.data.staticInputs, told.data.categories)
    return hints
  }

  /// The tokens of the dataset that begin and end a target, and the number of those of a source; nil if they are not known.
  private var datasetTokens: (start: Int?, end: Int?, source: Int?) {
    guard let data, let vocabularies = try? Vocabularies(in: File(opening: data)) else {
      return (nil, nil, nil)
    }
    func number(_ token: String) -> Int? { vocabularies.ofTargets?.number(of: token).map { Int($0) } }
    return (
      number(Vocabulary.beginningToken), number(Vocabulary.endToken), vocabularies.inputs?.count ?? 0
    )
  }
}
