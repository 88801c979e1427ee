import WeftLayers

/// The LSTM, as a program would write it: c = f∘c₋₁ + i∘g; h = o∘tanh(c).
package struct OwnLSTM: CustomCell {
  package let name = "own-lstm"
  package let hasCellState = true
  package let gates = [
    CellGate("i", .sigmoid), CellGate("f", .sigmoid, initialBias: 1), CellGate("g", .tanh),
    CellGate("o", .sigmoid),
  ]

  package init() {}

  package func forward(_ step: CellStep) {
    let (i, f, g, o) = (step.gate(0), step.gate(1), step.gate(2), step.gate(3))
    for unit in 0..<step.units { step.cell[unit] = f[unit] * step.previousCell[unit] + i[unit] * g[unit] }
    step.apply(.tanh, to: step.cell, into: step.hidden)
    for unit in 0..<step.units { step.hidden[unit] *= o[unit] }
  }

  package func backward(_ step: CellGradientStep) {
    let (i, f, g, o) = (step.gate(0), step.gate(1), step.gate(2), step.gate(3))
    step.apply(.tanh, to: step.cell, into: step.scratch)
    for unit in 0..<step.units {
      let (output, gradient) = (step.scratch[unit], step.hiddenGradient[unit])
      let cellGradient = step.cellGradient[unit] + gradient * o[unit] * (1 - output * output)
      step.gateGradient(0)[unit] = cellGradient * g[unit]
      step.gateGradient(1)[unit] = cellGradient * step.previousCell[unit]
      step.gateGradient(2)[unit] = cellGradient * i[unit]
      step.gateGradient(3)[unit] = gradient * output
      step.cellGradient[unit] = cellGradient * f[unit]
    }
  }
}

/// The cell of the example, which this module reaches through a symbolic link.
package let exampleCell: any CustomCell = UpdateGateCell()
