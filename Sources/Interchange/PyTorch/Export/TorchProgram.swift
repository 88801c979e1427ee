import Foundation
import WeftBase

/// A Python program that defines a network as a PyTorch module and loads its weights from a state dictionary.
struct TorchProgram {
  private let summary: String
  /// Classes of cells.
  private let cells: TorchCells
  /// Lines of `__init__`, and the methods of the module.
  private let modules: [String]
  private let methods: String
  /// A call of the loaded network, which the program shows.
  private let example: String

  init(_ network: NetworkDescription) {
    let blocks = TorchBlocks(network)
    var (modules, steps) = (blocks.modules, blocks.steps)
    if let output = network.output {
      modules.append("self.output = nn.Linear(\(blocks.size), \(output.weights.columns))")
      steps.append("return self.output(x)")
    } else {
      steps.append("return x")
    }
    let shape =
      network.outputSteps == .everyStep
      ? "[batch, time, \(network.outputSize)]" : "[batch, \(network.outputSize)]"
    self.modules = modules
    cells = blocks.cells
    summary = network.summary
    let input = network.input.torchInput
    let columns = network.categories.map { "\($0.column)" }
    // A random number is no category.
    example = "load()(\(columns.isEmpty ? input.example : "torch.zeros(2, 7, \(network.input.size))"))"
    let kinds = columns.isEmpty ? "" : ", with numbers of categories at \(columns.joined(separator: ", "))"
    methods = """
      def forward(self, inputs, lengths=None):
          \"""Outputs \(shape) before the loss.

          inputs: \(input.description)\(kinds); lengths: the steps of each row [batch], all of them by default.
          \"""
          if lengths is None:
              lengths = torch.full((inputs.shape[0],), inputs.shape[1])
      \(Self.indented(steps))
      """
  }

  init(_ network: EncoderDecoderDescription) {
    let writer = TorchDecoder(network)
    (modules, methods, cells) = (writer.modules, writer.methods, writer.cells)
    summary = network.summary
    example = "load()(\(network.encoder.input.torchInput.example))"
  }

  /// Lines of a method.
  static func indented(_ lines: [String]) -> String { lines.map { "    " + $0 }.joined(separator: "\n") }

  /// A text as Python writes it, which JSON's form is as well.
  private static func quoted(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    guard let bytes = try? encoder.encode(text) else { preconditionFailure("texts can be encoded") }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The functions that the network calls, and those that these call.
  private var functions: [String] {
    var texts = [methods] + cells.classes.map(\.text)
    if !cells.classes.isEmpty { texts.append(Self.recurrence) }
    var used: Set<String> = []
    for (name, text) in Self.functions.reversed()
    where texts.contains(where: { $0.contains(" \(name)(") || $0.contains("(\(name)(") }) {
      used.insert(name)
      texts.append(text)
    }
    return Self.functions.filter { used.contains($0.name) }.map(\.text)
  }

  /// The program's text.
  ///
  /// - Parameters:
  ///   - weights: Name of the file with the state dictionary, in the program's folder.
  ///   - format: Format of that file.
  func text(weights: String, format: InterchangeFormat) -> String {
    let isHDF5 = format == .pytorch
    let definitions =
      functions + (cells.classes.isEmpty ? [] : [Self.recurrence]) + cells.classes.map(\.text)
    let packs = definitions.contains { $0.contains("pack_padded_sequence") }
    return """
      \"""A network that Weft trained: \(summary).

      Needs PyTorch and \(isHDF5 ? "h5py" : "safetensors"), and its weights beside it.
      \"""

      from pathlib import Path

      \(isHDF5 ? "import h5py\nimport torch" : "import torch\nfrom safetensors.torch import load_file")
      from torch import nn\(packs ? "\nfrom torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence" : "")

      \(definitions.map { "\n" + $0 + "\n\n" }.joined())
      class Network(nn.Module):
          def __init__(self):
              super().__init__()
      \(modules.map { "        " + $0 }.joined(separator: "\n"))

      \(methods.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n"))


      def load():
          \"""The trained network.\"""
          file = Path(__file__).parent / \(Self.quoted(weights))
      \(isHDF5
        ? "    with h5py.File(file) as weights:\n        state = {name: torch.tensor(weights[name][()]) for name in weights}"
        : "    state = load_file(file)")
          network = Network()
          network.load_state_dict(state)
          return network.eval()


      if __name__ == "__main__":
          with torch.no_grad():
              print(\(example))

      """
  }
}

extension StepKind {
  /// What `forward` reads, and random values of that kind.
  var torchInput: (description: String, example: String) {
    switch self {
    case .tokens(let count): ("tokens [batch, time]", "torch.randint(\(count), (2, 7))")
    case .features(let count): ("features [batch, time, \(count)]", "torch.randn(2, 7, \(count))")
    }
  }
}
