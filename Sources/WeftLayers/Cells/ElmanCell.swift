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
      name: name, gates: "h",
      foreign: [
        .keras: foreign("SimpleRNN", "activation", activation),
        .pytorch: foreign("RNN", "nonlinearity", activation),
        .onnx: foreign("RNN", "activations", activation),
      ],
      make: { builder in
        ElmanCell(activation: function, recurrent: builder.recurrentProjections(0..<1)[0])
      })
  }
}

/// The vanilla recurrent cell (Elman 1990): h = f(W x + b + U h₋₁), f = tanh or ReLU.
package struct ElmanCell: RecurrentCell {
  let activation: ElmanActivation
  let recurrent: Projection

  package var recurrentProjections: [Projection] { [recurrent] }
  package var hasDirectPath: Bool { false }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    recurrent.forward(
      pass.recurrentInputs.rows(segment.previous), isZero: pass.followsZero(segment), initial: .result,
      into: gates, record: pass.record(0, segment), shard)
    shard.kernels.elmanForward(activation, gates: gates, hidden: pass.hidden.rows(segment.current))
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions)
    shard.kernels.elmanBackward(
      activation, gates: gates, hidden: pass.hidden.rows(segment.current), hiddenGradient: hiddenGradient)
    let record = pass.record(0, segment)
    if pass.endsGradient(segment) { return recurrent.normalizeBackward(gates, record: record, shard) }
    recurrent.backward(gates, initial: .zero, into: recurrentGradient, record: record, shard)
  }

  package func gradientGroups(
    _ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard
  ) -> [GradientGroup] {
    [
      GradientGroup(
        right: pass.gates, inputGates: 0..<1,
        operands: [recurrent.operand(pass.recurrentInputs, rows: previousStates, shard)])
    ]
  }

  package func accumulateNormalized(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {
    guard let record = pass.records[0] else { return }
    recurrent.accumulateNormalized(
      inputs: pass.recurrentInputs, inputRows: previousStates, gradient: pass.gates, record: record,
      index: pass.layout.lanePositions, shard)
  }
}
