import KernelInterface
import WeftTensor

/// The time step of a cell of a program's own.
struct CustomCellStep: SingleProjectionCell {
  let custom: any CustomCell
  let recurrent: Projection
  private let activations: [Activation]
  private let units: Int

  init(_ custom: any CustomCell, _ builder: inout CellBuilder) {
    self.custom = custom
    activations = custom.gates.map(\.activation)
    units = builder.units
    recurrent = builder.recurrentProjections(0..<activations.count)[0]
  }

  var hasDirectPath: Bool { custom.hasDirectPath }

  /// The activations, while the gates receive their gradients, and the scratch memory of the backward pass.
  var kept: [Int] { [recurrent.outputs, units] }

  func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    addRecurrentProduct(to: gates, segment, pass, shard)
    let activated = pass.kept[0].rows(segment.positions)
    for (index, activation) in activations.enumerated() {
      shard.kernels.activate(
        activation, gates.columns(columns(index)), into: activated.columns(columns(index)))
    }
    let (previous, previousCell) = (pass.hidden.rows(segment.previous), cell(pass, segment.previous))
    let (hidden, cell) = (pass.newHidden(segment), newCell(pass, segment))
    for row in 0..<gates.rows {
      custom.forward(
        CellStep(
          gates: activated.rows(row..<row + 1), previousHidden: previous.units(row),
          previousCell: previousCell.units(row), hidden: hidden.units(row), cell: cell.units(row),
          kernels: shard.kernels))
    }
  }

  func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions)
    let activated = pass.kept[0].rows(segment.positions)
    let (previous, previousCell) = (pass.hidden.rows(segment.previous), cell(pass, segment.previous))
    let (hidden, cell) = (pass.newHidden(segment), newCell(pass, segment))
    let carried = custom.hasCellState ? cellGradient : cellGradient.columns(0..<0)
    let scratch = pass.kept[1].rows(segment.positions)
    for row in 0..<gates.rows {
      custom.backward(
        CellGradientStep(
          gates: activated.rows(row..<row + 1), gateGradients: gates.rows(row..<row + 1),
          previousHidden: previous.units(row), previousCell: previousCell.units(row),
          hidden: hidden.units(row), cell: cell.units(row), hiddenGradient: hiddenGradient.units(row),
          cellGradient: carried.units(row), scratch: scratch.units(row), kernels: shard.kernels))
    }
    for (index, activation) in activations.enumerated() {
      shard.kernels.activateBackward(
        activation, gates.columns(columns(index)), values: activated.columns(columns(index)))
    }
    backwardRecurrentProduct(gates, segment, pass, into: recurrentGradient, shard)
  }

  private func columns(_ gate: Int) -> Range<Int> {
    let first = gate * VectorWidth.padded(units)
    return first..<first + units
  }

  /// c of some rows of the state matrix, without columns if there is none.
  private func cell(_ pass: RecurrentPass, _ rows: Range<Int>) -> Matrix {
    custom.hasCellState ? pass.cell.rows(rows) : pass.hidden.rows(rows).columns(0..<0)
  }

  private func newCell(_ pass: RecurrentPass, _ segment: StepSegment) -> Matrix {
    custom.hasCellState ? pass.newCell(segment) : pass.newHidden(segment).columns(0..<0)
  }
}

extension Matrix {
  /// One number for each column of a row.
  fileprivate func units(_ row: Int) -> UnitValues { UnitValues(values: rows(row..<row + 1)) }
}
