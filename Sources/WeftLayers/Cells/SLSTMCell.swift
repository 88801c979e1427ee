import KernelInterface
import WeftTensor

extension CellType {
  /// Scalar LSTM of an xLSTM.
  public static let sLSTM = CellType(
    name: "slstm", gates: "ifzo", hasCellState: true, cellVectors: 3,
    hasLayerNormalization: false, recurrentWeights: .blocks,
    initialBias: { options in
      options.memorySpan.map { .timescales(signs: [0, 1, 0, 0], longest: $0) }
        ?? .gates([0, options.forgetBias, 0, 0])
    },
    make: { builder in
      SLSTMCell(heads: builder.headProjections(), units: builder.units)
    })
}

/// LSTM with an exponential input gate (Beck et al. 2024, equations 8 to 15): with a = W x + b + R h₋₁, z = tanh(a);
/// o = σ(a); c = σ(a_f)∘c₋₁ + exp(a_i)∘z; n = σ(a_f)∘n₋₁ + exp(a_i); h = o∘c / n. Both c and n are kept multiplied by
/// exp(−m), of which h is independent; m grows and falls with them, so that nothing overflows.
///
/// R is block-diagonal: each head's gates see the head's part of h₋₁ alone. The cell state is c, n and m side by side, all
/// zero at first.
package struct SLSTMCell: RecurrentCell {
  /// R, head by head, each of all gates.
  private let heads: [Projection]
  private let units: Int
  /// Units of a head.
  private var size: Int { units / heads.count }
  /// Columns of all gates of a head.
  private var outputs: Int { heads[0].outputs }

  init(heads: [Projection], units: Int) {
    self.heads = heads
    self.units = units
  }

  package var recurrentProjections: [Projection] { heads }
  package var hasDirectPath: Bool { false }

  /// With several heads: the gates of each head side by side, in turn products with R and gradients; and ∂L/∂h₋₁ of one.
  package var kept: [Int] { heads.count == 1 ? [] : [heads.count * outputs, VectorWidth.padded(size)] }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    let input = pass.recurrentInputs.rows(segment.previous)
    let isZero = pass.followsZero(segment)
    if heads.count == 1 {
      heads[0].forward(input, isZero: isZero, initial: .result, into: gates, record: nil, shard)
    } else if !isZero {
      let products = pass.kept[0].rows(segment.positions)
      for (head, projection) in heads.enumerated() {
        projection.forward(
          input.columns(elements(of: head)), initial: .zero, into: columns(of: head, in: products),
          record: nil,
          shard)
        forEachGate(of: head, products, gates) { product, gate in shard.kernels.add(product, to: gate) }
      }
    }
    shard.kernels.slstmForward(
      gates: gates, previousCell: pass.cell.rows(segment.previous), cell: pass.newCell(segment),
      hidden: pass.newHidden(segment))
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions)
    shard.kernels.slstmBackward(
      gates: gates, previousCell: pass.cell.rows(segment.previous), cell: pass.newCell(segment),
      hiddenGradient: hiddenGradient, cellGradient: cellGradient)
    if heads.count == 1 {
      if pass.endsGradient(segment) { return }
      return heads[0].backward(gates, initial: .zero, into: recurrentGradient, record: nil, shard)
    }
    let gradients = pass.kept[0].rows(segment.positions)
    let scratch = pass.kept[1].rows(segment.positions)
    for (head, projection) in heads.enumerated() {
      let own = columns(of: head, in: gradients)
      // The padding of each gate is part of products.
      shard.kernels.initialize(own, from: .zero)
      forEachGate(of: head, gradients, gates) { gradient, gate in shard.kernels.copy(gate, into: gradient) }
      if pass.endsGradient(segment) { continue }
      projection.backward(own, initial: .zero, into: scratch, record: nil, shard)
      shard.kernels.copy(
        scratch.columns(0..<size), into: recurrentGradient.columns(elements(of: head)))
    }
  }

  package func gradientGroups(
    _ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard
  ) -> [GradientGroup] {
    if heads.count == 1 {
      return [
        GradientGroup(
          right: pass.gates.stored, inputGates: 0..<4,
          operands: [heads[0].operand(pass.recurrentInputs, rows: previousStates, shard)])
      ]
    }
    let own = heads.enumerated().map { head, projection in
      GradientGroup(
        right: .float32(columns(of: head, in: pass.kept[0])), inputGates: nil,
        operands: [
          projection.operand(
            pass.recurrentInputs.columns(elements(of: head)), rows: previousStates, shard)
        ], width: size)
    }
    return [GradientGroup(right: pass.gates.stored, inputGates: 0..<4, operands: [])] + own
  }

  package func accumulateNormalized(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {}

  /// The head's part of the hidden state.
  private func elements(of head: Int) -> Range<Int> { head * size..<(head + 1) * size }

  /// The head's part of the gates of all heads.
  private func columns(of head: Int, in matrix: Matrix) -> Matrix {
    matrix.columns(head * outputs..<(head + 1) * outputs)
  }

  /// Each gate of a head in a matrix of head by head, and in one of gate by gate.
  private func forEachGate(
    of head: Int, _ headwise: Matrix, _ gatewise: Matrix,
    _ body: (_ headwise: Matrix, _ gatewise: Matrix) -> Void
  ) {
    for gate in 0..<4 {
      let first = head * outputs + gate * VectorWidth.padded(size)
      let other = gate * VectorWidth.padded(units) + head * size
      body(headwise.columns(first..<first + size), gatewise.columns(other..<other + size))
    }
  }
}
