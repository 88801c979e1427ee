import KernelInterface

extension CellType {
  /// Vanilla, h = tanh(·).
  public static let tanh = elman("rnn-tanh", .tanh, activation: "tanh")
  /// Vanilla, h = max(0, ·).
  public static let relu = elman("rnn-relu", .relu, activation: "relu")

  private static func elman(_ name: String, _ function: ElmanActivation, activation: String) -> CellType {
    func foreign(_ name: String, _ key: String, _ value: String) -> ForeignCell {
      ForeignCell(name: name, gates: "h", settings: [key: .text(value)], isDefault: activation == "tanh")
    }
    return CellType(
      name: name, gates: "h", hasActivations: function == .tanh,
      foreign: [
        .keras: foreign("SimpleRNN", "activation", activation),
        .pytorch: foreign("RNN", "nonlinearity", activation),
        .onnx: foreign("RNN", "activations", activation),
      ],
      make: { builder in
        let recurrent = builder.recurrentProjections(0..<1)[0]
        let other = builder.options.activation ?? .tanh
        return function == .relu || other == .tanh
          ? ElmanCell(activation: function, recurrent: recurrent)
          : ActivatedElmanCell(activation: other, recurrent: recurrent)
      })
  }
}

/// The vanilla recurrent cell (Elman 1990): h = f(W x + b + U h₋₁), f = tanh or ReLU.
package struct ElmanCell: SingleProjectionCell {
  let activation: ElmanActivation
  package let recurrent: Projection

  package var readsRoundedSteps: Bool { true }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    addRecurrentProduct(to: gates, segment, pass, shard)
    let (hidden, kernels, activation) = (pass.newHidden(segment), shard.kernels, activation)
    shard.divide(rows: gates.rows) { rows in
      kernels.elmanForward(activation, gates: gates.rows(rows), hidden: hidden.rows(rows))
    }
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions)
    let (hidden, kernels, activation) = (pass.newHidden(segment), shard.kernels, activation)
    shard.divide(rows: gates.rows) { rows in
      kernels.elmanBackward(
        activation, gates: gates.rows(rows), hidden: hidden.rows(rows),
        hiddenGradient: hiddenGradient.rows(rows))
    }
    backwardRecurrentProduct(gates, segment, pass, into: recurrentGradient, shard)
  }
}

/// The vanilla recurrent cell with another activation.
package struct ActivatedElmanCell: SingleProjectionCell {
  let activation: Activation
  package let recurrent: Projection

  package var readsRoundedSteps: Bool { true }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    addRecurrentProduct(to: gates, segment, pass, shard)
    let hidden = pass.newHidden(segment)
    shard.kernels.activate(activation, gates.columns(0..<hidden.columns), into: hidden)
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions)
    shard.kernels.copy(hiddenGradient, into: gates.columns(0..<hiddenGradient.columns))
    shard.kernels.activateBackward(
      activation, gates.columns(0..<hiddenGradient.columns), values: pass.newHidden(segment))
    backwardRecurrentProduct(gates, segment, pass, into: recurrentGradient, shard)
  }
}
