import KernelInterface
import WeftLayers

/// A recurrent layer in one direction: gates side by side in the order of ``CellType/gates``.
package struct RecurrentWeights: Sendable, Equatable {
  package var cell: CellType
  /// Of the candidate and the state, for cells that allow others.
  package var activation: Activation
  /// Of the gates.
  package var recurrentActivation = Activation.sigmoid
  /// Heads of the recurrent weights.
  package var heads = 1
  /// Share of the hidden and of the cell state before a step that remains after it.
  package var zoneout: Float = 0
  package var cellZoneout: Float = 0
  /// `[inputs, gates · units]`.
  package var input: WeightMatrix
  /// `[hidden, gates · units]`, of heads `[hidden, gates · units / heads]`; empty for cells without such a matrix.
  package var recurrent: WeightMatrix
  /// `[gates · units]`.
  package var bias: [Float]
  /// Biases of the recurrent product of the gates that have one of their own, ``CellType/recurrentBiasGates``.
  package var recurrentBias: [Float]
  /// Cell-specific parameters, and the gains of layer normalization, by their names in checkpoints.
  package var others: [String: WeightMatrix] = [:]
  /// The state before the first step `[hidden]`; nil for zeros.
  package var initialHidden: [Float]?
  /// The initial cell state `[units]`.
  package var initialCell: [Float]?

  /// Units of a gate.
  package var units: Int { input.columns / cell.gateCount }
  /// Size of the hidden state.
  package var hidden: Int { cell.hasProjection ? recurrent.rows : cell.hiddenVectors * units }
  package var inputs: Int { input.rows }

  package init(
    cell: CellType, input: WeightMatrix, recurrent: WeightMatrix, bias: [Float], recurrentBias: [Float] = []
  ) {
    self.cell = cell
    activation = cell.activation
    self.input = input
    self.recurrent = recurrent
    self.bias = bias
    self.recurrentBias = recurrentBias
  }

  /// A layer of a program that has a bias of the inputs and one of the recurrent product, both already in Weft's
  /// order `[gates · units]`; nil where it has none.
  package init(
    cell: CellType, input: WeightMatrix, recurrent: WeightMatrix, inputBias: [Float]?, recurrentBias: [Float]?
  ) {
    let zeros = [Float](repeating: 0, count: input.columns)
    let (inputBias, second) = (inputBias ?? zeros, recurrentBias ?? zeros)
    // A bias inside a product that is multiplied by another gate cannot join the other.
    let apart = input.columns / cell.gateCount * cell.recurrentBiasGates.count
    let shared = input.columns - apart
    self.init(
      cell: cell, input: input, recurrent: recurrent,
      bias: zip(inputBias, second[..<shared] + zeros[shared...]).map { $0 + $1 },
      recurrentBias: Array(second[shared...]))
  }

  /// The recurrent product's bias `[gates · units]` for programs that have one: zero but for the gates' that have their
  /// own.
  package var wholeRecurrentBias: [Float] {
    [Float](repeating: 0, count: bias.count - recurrentBias.count) + recurrentBias
  }
}

extension RecurrentWeights {
  /// Whether gates have layer normalization.
  package var isNormalized: Bool { others["input_gain"] != nil }

  /// Whether activations are the cell's own.
  var hasOwnActivations: Bool { activation == cell.activation && recurrentActivation == .sigmoid }

  /// Whether a step does more than the cell, which other programs' layers of the same cell do not.
  var hasOwnSteps: Bool { isNormalized || zoneout > 0 || cellZoneout > 0 }

  /// The parts of the state and their sizes.
  var stateSizes: [(name: String, size: Int)] {
    [("hidden", hidden)] + (cell.hasCellState ? [("cell", cell.cellVectors * units)] : [])
  }

  /// All parameters but the initial states by their names in checkpoints, with their shapes.
  var parameters: [(name: String, shape: [Int], values: [Float])] {
    var result: [(name: String, shape: [Int], values: [Float])] = [
      ("input_weights", [input.rows, input.columns], input.values)
    ]
    if !recurrent.values.isEmpty {
      result.append(("recurrent_weights", [recurrent.rows, recurrent.columns], recurrent.values))
    }
    result.append(("bias", [bias.count], bias))
    if !recurrentBias.isEmpty { result.append(("recurrent_bias", [recurrentBias.count], recurrentBias)) }
    for (name, matrix) in others.sorted(by: { $0.key < $1.key }) {
      result.append(
        (name, matrix.rows == 1 ? [matrix.columns] : [matrix.rows, matrix.columns], matrix.values))
    }
    return result
  }

  /// A parameter of one row.
  func row(_ name: String) -> [Float] {
    guard let values = parameters.first(where: { $0.name == name })?.values else {
      preconditionFailure("\(cell) has \(name)")
    }
    return values
  }

  /// A parameter that is a matrix.
  func matrix(_ name: String) -> WeightMatrix {
    guard let matrix = name == "recurrent_weights" ? recurrent : others[name] else {
      preconditionFailure("\(cell) has \(name)")
    }
    return matrix
  }
}
