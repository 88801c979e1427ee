import Foundation
import KernelInterface
import WeftLayers

/// A recurrent layer from its equations: one sequence at a time, in Double.
package struct ReferenceLayer {
  package let kind: CellType
  package let hiddenSize: Int
  package let direction: Direction
  package let isNormalized: Bool
  /// Of the candidate and the state, and of the gates.
  package var activation: Activation
  package var recurrentActivation = Activation.sigmoid
  /// Shares of a state that zoneout keeps at a step; nil without it.
  package var zoneout: ((_ step: Int) -> [Double])?
  package var cellZoneout: ((_ step: Int) -> [Double])?
  /// Parameters by their names within the layer.
  package let parameters: [String: [Double]]

  package init(
    kind: CellType, hiddenSize: Int, direction: Direction, isNormalized: Bool, parameters: [String: [Double]]
  ) {
    self.kind = kind
    self.hiddenSize = hiddenSize
    self.direction = direction
    self.isNormalized = isNormalized
    activation = kind.activation
    self.parameters = parameters
  }

  package struct State {
    package var hidden: [Double]
    /// Of LSTMs.
    package var cell: [Double]

    package init(hidden: [Double], cell: [Double]) {
      self.hidden = hidden
      self.cell = cell
    }
  }

  package struct Disturbance {
    package let step: Int
    package let values: [Double]

    package init(step: Int, values: [Double]) {
      self.step = step
      self.values = values
    }
  }

  /// The hidden state of each step and the state after the last one.
  ///
  /// - Parameters:
  ///   - mask: Factors of the state before recurrent weights.
  ///   - disturbance: Added to the hidden state after one step.
  package func run(
    _ inputs: [[Double]], from initial: State, mask: [Double]?, disturbance: Disturbance? = nil
  ) -> (outputs: [[Double]], final: State) {
    var outputs = [[Double]](repeating: [], count: inputs.count)
    var state = initial
    let steps = direction == .forward ? Array(inputs.indices) : inputs.indices.reversed()
    for step in steps {
      var new = next(inputs[step], state, mask: mask)
      if let shares = zoneout?(step) { new.hidden = mixed(new.hidden, state.hidden, share: shares) }
      if let shares = cellZoneout?(step) { new.cell = mixed(new.cell, state.cell, share: shares) }
      state = new
      if let disturbance, disturbance.step == step { state.hidden = state.hidden + disturbance.values }
      outputs[step] = state.hidden
    }
    return (outputs, state)
  }

  private func next(_ x: [Double], _ state: State, mask: [Double]?) -> State {
    let recurrent = mask.map { multiplied(state.hidden, $0) } ?? state.hidden
    switch kind {
    case .tanh: return State(hidden: preactivation(x, recurrent).map(activation.reference), cell: [])
    case .relu: return State(hidden: preactivation(x, recurrent).map { max($0, 0) }, cell: [])
    case .lstm, .lstmPeephole: return nextLSTM(preactivation(x, recurrent), state)
    case .lstmProjection:
      var next = nextLSTM(preactivation(x, recurrent), state)
      next.hidden = product(
        next.hidden, self["projection_weights"], columns: self["projection_weights"].count / hiddenSize)
      return next
    case .gru, .gruResetAfter: return nextGRU(x, recurrent, state)
    case .minGRU:
      let a = inputPart(x)
      let z = gate(0, of: a).map(sigmoid)
      return State(hidden: mixed(state.hidden, gate(1, of: a).map(positive), share: z), cell: [])
    case .minLSTM:
      let a = inputPart(x)
      let (f, i) = (gate(0, of: a).map(sigmoid), gate(1, of: a).map(sigmoid))
      let share = f.indices.map { i[$0] / (f[$0] + i[$0]) }
      return State(hidden: mixed(state.hidden, gate(2, of: a).map(positive), share: share), cell: [])
    case .sLSTM: return nextSLSTM(x, recurrent, state)
    case .lru: return nextLRU(inputPart(x), state)
    case .indRNN:
      let a = inputPart(x) + multiplied(self["recurrent_weights"], recurrent)
      return State(hidden: a.map(activation.reference), cell: [])
    default:
      switch kind.name {
      case OwnLSTM().name: return nextLSTM(preactivation(x, recurrent), state)
      case UpdateGateCell().name:
        let a = preactivation(x, recurrent)
        let (share, candidate) = (gate(0, of: a).map(sigmoid), gate(1, of: a).map(Foundation.tanh))
        return State(hidden: mixed(candidate, state.hidden, share: share), cell: [])
      default: preconditionFailure("there is no reference of \(kind.name)")
      }
    }
  }

  /// Gates i, f, g, o: c = f∘c₋₁ + i∘g; h = o∘tanh(c), or o∘tanh(LN(c)). With peepholes i and f also see c₋₁, and o
  /// sees c.
  private func nextLSTM(_ a: [Double], _ state: State) -> State {
    func seen(_ number: Int, _ cell: [Double]) -> [Double] {
      guard let peepholes = parameters["peephole_weights"] else { return cell.map { _ in 0 } }
      return multiplied(gate(number, of: peepholes), cell)
    }
    let i = (gate(0, of: a) + seen(0, state.cell)).map(recurrentActivation.reference)
    let f = (gate(1, of: a) + seen(1, state.cell)).map(recurrentActivation.reference)
    let g = gate(2, of: a).map(activation.reference)
    let cell = multiplied(f, state.cell) + multiplied(i, g)
    let o = (gate(3, of: a) + seen(2, cell)).map(recurrentActivation.reference)
    let squashed = isNormalized ? normalized(cell, gain: self["cell_gain"]) + self["cell_shift"] : cell
    return State(hidden: multiplied(o, squashed.map(activation.reference)), cell: cell)
  }

  /// Gates z, r, h̃: h = (1 − z)∘h₋₁ + z∘h̃. The candidate's state is reset before or after its product.
  private func nextGRU(_ x: [Double], _ recurrent: [Double], _ state: State) -> State {
    let input = inputPart(x)
    let gates = 0..<2
    let u = recurrentPart(recurrent, gates)
    let z = (gate(0, of: input) + gate(0, of: u)).map(recurrentActivation.reference)
    let r = (gate(1, of: input) + gate(1, of: u)).map(recurrentActivation.reference)
    let fromState =
      kind == .gru
      ? recurrentPart(multiplied(r, recurrent), 2..<3)
      : multiplied(r, recurrentPart(recurrent, 2..<3) + self["recurrent_bias"])
    let candidate = (gate(2, of: input) + fromState).map(activation.reference)
    let hidden = (0..<hiddenSize).map { (1 - z[$0]) * state.hidden[$0] + z[$0] * candidate[$0] }
    return State(hidden: hidden, cell: [])
  }

  /// Gates i, f, z, o of each head from the head's part of h₋₁; the cell state is c, n, m.
  private func nextSLSTM(_ x: [Double], _ recurrent: [Double], _ state: State) -> State {
    var a = inputPart(x)
    let size = self["recurrent_weights"].count / (4 * hiddenSize)
    for from in 0..<hiddenSize {
      for gate in 0..<4 {
        for unit in 0..<size {
          a[gate * hiddenSize + from / size * size + unit] +=
            recurrent[from] * self["recurrent_weights"][(from * 4 + gate) * size + unit]
        }
      }
    }
    var next = State(hidden: [], cell: [Double](repeating: 0, count: 3 * hiddenSize))
    for unit in 0..<hiddenSize {
      let (c, n, m) = (state.cell[unit], state.cell[hiddenSize + unit], state.cell[2 * hiddenSize + unit])
      let input = a[unit]
      let carried = m + log(sigmoid(a[hiddenSize + unit]))
      let stabilizer = n == 0 ? input : max(carried, input)
      let (kept, added) = (exp(min(carried - stabilizer, 0)), exp(input - stabilizer))
      let cell = kept * c + added * tanh(a[2 * hiddenSize + unit])
      let normalizer = kept * n + added
      next.cell[unit] = cell
      next.cell[hiddenSize + unit] = normalizer
      next.cell[2 * hiddenSize + unit] = stabilizer
      next.hidden.append(sigmoid(a[3 * hiddenSize + unit]) * cell / normalizer)
    }
    return next
  }

  /// Complex h = λ∘h₋₁ + exp(g)∘a, real beside imaginary parts.
  private func nextLRU(_ a: [Double], _ state: State) -> State {
    var hidden = state.hidden
    for unit in 0..<hiddenSize {
      let (modulus, angle) = (exp(-exp(self["log_nu"][unit])), exp(self["log_theta"][unit]))
      let (real, imaginary) = (modulus * cos(angle), modulus * sin(angle))
      let (r, i) = (state.hidden[unit], state.hidden[hiddenSize + unit])
      let scale = exp(self["log_gamma"][unit])
      hidden[unit] = real * r - imaginary * i + scale * a[unit]
      hidden[hiddenSize + unit] = real * i + imaginary * r + scale * a[hiddenSize + unit]
    }
    return State(hidden: hidden, cell: [])
  }

  private var gates: Int { self["bias"].count / hiddenSize }

  /// LN(W x) + b + LN(U h).
  private func preactivation(_ x: [Double], _ recurrent: [Double]) -> [Double] {
    inputPart(x) + recurrentPart(recurrent, 0..<gates)
  }

  /// LN(W x) + b, of all gates.
  private func inputPart(_ x: [Double]) -> [Double] {
    let product = product(x, self["input_weights"], columns: gates * hiddenSize)
    return (isNormalized ? normalized(product, gain: self["input_gain"]) : product) + self["bias"]
  }

  /// LN(U h), of some gates.
  private func recurrentPart(_ h: [Double], _ range: Range<Int>) -> [Double] {
    let columns = range.lowerBound * hiddenSize..<range.upperBound * hiddenSize
    let product = Array(product(h, self["recurrent_weights"], columns: gates * hiddenSize)[columns])
    return isNormalized ? normalized(product, gain: Array(self["recurrent_gain"][columns])) : product
  }

  /// Each gate over its own units: gain ∘ (v − mean) / √(variance + 10⁻⁵).
  private func normalized(_ values: [Double], gain: [Double]) -> [Double] {
    let result = (0..<values.count / hiddenSize).flatMap { number in
      let units = gate(number, of: values)
      let mean = units.reduce(0, +) / Double(hiddenSize)
      let variance = units.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(hiddenSize)
      return units.map { ($0 - mean) / (variance + 1e-5).squareRoot() }
    }
    return multiplied(result, gain)
  }

  private func gate(_ number: Int, of values: [Double]) -> [Double] {
    Array(values[number * hiddenSize..<(number + 1) * hiddenSize])
  }

  /// (1 − share)∘old + share∘new.
  private func mixed(_ old: [Double], _ new: [Double], share: [Double]) -> [Double] {
    old.indices.map { (1 - share[$0]) * old[$0] + share[$0] * new[$0] }
  }

  /// x + ½ for x ≥ 0, else σ(x).
  private func positive(_ x: Double) -> Double { x >= 0 ? x + 0.5 : sigmoid(x) }

  private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private subscript(name: String) -> [Double] { parameters[name]! }
}
