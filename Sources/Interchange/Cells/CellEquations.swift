import WeftLayers

/// One step of a cell in formulas, from `x = [LN](W i) + b` and the states `h` and `c` before it.
struct CellEquations: Equatable {
  /// Definitions that are the same at every step, in their order.
  private(set) var constants: [Definition] = []
  /// Definitions of a step, in their order.
  private(set) var steps: [Definition] = []
  /// The states after the step.
  var hidden = StepValue.named("h")
  var cell: StepValue?

  /// What has a name.
  enum Definition: Equatable {
    case value(String, StepValue)
    /// Equal parts side by side.
    case parts([String], StepValue)
  }

  /// The equations of a layer's cell.
  init(_ layer: RecurrentWeights) {
    guard let write = Self.writers[layer.cell] else {
      preconditionFailure("\(layer.cell) has no equations")
    }
    write(layer, &self)
    // Zoneout keeps a part of the states before the step.
    hidden = zoned(hidden, .named("h"), layer.zoneout, name: "new_h")
    cell = cell.map { zoned($0, .named("c"), layer.cellZoneout, name: "kept_c") }
  }

  /// Gives a value a name.
  mutating func define(_ name: String, _ value: StepValue) -> StepValue {
    steps.append(.value(name, value))
    return .named(name)
  }

  mutating func constant(_ name: String, _ value: StepValue) -> StepValue {
    constants.append(.value(name, value))
    return .named(name)
  }

  /// Gives the equal parts of a value names.
  mutating func split(_ value: StepValue, _ names: String...) -> [StepValue] {
    steps.append(.parts(names, value))
    return names.map { .named($0) }
  }

  mutating func constants(_ value: StepValue, _ names: String...) -> [StepValue] {
    constants.append(.parts(names, value))
    return names.map { .named($0) }
  }

  private mutating func zoned(
    _ value: StepValue, _ before: StepValue, _ rate: Float, name: String
  ) -> StepValue {
    if rate == 0 { return value }
    return define(name, .number(rate) * before + .number(1 - rate) * value)
  }

  /// Adds a cell's equations.
  fileprivate typealias Writer = @Sendable (RecurrentWeights, inout CellEquations) -> Void

  private static let writers: [CellType: Writer] = [
    .tanh: elman, .relu: elman, .lstm: lstm, .lstmPeephole: lstm, .lstmProjection: lstm, .gru: gru,
    .gruResetAfter: gru, .minGRU: minGRU, .minLSTM: minLSTM, .indRNN: indRNN, .sLSTM: sLSTM, .lru: lru,
  ]
}

extension RecurrentWeights {
  /// U h of some gates, with layer normalization if the layer has it.
  fileprivate func recurrentProduct(_ value: StepValue, gates: Range<Int>) -> StepValue {
    let some = gates.count == cell.gateCount ? nil : gates
    let product = StepValue.product(value, "recurrent_weights", gates: some)
    guard isNormalized else { return product }
    return .normalized(product, gates: gates.count) * .row("recurrent_gain", gates: some)
  }

  fileprivate func activate(_ value: StepValue) -> StepValue { .apply(.activation(activation), value) }
  fileprivate func gate(_ value: StepValue) -> StepValue { .apply(.activation(recurrentActivation), value) }
}

extension CellEquations {
  fileprivate static let elman: Writer = { layer, equations in
    let sums = StepValue.named("x") + layer.recurrentProduct(.named("h"), gates: 0..<1)
    equations.hidden = equations.define(
      "h_step", layer.cell == .relu ? .apply(.activation(.relu), sums) : layer.activate(sums))
  }

  /// With peepholes and a projection where the layer has them.
  fileprivate static let lstm: Writer = { layer, equations in
    let sums = StepValue.named("x") + layer.recurrentProduct(.named("h"), gates: 0..<4)
    let parts = equations.split(sums, "x_i", "x_f", "x_g", "x_o")
    let before = StepValue.named("c")
    var peepholes: [StepValue] = []
    if layer.others["peephole_weights"] != nil {
      peepholes = equations.constants(.row("peephole_weights"), "p_i", "p_f", "p_o")
    }
    func seen(_ gate: Int, _ peephole: Int, _ state: StepValue) -> StepValue {
      peepholes.isEmpty ? parts[gate] : parts[gate] + peepholes[peephole] * state
    }
    let input = equations.define("i", layer.gate(seen(0, 0, before)))
    let forget = equations.define("f", layer.gate(seen(1, 1, before)))
    let cell = equations.define("new_c", forget * before + input * layer.activate(parts[2]))
    let output = equations.define("o", layer.gate(seen(3, 2, cell)))
    let read =
      layer.isNormalized ? .normalized(cell, gates: 1) * .row("cell_gain") + .row("cell_shift") : cell
    let units = equations.define("h_step", output * layer.activate(read))
    equations.cell = cell
    equations.hidden =
      layer.cell.hasProjection
      ? equations.define("projected", .product(units, "projection_weights", gates: nil)) : units
  }

