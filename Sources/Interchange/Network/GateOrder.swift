import WeftLayers

/// Gate order of another program, and which gates are complemented: where its gate is 1 − g, weights and biases change
/// sign, because σ(−x) = 1 − σ(x).
package struct GateOrder: Sendable, Equatable {
  /// Index in the other program of each of Weft's gates.
  private let places: [Int]
  /// Weft's indices of complemented gates.
  private let negated: Set<Int>

  /// Of a cell's weights and biases.
  package init(_ cell: CellType, _ foreign: ForeignCell) {
    self.init(cell.gates, foreign.gates, complements: foreign.complements)
  }

  /// - Parameters:
  ///   - own: Weft's gates, one letter each.
  ///   - foreign: The same letters in the other program's order.
  ///   - complements: Gates that are 1 − g in the other program.
  package init(_ own: String, _ foreign: String, complements: Set<Character> = []) {
    let order = Array(foreign)
    places = own.map { gate in
      guard let place = order.firstIndex(of: gate) else { preconditionFailure("\(foreign) lacks \(gate)") }
      return place
    }
    negated = Set(own.enumerated().filter { complements.contains($0.element) }.map(\.offset))
  }

  package var gates: Int { places.count }

  /// Columns `[rows, gates · hidden]` as Weft has them, from those of the other program.
  package func imported(_ matrix: WeightMatrix) -> WeightMatrix {
    rearranged(matrix) { (from: places[$0], to: $0, isNegated: negated.contains($0)) }
  }

  /// Columns as the other program has them, from those of Weft.
  package func exported(_ matrix: WeightMatrix) -> WeightMatrix {
    rearranged(matrix) { (from: $0, to: places[$0], isNegated: negated.contains($0)) }
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

extension ForeignCell.Parameter {
  private var order: GateOrder? {
    guard let gates, let ownGates else { return nil }
    return GateOrder(ownGates, gates)
  }

  /// The parameter as the other program has it.
  func exported(_ matrix: WeightMatrix) -> WeightMatrix { order?.exported(matrix) ?? matrix }

  /// The parameter as Weft has it.
  func imported(_ matrix: WeightMatrix) -> WeightMatrix { order?.imported(matrix) ?? matrix }
}
