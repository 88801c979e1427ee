import Weft

/// The update gate RNN (Collins, Sohl-Dickstein and Sussillo 2017): g = σ(W x + b + U h₋₁); c = tanh(W x + b + U h₋₁);
/// h = g∘h₋₁ + (1 − g)∘c. Backward dg = dh∘(h₋₁ − c); dc = dh∘(1 − g); dh₋₁ = dh∘g, and what comes through the gates.
struct UpdateGateCell: CustomCell {
  let name = "update-gate"
  /// h₋₁ is in h itself, too.
  let hasDirectPath = true
  /// The layer computes both gates. With a bias of 1, units remember rather than forget at first.
  let gates = [CellGate("g", .sigmoid, initialBias: 1), CellGate("c", .tanh)]

  func forward(_ step: CellStep) {
    let (share, candidate) = (step.gate(0), step.gate(1))
    for unit in 0..<step.units {
      step.hidden[unit] = share[unit] * step.previousHidden[unit] + (1 - share[unit]) * candidate[unit]
    }
  }

  func backward(_ step: CellGradientStep) {
    let (share, candidate) = (step.gate(0), step.gate(1))
    for unit in 0..<step.units {
      let gradient = step.hiddenGradient[unit]
      step.gateGradient(0)[unit] = gradient * (step.previousHidden[unit] - candidate[unit])
      step.gateGradient(1)[unit] = gradient * (1 - share[unit])
      step.hiddenGradient[unit] = gradient * share[unit]
    }
  }
}
