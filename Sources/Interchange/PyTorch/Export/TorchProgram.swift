import Foundation
import KernelInterface
import WeftBase
import WeftLayers

/// A Python program that defines a network as a PyTorch module and loads its weights from a state dictionary.
struct TorchProgram {
  private let network: NetworkDescription
  /// Lines of `__init__` and of `forward`.
  private var modules: [String] = []
  private var steps: [String] = []
  private var names = BlockNames()
  /// Directions whose states `x` is, side by side and of equal size.
  private var directions = [Direction.forward]
  /// Features of `x`.
  private var size: Int

  /// - Parameter file: Source of the network, for errors.
  /// - Throws: If `torch.nn` does not support a cell.
  init(_ network: NetworkDescription, file: String) throws(WeftError) {
    self.network = network
    size = network.blockInputs
    if let rows = network.tokenRows {
      modules.append("self.embedding = nn.Embedding(\(rows.rows), \(rows.columns))")
      steps.append("x = self.embedding(inputs)")
      size = rows.columns
    } else {
      steps.append("x = inputs")
    }
    if network.hasEqualLayers {
      try addEqualLayers(file: file)
    } else {
      var index = 0
      while index < network.blocks.count {
        let pools = index + 1 < network.blocks.count && network.blocks[index + 1] == .pool(.last)
        index += try add(network.blocks[index], pools: pools, file: file) ? 2 : 1
      }
    }
    if let output = network.output {
      modules.append("self.output = nn.Linear(\(size), \(output.weights.columns))")
      steps.append("return self.output(x)")
    } else {
      steps.append("return x")
    }
  }

  private mutating func addEqualLayers(file: String) throws(WeftError) {
    let levels = network.levels
    modules.append(
      "self.rnn = \(try constructor(RecurrentLevel(levels[0]), layers: levels.count, file: file))")
    let isPooled = network.outputSteps != .everyStep
    steps.append(isPooled ? "_, x = run(self.rnn, x, lengths)" : "x, _ = run(self.rnn, x, lengths)")
    size = network.stateSize
  }

  /// Such as `nn.LSTM(5, 7, batch_first=True)`.
  private func constructor(
    _ level: RecurrentLevel, layers: Int = 1, file: String
  ) throws(WeftError) -> String {
    let first = level.layers[0]
    let foreign = try first.foreign(in: .pytorch, file: file)
    var arguments = ["\(first.inputs)", "\(first.units)"]
    if layers > 1 { arguments.append("num_layers=\(layers)") }
    for (name, value) in foreign.settings.sorted(by: { $0.key < $1.key }) {
      if case .text(let text) = value { arguments.append("\(name)=\"\(text)\"") }
    }
    if first.cell.hasProjection { arguments.append("proj_size=\(first.hidden)") }
    if level.layers.count > 1 { arguments.append("bidirectional=True") }
    return "nn.\(foreign.name)(\((arguments + ["batch_first=True"]).joined(separator: ", ")))"
  }

  /// - Parameter pools: Whether the pooling of final states follows.
  /// - Returns: Whether the pooling was added as well.
  private mutating func add(_ block: NetworkBlock, pools: Bool, file: String) throws(WeftError) -> Bool {
    switch block {
    case .recurrent(let level):
      try add(level, pools: pools, file: file)
      return pools
    case .dense(let dense, let activation):
      let name = names.next("dense")
      modules.append("self.\(name) = nn.Linear(\(size), \(dense.weights.columns))")
      steps.append("x = \(activation.torch("self.\(name)(x)"))")
      (size, directions) = (dense.weights.columns, [.forward])
    case .convolution(let convolution): add(convolution)
    case .normalization(let gain, _, let epsilon):
      let name = names.next("normalization")
      modules.append("self.\(name) = nn.LayerNorm(\(gain.count), eps=\(epsilon))")
      steps.append("x = self.\(name)(x)")
    case .pooling(let pooling):
      steps.append(
        "x, lengths = pool(x, lengths, \(pooling.width), \(pooling.stride), \"\(pooling.padding.rawValue)\","
          + " \"\(pooling.kind.rawValue)\")")
      directions = [.forward]
    case .pool(let kind): add(kind)
    case .attention(let attention):
      let units = attention.projection.weights.columns
      modules.append("self.pooling_projection = nn.Linear(\(size), \(units))")
      modules.append("self.pooling_score = nn.Linear(\(units), 1, bias=False)")
      steps.append("scores = self.pooling_score(torch.tanh(self.pooling_projection(x)))")
      steps.append("weights = torch.softmax(masked(scores, lengths, -torch.inf), 1)")
      steps.append("x = (weights * masked(x, lengths, 0.0)).sum(1)")
      directions = [.forward]
    case .residual(let inner):
      steps.append("before = x")
      _ = try add(inner, pools: false, file: file)
      steps.append("x = before + x")
      directions = [.forward]
    case .highway(let inner, _):
      steps.append("before = x")
      let inputs = size
      _ = try add(inner, pools: false, file: file)
      let name = names.next("highway")
      modules.append("self.\(name) = nn.Linear(\(inputs), \(size))")
      steps.append("x = before + torch.sigmoid(self.\(name)(before)) * (x - before)")
      directions = [.forward]
    }
    return false
  }