  fileprivate static let gru: Writer = { layer, equations in
    let (x, h) = (StepValue.named("x"), StepValue.named("h"))
    let parts = equations.split(x, "x_z", "x_r", "x_h")
    let gates = equations.split(layer.recurrentProduct(h, gates: 0..<2), "h_z", "h_r")
    let update = equations.define("z", layer.gate(parts[0] + gates[0]))
    let reset = equations.define("r", layer.gate(parts[1] + gates[1]))
    let recurrent =
      layer.cell.recurrentBiasGates.isEmpty
      ? layer.recurrentProduct(reset * h, gates: 2..<3)
      : reset * (layer.recurrentProduct(h, gates: 2..<3) + .row("recurrent_bias"))
    let candidate = equations.define("candidate", layer.activate(parts[2] + recurrent))
    equations.hidden = equations.define("h_step", (.number(1) - update) * h + update * candidate)
  }

  /// g(a) = a + ½ for a ≥ 0, else σ(a): the greater of both.
  private static func positive(_ value: StepValue) -> StepValue {
    .greater(value + .number(0.5), .sigmoid(value))
  }

  fileprivate static let minGRU: Writer = { _, equations in
    let parts = equations.split(.named("x"), "x_z", "x_h")
    let update = equations.define("z", .sigmoid(parts[0]))
    equations.hidden = equations.define(
      "h_step", (.number(1) - update) * .named("h") + update * positive(parts[1]))
  }

  fileprivate static let minLSTM: Writer = { _, equations in
    let parts = equations.split(.named("x"), "x_f", "x_i", "x_h")
    // With this bound, f + i is never zero.
    let forget = equations.define("f", .sigmoid(.greater(parts[0], .number(-80))))
    let input = equations.define("i", .sigmoid(.greater(parts[1], .number(-80))))
    equations.hidden = equations.define(
      "h_step", (forget * .named("h") + input * positive(parts[2])) / (forget + input))
  }

  fileprivate static let indRNN: Writer = { layer, equations in
    equations.hidden = equations.define(
      "h_step", layer.activate(.named("x") + .row("recurrent_weights") * .named("h")))
  }

  fileprivate static let sLSTM: Writer = { layer, equations in
    let product =
      layer.heads == 1
      ? StepValue.product(.named("h"), "recurrent_weights", gates: nil)
      : .headProduct(.named("h"), "recurrent_weights")
    let parts = equations.split(.named("x") + product, "x_i", "x_f", "x_z", "x_o")
    let states = equations.split(.named("c"), "s", "n", "m")
    let carried = equations.define("carried", states[2] - .apply(.activation(.softplus), -parts[1]))
    let stabilizer = equations.define(
      "new_m", .choice(ifPositive: states[1], .greater(carried, parts[0]), otherwise: parts[0]))
    let kept = equations.define("f", .exp(.smaller(carried - stabilizer, .number(0))))
    let added = equations.define("i", .exp(parts[0] - stabilizer))
    let cell = equations.define("new_s", kept * states[0] + added * .tanh(parts[2]))
    let normalizer = equations.define("new_n", kept * states[1] + added)
    equations.hidden = equations.define("h_step", .sigmoid(parts[3]) * (cell / normalizer))
    equations.cell = equations.define("new_c", .joined([cell, normalizer, stabilizer]))
  }

  /// Complex numbers: real parts beside imaginary ones.
  fileprivate static let lru: Writer = { _, equations in
    let modulus = equations.constant("modulus", .exp(-.exp(.row("log_nu"))))
    let angle = equations.constant("angle", .exp(.row("log_theta")))
    let real = equations.constant("a", modulus * .apply(.cosine, angle))
    let imaginary = equations.constant("b", modulus * .apply(.sine, angle))
    let scale = equations.constant("gamma", .exp(.row("log_gamma")))
    let inputs = equations.split(.named("x"), "x_r", "x_i")
    let before = equations.split(.named("h"), "h_r", "h_i")
    equations.hidden = equations.define(
      "h_step",
      .joined([
        real * before[0] - imaginary * before[1] + scale * inputs[0],
        real * before[1] + imaginary * before[0] + scale * inputs[1],
      ]))
  }
}
