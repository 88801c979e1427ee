import KernelInterface

/// A recurrent cell of one's own.
///
/// Its gates are a = f(W x + b + U h₋₁), each with its own f, as those of an LSTM. The layer computes them for all rows at
/// once; what is left of a time step is element-wise, and is written here for one row. Everything else that a layer does
/// is there for the cell, too: ragged minibatches, both directions, dropout, zoneout, layer normalization of the gates,
/// the same bits for any number of threads.
///
/// A registered cell (``CellType/register(_:)``) is chosen by its name, in code or in a configuration.
public protocol CustomCell: Sendable {
  /// The name in configurations and checkpoints: lower-case letters, digits and hyphens.
  var name: String { get }
  /// The gates, in the order of the columns of weights and biases; one to four.
  var gates: [CellGate] { get }
  /// Whether there is a cell state c beside the hidden state h (default: no).
  var hasCellState: Bool { get }
  /// Whether h depends on h₋₁ directly, too, and not only through the gates (default: no).
  var hasDirectPath: Bool { get }

  /// Computes the states of one row after a time step.
  func forward(_ step: CellStep)

  /// Computes the gradients of one row's gates, and of the states before the step.
  func backward(_ step: CellGradientStep)
}

extension CustomCell {
  /// There is none.
  public var hasCellState: Bool { false }
  /// There is none.
  public var hasDirectPath: Bool { false }
}

/// A gate of a cell of one's own.
public struct CellGate: Sendable {
  /// A letter for it.
  public let letter: Character
  /// The function of its pre-activation. Those whose gradients need the pre-activation itself, `gelu`, `silu` and
  /// `mish`, are no choice here.
  public let activation: Activation
  /// Initial value of its biases.
  public let initialBias: Float

  /// A gate.
  public init(_ letter: Character, _ activation: Activation, initialBias: Float = 0) {
    self.letter = letter
    self.activation = activation
    self.initialBias = initialBias
  }
}

/// One number for each unit of a row: of a gate, a state or a gradient.
///
/// It refers to the layer's memory, and is valid until the call that received it returns.
public struct UnitValues {
  let values: Matrix

  /// Number of units.
  public var count: Int { values.columns }

  /// The units.
  public var indices: Range<Int> { 0..<count }

  /// The number of a unit.
  public subscript(unit: Int) -> Float {
    get {
      precondition(indices.contains(unit), "the cell has \(count) units")
      return values[0, unit]
    }
    nonmutating set {
      precondition(indices.contains(unit), "the cell has \(count) units")
      values[0, unit] = newValue
    }
  }
}

/// One row of a time step forward.
public struct CellStep {
  /// `[1, gates × padded(units)]`.
  let gates: Matrix
  /// h₋₁.
  public let previousHidden: UnitValues
  /// c₋₁; no units without a cell state.
  public let previousCell: UnitValues
  /// Receives h.
  public let hidden: UnitValues
  /// Receives c; no units without a cell state.
  public let cell: UnitValues
  let kernels: any KernelSet.Type

  /// Number of units.
  public var units: Int { hidden.count }

  /// The activations of a gate.
  public func gate(_ index: Int) -> UnitValues { gates.gate(index, units: units) }

  /// Sets `results` to f(`values`), with the same bits on every CPU. Both may be the same.
  public func apply(_ activation: Activation, to values: UnitValues, into results: UnitValues) {
    kernels.activate(activation, values.values, into: results.values)
  }
}

/// One row of a time step backward.
public struct CellGradientStep {
  let gates: Matrix
  let gateGradients: Matrix
  /// h₋₁.
  public let previousHidden: UnitValues
  /// c₋₁; no units without a cell state.
  public let previousCell: UnitValues
  /// h.
  public let hidden: UnitValues
  /// c; no units without a cell state.
  public let cell: UnitValues
  /// ∂loss/∂h on entry. In a cell with a direct path, receives the part of ∂loss/∂h₋₁ that does not go through the gates.
  public let hiddenGradient: UnitValues
  /// ∂loss/∂c from later steps on entry; receives ∂loss/∂c₋₁. No units without a cell state.
  public let cellGradient: UnitValues
  /// For numbers of one's own, such as a function of the cell state.
  public let scratch: UnitValues
  let kernels: any KernelSet.Type

  /// Number of units.
  public var units: Int { hidden.count }

  /// The activations of a gate.
  public func gate(_ index: Int) -> UnitValues { gates.gate(index, units: units) }

  /// Receives the gradient of a gate's activations.
  public func gateGradient(_ index: Int) -> UnitValues { gateGradients.gate(index, units: units) }

  /// Sets `results` to f(`values`), with the same bits on every CPU. Both may be the same.
  public func apply(_ activation: Activation, to values: UnitValues, into results: UnitValues) {
    kernels.activate(activation, values.values, into: results.values)
  }
}

extension Matrix {
  /// The columns of a gate of the first row, without padding.
  fileprivate func gate(_ index: Int, units: Int) -> UnitValues {
    let width = VectorWidth.padded(units)
    precondition(index >= 0 && (index + 1) * width <= columns, "the cell has \(columns / width) gates")
    return UnitValues(values: columns(index * width..<index * width + units))
  }
}
