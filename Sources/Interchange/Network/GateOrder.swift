import Weft

/// Where another program keeps each of Weft's gates, and which of them it negates.
///
/// Weft's gates are i, f, g, o (LSTM) and z, r, h̃ with h = (1 − z)∘h₋₁ + z∘h̃ (GRU). All other programs here have
/// h = z∘h₋₁ + (1 − z)∘h̃: their z is 1 − z, and σ(−x) = 1 − σ(x), so weights and biases of z change sign.
package struct GateOrder: Sendable, Equatable {
  /// The other program's number of each of Weft's gates.
  private let places: [Int]
  /// Weft's number of the gate that is negated.
  private let negated: Int?

  private init(_ places: [Int], negated: Int? = nil) {
    self.places = places
    self.negated = negated
  }

  package var gates: Int { places.count }

  /// `keras.layers`: i, f, c, o; z, r, h.
  package static func keras(_ cell: CellKind) -> GateOrder {
    switch cell {
    case .tanh, .relu: GateOrder([0])
    case .lstm: GateOrder([0, 1, 2, 3])
    case .gru, .gruResetAfter: GateOrder([0, 1, 2], negated: 0)
    }
  }

  /// `torch.nn`: i, f, g, o; r, z, n.
  package static func pytorch(_ cell: CellKind) -> GateOrder {
    switch cell {
    case .tanh, .relu: GateOrder([0])
    case .lstm: GateOrder([0, 1, 2, 3])
    case .gru, .gruResetAfter: GateOrder([1, 0, 2], negated: 0)
    }
  }

  /// The ONNX operators: i, o, f, c; z, r, h.
  package static func onnx(_ cell: CellKind) -> GateOrder {
    switch cell {
    case .tanh, .relu: GateOrder([0])
    case .lstm: GateOrder([0, 2, 3, 1])
    case .gru, .gruResetAfter: GateOrder([0, 1, 2], negated: 0)
    }
  }

  /// Columns `[rows, gates · hidden]` as Weft has them, from those of the other program.
  package func imported(_ matrix: WeightMatrix) -> WeightMatrix {
    rearranged(matrix) { (from: places[$0], to: $0, isNegated: $0 == negated) }
  }

  /// Columns as the other program has them, from those of Weft.
  package func exported(_ matrix: WeightMatrix) -> WeightMatrix {
    rearranged(matrix) { (from: $0, to: places[$0], isNegated: $0 == negated) }
  }

  /// One row of biases `[gates · hidden]`, from those of the other program.
  package func imported(_ biases: some Collection<Float>) -> [Float] {
    imported(WeightMatrix(rows: 1, columns: biases.count, values: Array(biases))).values
  }

  /// One row of biases as the other program has them, from those of Weft.
  package func exported(_ biases: some Collection<Float>) -> [Float] {
    exported(WeightMatrix(rows: 1, columns: biases.count, values: Array(biases))).values
  }

  private func rearranged(
    _ matrix: WeightMatrix, _ move: (_ gate: Int) -> (from: Int, to: Int, isNegated: Bool)
  ) -> WeightMatrix {
    precondition(matrix.columns % gates == 0)
    let width = matrix.columns / gates
    var result = matrix
    for gate in places.indices {
      let (source, target, isNegated) = move(gate)
      for row in 0..<matrix.rows {
        for unit in 0..<width {
          let value = matrix.values[row * matrix.columns + source * width + unit]
          result.values[row * matrix.columns + target * width + unit] = isNegated ? -value : value
        }
      }
    }
    return result
  }
}
