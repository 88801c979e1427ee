import KernelInterface

/// What a recurrent layer is made from.
package struct RecurrentLayerOptions: Sendable, Equatable {
  package var kind: CellKind
  package var hiddenSize: Int
  package var layerNormalization = false
  package var learnsInitialState = false
  package var recurrentDropout: Float = 0
  /// First value of an LSTM's forget-gate bias.
  package var forgetBias: Float = 1
  /// Steps that the gates of gated cells are set to remember at most, in place of the forget bias; nil for the usual
  /// first values.
  package var memorySpan: Int?
  package var inputInitialization = Initialization.glorot
  package var recurrentInitialization = Initialization.orthogonal

  package init(kind: CellKind, hiddenSize: Int) {
    self.kind = kind
    self.hiddenSize = hiddenSize
  }
}

extension RecurrentLayerOptions {
  /// First values of the gates' biases.
  fileprivate var initialBias: InitialValues {
    switch (kind, memorySpan) {
    case (.tanh, _), (.relu, _): .zero
    // The forget gate keeps what the input gate leaves out.
    case (.lstm, let span?): .timescales(signs: [-1, 1, 0, 0], longest: span)
    case (.lstm, nil): .gate(index: 1, of: 4, value: forgetBias)
    case (.gru, let span?), (.gruResetAfter, let span?): .timescales(signs: [-1, 0, 0], longest: span)
    case (.gru, nil), (.gruResetAfter, nil): .zero
    }
  }
}

extension RecurrentLayer {
  /// Adds a layer's parameters to a model's layout.
  ///
  /// Parameters, under `path`, gates side by side (LSTM i, f, g, o; GRU z, r, h̃):
  /// `input_weights [inputSize, gates × hidden]`, `recurrent_weights [hidden, gates × hidden]`,
  /// `bias [gates × hidden]`; `recurrent_bias [hidden]` (GRU reset-after, the candidate's b′); `initial_hidden`,
  /// `initial_cell [hidden]` if learned; with layer normalisation `input_gain`, `recurrent_gain
  /// [gates × hidden]` and for the LSTM `cell_gain`, `cell_shift [hidden]`.
  package init(
    path: String, inputSize: Int, options: RecurrentLayerOptions, direction: Direction, purpose: UInt32,
    layout: inout ParameterLayout
  ) {
    let hidden = options.hiddenSize
    let gates =
      switch options.kind {
      case .tanh, .relu: 1
      case .lstm: 4
      case .gru, .gruResetAfter: 3
      }
    let builder = LayerBuilder(path: path, hidden: hidden, gates: gates, options: options)
    kind = options.kind
    self.direction = direction
    hiddenSize = hidden
    self.inputSize = inputSize
    self.purpose = purpose
    recurrentDropout = options.recurrentDropout
    let inputWeights = layout.add(
      "\(path)/input_weights", rows: inputSize, columns: gates * hidden,
      initialization: options.inputInitialization.values(gates: gates), isWeight: true)
    let recurrentWeights = layout.add(
      "\(path)/recurrent_weights", rows: hidden, columns: gates * hidden,
      initialization: options.recurrentInitialization.values(gates: gates), isWeight: true)
    let biasParameter = builder.row("bias", gates: gates, options.initialBias, &layout)
    bias = PaddedRow(biasParameter, width: hidden)
    input = Projection(
      inputWeights, width: hidden, gain: builder.gain("input_gain", gates: 0..<gates, &layout).first)

    switch options.kind {
    case .tanh, .relu:
      cell = ElmanCell(
        activation: options.kind == .tanh ? .tanh : .relu,
        recurrent: Projection(
          recurrentWeights, width: hidden, gain: builder.gain("recurrent_gain", gates: 0..<1, &layout).first))
    case .lstm:
      let recurrent = Projection(
        recurrentWeights, width: hidden, gain: builder.gain("recurrent_gain", gates: 0..<4, &layout).first)
      cell = LSTMCell(recurrent: recurrent, cellNormalization: builder.cellNormalization(&layout))
    case .gru, .gruResetAfter:
      let gain = builder.gain("recurrent_gain", gates: 0..<2, and: 2..<3, &layout)
      let gateRecurrent = Projection(
        recurrentWeights, width: hidden, columns: 0..<2 * hidden, gain: gain.first)
      let candidateRecurrent = Projection(
        recurrentWeights, width: hidden, columns: 2 * hidden..<3 * hidden, gain: gain.last)
      if options.kind == .gruResetAfter {
        cell = GRUResetAfterCell(
          gateRecurrent: gateRecurrent, candidateRecurrent: candidateRecurrent,
          recurrentBias: PaddedRow(builder.row("recurrent_bias", gates: 1, .zero, &layout), width: hidden))
      } else {
        cell = GRUResetBeforeCell(gateRecurrent: gateRecurrent, candidateRecurrent: candidateRecurrent)
      }
    }
    let learns = options.learnsInitialState
    initialHidden = learns ? builder.row("initial_hidden", gates: 1, .zero, &layout) : nil
    initialCell =
      learns && options.kind == .lstm ? builder.row("initial_cell", gates: 1, .zero, &layout) : nil
  }
}

private struct LayerBuilder {
  let path: String
  let hidden: Int
  let gates: Int
  let options: RecurrentLayerOptions

  func row(
    _ name: String, gates: Int, _ initialization: InitialValues, _ layout: inout ParameterLayout
  ) -> Parameter {
    layout.add(
      "\(path)/\(name)", rows: 1, columns: gates * hidden, initialization: initialization, isWeight: false)
  }

  /// Layer normalisation's gains of one or two ranges of gates; empty without it.
  func gain(
    _ name: String, gates first: Range<Int>, and second: Range<Int>? = nil, _ layout: inout ParameterLayout
  ) -> [PaddedRow] {
    guard options.layerNormalization else { return [] }
    let parameter = row(name, gates: first.count + (second?.count ?? 0), .constant(1), &layout)
    return [first, second].compactMap(\.self).map {
      PaddedRow(parameter, width: hidden, columns: $0.lowerBound * hidden..<$0.upperBound * hidden)
    }
  }

  func cellNormalization(_ layout: inout ParameterLayout) -> LSTMCell.CellNormalization? {
    guard options.layerNormalization else { return nil }
    return LSTMCell.CellNormalization(
      gain: PaddedRow(row("cell_gain", gates: 1, .constant(1), &layout), width: hidden),
      shift: PaddedRow(row("cell_shift", gates: 1, .zero, &layout), width: hidden))
  }
}
