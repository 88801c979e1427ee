import KernelInterface
import WeftLayers

/// Cell states of an LSTM as outputs, which its layer keeps to itself.
extension BlockChain {
  /// Gives the cell states of the last block, an `lstm` that reads forward, in place of its hidden states.
  ///
  /// The gates of a step are products of its inputs and the hidden state before it, which a causal convolution of two
  /// steps computes of both side by side. An `lstm` without recurrent weights, whose output gate is open and whose
  /// activation is linear, adds them up to the cell states, which are its outputs.
  /// - Returns: Whether the last block is one that begins with zeros, with the usual activations.
  mutating func takeCellStates() -> Bool {
    guard scaling == nil, case .recurrent(let level) = blocks.last, level.layers.count == 1,
      !level.isBackward,
      let layer = level.layers.first, layer.cell == .lstm, layer.hasOwnActivations, !layer.hasOwnSteps,
      layer.initialHidden == nil, layer.initialCell == nil, layer.hidden <= Self.maximumIdentity,
      let sources = CellGates(layer)
    else { return false }
    let place = blocks.count - 1
    replace(
      place...place,
      by: [
        .branches([[], [.recurrent(level)]], merge: .concatenate),
        .branches(
          [
            [.convolution(sources.convolution(["i", "f"], .linear))],
            [.convolution(sources.convolution(["g"], .tanh))],
          ], merge: .concatenate),
        .recurrent(RecurrentLevel([sources.sum])),
      ])
    return true
  }
}

/// The gates of an LSTM as functions of its inputs and the hidden states before.
private struct CellGates {
  let layer: RecurrentWeights
  /// Places of the gates by their letters.
  let places: [Character: Int]

  init?(_ layer: RecurrentWeights) {
    self.layer = layer
    places = Dictionary(uniqueKeysWithValues: layer.cell.gates.enumerated().map { ($1, $0) })
    guard Set(places.keys) == ["i", "f", "o", "g"] else { return nil }
  }

  /// Some gates of each step, before their functions, and then f.
  func convolution(_ gates: [Character], _ function: Activation) -> ConvolutionWeights {
    let (inputs, units) = (layer.inputs, layer.units)
    let (width, columns) = (inputs + units, gates.count * units)
    var weights = WeightMatrix(
      rows: 2 * width, columns: columns, values: [Float](repeating: 0, count: 2 * width * columns))
    var bias: [Float] = []
    for (number, gate) in gates.enumerated() {
      let first = (places[gate] ?? 0) * units
      bias += layer.bias[first..<first + units]
      func copy(_ row: ArraySlice<Float>, to target: Int) {
        let start = target * columns + number * units
        weights.values.replaceSubrange(
          start..<start + units, with: row[row.startIndex + first..<row.startIndex + first + units])
      }
      // The hidden state of the step before, and the inputs of this one.
      for unit in 0..<units { copy(layer.recurrent.row(unit)[...], to: inputs + unit) }
      for input in 0..<inputs { copy(layer.input.row(input)[...], to: width + input) }
    }
    return ConvolutionWeights(
      dense: DenseWeights(weights: weights, bias: bias), width: 2, stride: 1, dilation: 1, padding: .causal,
      activation: function)
  }

  /// The layer that adds up the input, forget and candidate values that it reads side by side.
  var sum: RecurrentWeights {
    let units = layer.units
    func zeros(_ rows: Int) -> WeightMatrix {
      WeightMatrix(rows: rows, columns: 4 * units, values: [Float](repeating: 0, count: rows * 4 * units))
    }
    var input = zeros(3 * units)
    for (number, gate) in (["i", "f", "g"] as [Character]).enumerated() {
      for unit in 0..<units {
        input.values[(number * units + unit) * 4 * units + (places[gate] ?? 0) * units + unit] = 1
      }
    }
    // σ(100) is 1.
    var bias = [Float](repeating: 0, count: 4 * units)
    for unit in 0..<units { bias[(places["o"] ?? 0) * units + unit] = 100 }
    var result = RecurrentWeights(cell: .lstm, input: input, recurrent: zeros(units), bias: bias)
    result.activation = .linear
    return result
  }
}
