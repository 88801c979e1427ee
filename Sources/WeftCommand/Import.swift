import ArgumentParser
import Foundation
import Interchange
import WeftBase
import WeftTasks

/// Makes the folder of a run from another program's model.
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a run's folder from a model of Keras, PyTorch or ONNX.",
    discussion: """
      Reads what 'weft export' writes, and files of these programs themselves. A file of weights alone does not tell \
      all: --set model.cell=rnn-relu, --set model.output=last-step. --data names the dataset that the model is for, \
      whose vocabulary it gets.

      Example:
        weft import model.h5 --data datasets/shakespeare/shakespeare.h5 --output runs/imported
        weft evaluate runs/imported --split test
      """)

  @Argument(help: "The file to read.", completion: .file())
  var file: String

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "keras, keras-weights, pytorch, safetensors or onnx. Left out: what the file looks like.",
      valueName: "format"),
    completion: .list(InterchangeFormat.allCases.map(\.rawValue)))
  var format: String?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The run's folder to make.", valueName: "folder"),
    completion: .directory)
  var output: String

  @Option(
    help: ArgumentHelp("The HDF5 dataset that the model is for.", valueName: "file"), completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp(
      "A configuration file for all that is not the network: data, loss, training.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Say what the file does not tell; may be given more than once.", valueName: "key=value"))
  var overrides: [String] = []

  func run() throws {
    let format =
      if let format { try InterchangeFormat(named: format, option: "--as") } else {
        try InterchangeFormat(of: file)
      }
    let base = try config.map { path throws(WeftError) in try Configuration(file: path) }
    let imported = try format.read(file, hints: try hints(base))
    let run = try ImportedRun(imported, base: base, overrides: overrides, data: data, file: file)
    try run.write(to: output)
    var notes = imported.notes
    if run.lacksData {
      notes.append("no dataset is named; give --data here, or with 'weft evaluate' and the like")
    }
    for note in notes {
      try? FileHandle.standardError.write(contentsOf: Data("weft: note: \(file): \(note)\n".utf8))
    }
    print("\(output): \(imported.network.summary), from \(file)")
  }

  /// What the user says of the network: all of a configuration file, single keys otherwise.
  private func hints(_ base: Configuration?) throws(WeftError) -> NetworkHints {
    let standard = ImportedRun.completed(base ?? Configuration())
    let told = try Configuration(yaml: standard.yaml, name: "--set", overrides: overrides)
    func isSet(_ key: String) -> Bool { base != nil || overrides.contains { $0.hasPrefix("\(key)=") } }
    return NetworkHints(
      cell: isSet("model.cell") ? told.model.cell : nil,
      outputSteps: isSet("model.output") ? told.model.output : nil)
  }
}

extension NetworkDescription {
  /// Such as `65 tokens, embedding 16, 2 × bidirectional lstm 128, 65 outputs at every step`.
  var summary: String {
    var parts: [String] = []
    switch input {
    case .tokens(let count): parts.append("\(count) tokens")
    case .features(let count): parts.append("\(count) features")
    }
    if let embedding { parts.append("embedding \(embedding.columns)") }
    let first = levels[0][0]
    parts.append(
      "\(levels.count) × \(isBidirectional ? "bidirectional " : "")\(first.cell.rawValue) \(first.hidden)")
    parts.append("\(outputSize) outputs \(outputSteps == .everyStep ? "at every step" : "of the last step")")
    return parts.joined(separator: ", ")
  }
}