  private mutating func add(_ level: RecurrentLevel, pools: Bool, file: String) throws(WeftError) {
    let name = names.next("layer")
    modules.append("self.\(name) = \(try constructor(level, file: file))")
    if level.isBackward {
      steps.append("x, last = run(self.\(name), backward(x, lengths), lengths)")
      steps.append(pools ? "x = last" : "x = backward(x, lengths)")
    } else {
      steps.append(pools ? "_, x = run(self.\(name), x, lengths)" : "x, _ = run(self.\(name), x, lengths)")
    }
    let hidden = level.layers[0].hidden
    size = hidden
    directions = [level.isBackward ? .backward : .forward]
    guard level.layers.count > 1 else { return }
    if level.merge == .concatenate { (size, directions) = (2 * hidden, [.forward, .backward]) }
    switch level.merge {
    case .concatenate: break
    case .sum: steps.append("x = x[..., :\(hidden)] + x[..., \(hidden):]")
    case .mean: steps.append("x = (x[..., :\(hidden)] + x[..., \(hidden):]) / 2")
    case .product: steps.append("x = x[..., :\(hidden)] * x[..., \(hidden):]")
    }
  }

  private mutating func add(_ convolution: ConvolutionWeights) {
    let name = names.next("convolution")
    modules.append(
      "self.\(name) = nn.Conv1d(\(convolution.inputs), \(convolution.filters), \(convolution.width),"
        + " stride=\(convolution.stride), dilation=\(convolution.dilation))")
    steps.append("x, lengths = convolve(self.\(name), x, lengths, \"\(convolution.padding.rawValue)\")")
    if convolution.activation != .linear { steps.append("x = \(convolution.activation.torch("x"))") }
    (size, directions) = (convolution.filters, [.forward])
  }

  private mutating func add(_ kind: PoolKind) {
    let last = "x[torch.arange(len(x)), lengths - 1]"
    switch kind {
    case .last where directions == [.backward]: steps.append("x = x[:, 0]")
    case .last where directions.count == 2:
      steps.append("x = torch.cat([\(last)[:, :\(size / 2)], x[:, 0, \(size / 2):]], -1)")
    case .last, .lastPosition: steps.append("x = \(last)")
    case .mean, .attention: steps.append("x = masked(x, lengths, 0.0).sum(1) / lengths[:, None]")
    case .maximum: steps.append("x = masked(x, lengths, -torch.inf).amax(1)")
    }
    directions = [.forward]
  }

  /// A text as Python writes it, which JSON's form is as well.
  private static func quoted(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    guard let bytes = try? encoder.encode(text) else { preconditionFailure("texts can be encoded") }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The program's text.
  ///
  /// - Parameters:
  ///   - weights: Name of the file with the state dictionary, in the program's folder.
  ///   - format: Format of that file.
  func text(weights: String, format: InterchangeFormat) -> String {
    let isHDF5 = format == .pytorch
    let inputs: String
    let example: String
    switch network.input {
    case .tokens(let count):
      (inputs, example) = ("tokens [batch, time]", "torch.randint(\(count), (2, 7))")
    case .features(let count):
      (inputs, example) = ("features [batch, time, \(count)]", "torch.randn(2, 7, \(count))")
    }
    let shape =
      network.outputSteps == .everyStep
      ? "[batch, time, \(network.outputSize)]" : "[batch, \(network.outputSize)]"
    let called = Self.functions.filter { function in steps.contains { $0.contains(" \(function.name)(") } }
    let used = Self.functions.filter { function in
      (called.map(\.text) + steps).contains { $0.contains(" \(function.name)(") }
    }
    return """
      \"""A network that Weft trained: \(network.summary).

      Needs PyTorch and \(isHDF5 ? "h5py" : "safetensors"), and its weights beside it.
      \"""

      from pathlib import Path

      \(isHDF5 ? "import h5py\nimport torch" : "import torch\nfrom safetensors.torch import load_file")
      from torch import nn
      from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

      \(used.map { "\n" + $0.text + "\n\n" }.joined())
      class Network(nn.Module):
          def __init__(self):
              super().__init__()
      \(modules.map { "        " + $0 }.joined(separator: "\n"))

          def forward(self, inputs, lengths=None):
              \"""Outputs \(shape) before the loss.

              inputs: \(inputs); lengths: the steps of each row [batch], all of them by default.
              \"""
              if lengths is None:
                  lengths = torch.full((inputs.shape[0],), inputs.shape[1])
      \(steps.map { "        " + $0 }.joined(separator: "\n"))


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
              print(load()(\(example)))

      """
  }
}

extension Activation {
  /// f of an expression.
  fileprivate func torch(_ x: String) -> String {
    switch self {
    case .linear: x
    case .relu: "torch.relu(\(x))"
    case .leakyReLU: "nn.functional.leaky_relu(\(x), 0.01)"
    case .elu: "nn.functional.elu(\(x))"
    case .gelu: "nn.functional.gelu(\(x))"
    case .tanh: "torch.tanh(\(x))"
    case .sigmoid: "torch.sigmoid(\(x))"
    case .softplus: "nn.functional.softplus(\(x))"
    case .hardSigmoid: "nn.functional.hardsigmoid(\(x))"
    case .hardSigmoidKeras2: "torch.clamp(0.2 * \(x) + 0.5, 0, 1)"
    }
  }
}
