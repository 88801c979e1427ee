import WeftLayers

/// Modules and methods of an encoder-decoder or autoencoder in PyTorch.
struct TorchDecoder {
  private(set) var modules: [String]
  private(set) var cells: TorchCells
  /// `encode`, `step` and `forward`.
  private(set) var methods = ""
  private let network: EncoderDecoderDescription
  private let encoder: TorchBlocks

  init(_ network: EncoderDecoderDescription) {
    self.network = network
    encoder = TorchBlocks(network.encoder, keepsLast: true)
    (modules, cells) = (encoder.modules, encoder.cells)
    let decoder = network.decoder
    for (name, dense) in network.torchDense {
      modules.append("self.\(name) = nn.Linear(\(dense.weights.rows), \(dense.weights.columns))")
    }
    for (name, matrix) in network.torchMatrices {
      modules.append("self.\(name) = nn.Linear(\(matrix.rows), \(matrix.columns), bias=False)")
    }
    if case .tokens(let rows) = decoder.input {
      modules.append("self.decoder_embedding = nn.Embedding(\(rows.rows), \(rows.columns))")
    }
    let layers = decoder.layers.map { cells.constructor($0, isBackward: false) }
    modules.append("self.decoder = nn.ModuleList([\(layers.joined(separator: ", "))])")
    methods = [encode, step, forward].joined(separator: "\n\n")
  }

  private var encode: String {
    var lines = ["last = []"] + encoder.steps
    if network.encoder.blocks.isEmpty {
      lines.append("mean = masked(x, lengths, 0.0).sum(1) / lengths[:, None]")
    }
    let levels = network.encoder.levels
    var states: [String] = []
    for (number, (bridge, layer)) in zip(network.bridges, network.decoder.layers).enumerated() {
      let source = min(number, levels.count - 1)
      let hidden = levels.isEmpty ? "mean" : "last[\(source)][0]"
      var parts = [
        bridge.hidden == nil ? hidden : "torch.tanh(self.bridge\(number)_hidden(\(hidden)))"
      ]
      if layer.cell.hasCellState {
        let cell = levels.isEmpty || !levels[source][0].cell.hasCellState ? hidden : "last[\(source)][1]"
        if layer.cell.cellVectors > 1, bridge.hidden != nil {
          parts.append("x.new_zeros(len(x), \(layer.cell.cellVectors * layer.units))")
        } else {
          parts.append(bridge.cell == nil ? cell : "self.bridge\(number)_cell(\(cell))")
        }
      }
      states.append("[\(parts.joined(separator: ", "))]")
    }
    lines.append("return x, lengths, [\(states.joined(separator: ", "))]")
    return """
      def encode(self, inputs, lengths):
          \"""The memory of attention with its lengths, and the first states of each layer of the decoder.\"""
      \(TorchProgram.indented(lines))
      """
  }

  private var step: String {
    let decoder = network.decoder
    let first =
      switch decoder.input {
      case .tokens: "x = self.decoder_embedding(previous)"
      case .features: "x = previous"
      case .none: "x = memory.new_zeros(len(memory), 1)"
      }
    var lines = [first, "after = []", "for number, (layer, state) in enumerate(zip(self.decoder, states)):"]
    lines.append("    sums = layer.gates(x)")
    if decoder.feeding != nil {
      lines.append("    sums = sums + self.feeding(feed) if number == 0 else sums")
    }
    lines += ["    after.append(layer.step(sums, *state))", "    x = after[-1][0]"]
    if let attention = decoder.attention {
      lines.append(
        attention.vector == nil
          ? "scores = torch.einsum(\"bth,bh->bt\", keys, x)"
          : "scores = self.attention_vector(torch.tanh(keys + self.attention_query(x)[:, None]))[..., 0]")
      lines.append("weights = torch.softmax(torch.where(inside, scores, -torch.inf), -1)")
      lines.append("context = torch.einsum(\"bt,btm->bm\", weights, memory)")
      lines.append("x = torch.tanh(self.context(context) + self.state(x))")
    }
    lines.append("return self.output(x), after, x")
    return """
      def step(self, previous, states, feed, memory, keys, inside):
          \"""The outputs of a step, the states after it, and what the next step reads of it.\"""
      \(TorchProgram.indented(lines))
      """
  }

  private var forward: String {
    let decoder = network.decoder
    let end = decoder.output.weights.columns - 1
    let keys =
      decoder.attention.map { $0.key == nil ? "memory" : "self.attention_key(memory)" } ?? "None"
    let input = network.encoder.input.torchInput
    let start = """
          inputs: \(input.description); lengths: the steps of each row [batch], all of them by default.
          \"""
          if lengths is None:
              lengths = torch.full((inputs.shape[0],), inputs.shape[1])
          memory, kept, states = self.encode(inputs, lengths)
          keys, inside = \(keys), torch.arange(memory.shape[1]) < kept[:, None]
          feed = memory.new_zeros(len(inputs), \(decoder.hidden))
      """
    if network.writesTokens {
      return """
        def forward(self, inputs, lengths=None, maximum=100):
            \"""The most probable token of each step [batch, steps]; \(end) from the end of a row.

        \(start)
            previous = torch.full((len(inputs),), \(end))
            tokens, ended = [], torch.zeros(len(inputs), dtype=torch.bool)
            while len(tokens) < maximum and not ended.all():
                outputs, states, feed = self.step(previous, states, feed, memory, keys, inside)
                previous = torch.where(ended, \(end), outputs.argmax(-1))
                ended = ended | (previous == \(end))
                tokens.append(previous)
            return torch.stack(tokens, 1)
        """
    }
    return """
      def forward(self, inputs, lengths=None):
          \"""What the decoder makes of its memory of the inputs [batch, time, \(end + 1)].

      \(start)
          previous = memory.new_zeros(len(inputs), \(end + 1))
          written = []
          for _ in range(inputs.shape[1]):
              previous, states, feed = self.step(previous, states, feed, memory, keys, inside)
              written.append(previous)
          # The last step of a row is written first.
          return backward(torch.stack(written, 1), lengths)
      """
  }
}

extension EncoderDecoderDescription {
  /// Linear modules with a bias, by their names in PyTorch.
  var torchDense: [(name: String, dense: DenseWeights)] {
    var result: [(name: String, dense: DenseWeights)] = []
    for (number, bridge) in bridges.enumerated() {
      if let hidden = bridge.hidden { result.append(("bridge\(number)_hidden", hidden)) }
      if let cell = bridge.cell { result.append(("bridge\(number)_cell", cell)) }
    }
    return result + [("output", decoder.output)]
  }

  /// Linear modules without a bias.
  var torchMatrices: [(name: String, matrix: WeightMatrix)] {
    [
      ("feeding", decoder.feeding), ("attention_query", decoder.attention?.query),
      ("attention_key", decoder.attention?.key), ("attention_vector", decoder.attention?.vector),
      ("context", decoder.combination?.context), ("state", decoder.combination?.state),
    ].compactMap { name, matrix in matrix.map { (name: name, matrix: $0) } }
  }
}
