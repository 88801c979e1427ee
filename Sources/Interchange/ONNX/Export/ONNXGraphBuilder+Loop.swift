import WeftBase
import WeftLayers

/// Recurrent layers that no operator computes: `Scan` runs a graph of one step, in either direction.
extension ONNXGraphBuilder {
  /// Adds a recurrent layer.
  ///
  /// - Parameters:
  ///   - pool: Whether the final state of each direction is wanted, rather than the states of all steps.
  ///   - feeding: A value `[batch, features]` and the weights with which a streamed step reads it as well.
  mutating func addLoops(
    _ level: RecurrentLevel, path: String, to value: ONNXValue, pool: Bool,
    feeding: (value: String, weights: WeightMatrix)? = nil
  ) -> ONNXValue {
    var states: [String] = []
    var last: [[String]] = []
    for (index, layer) in level.layers.enumerated() {
      let path = level.layers.count == 1 ? path : "\(path)_\(index == 0 ? "forward" : "backward")"
      let isBackward = level.isBackward || index == 1
      let gates = inputProduct(layer, value.name, path)
      if options.isStreaming {
        states.append(stepped(layer, gates: gates, path: path, feeding: feeding))
      } else {
        let run = scanned(layer, gates: gates, value, isBackward: isBackward, path: path)
        states.append(run.states)
        last.append(run.last)
      }
    }
    if keepsFinals {
      let rows = last[0].indices.map { state in joined(last.map { $0[state] }, "\(path)_final\(state)") }
      finals.append(Finals(hidden: rows[0], cell: rows.count > 1 ? rows[1] : nil))
    }
    let hidden = level.layers[0].hidden
    var result = value
    result.size = level.merge == .concatenate ? level.layers.count * hidden : hidden
    result.isPooled = pool
    result.directions =
      level.isBackward
      ? [.backward]
      : level.layers.count == 2 && level.merge == .concatenate ? [.forward, .backward] : [.forward]
    result.name = merged(pool ? last.map { $0[0] } : states, level.merge, path)
    return result
  }

  private mutating func merged(_ values: [String], _ merge: DirectionMerge, _ path: String) -> String {
    if values.count == 1 { return values[0] }
    switch merge {
    case .concatenate: return joined(values, "\(path)_both")
    case .sum: return add("Add", values, "\(path)_merged")
    case .product: return add("Mul", values, "\(path)_merged")
    case .mean:
      let sum = add("Add", values, "\(path)_sum")
      return add("Mul", [sum, number(0.5, "half")], "\(path)_merged")
    }
  }

  private mutating func joined(_ values: [String], _ output: String) -> String {
    values.count == 1 ? values[0] : add("Concat", values, output, [.integer("axis", -1)])
  }

  /// [LN](x W) + b `[time, batch, gates · units]`.
  private mutating func inputProduct(_ layer: RecurrentWeights, _ values: String, _ path: String) -> String {
    var product = add("MatMul", [values, matrix(layer.input, "\(path)_input_weights")], "\(path)_product")
    if layer.isNormalized {
      let rows = normalized(
        product, gates: layer.cell.gateCount, units: layer.units, leading: 2, "\(path)_standardized")
      product = add(
        "Mul", [rows, number(layer.row("input_gain"), "\(path)_input_gain")], "\(path)_gained")
    }
    return add("Add", [product, number(layer.bias, "\(path)_bias")], "\(path)_gates")
  }

  /// One step, with the states as inputs and outputs of the graph; returns the hidden state `[1, batch, hidden]`.
  private mutating func stepped(
    _ layer: RecurrentWeights, gates: String, path: String, feeding: (value: String, weights: WeightMatrix)?
  ) -> String {
    let equations = CellEquations(layer)
    var formulas = Formulas(layer, path: path)
    var sums = add("Squeeze", [gates, integers([0])], "\(path)_step_gates")
    if let feeding {
      let fed = add(
        "MatMul", [feeding.value, matrix(feeding.weights, "\(path)_feeding_weights")], "\(path)_fed")
      sums = add("Add", [sums, fed], "\(path)_all_gates")
    }
    formulas.known["x"] = sums
    let names = layer.stateSizes.map { "\(path)_\($0.name)" }
    for (name, size) in zip(names, layer.stateSizes.map(\.size)) {
      addInput(name, .float32, [.named("batch"), .fixed(Int64(size))])
    }
    formulas.known["h"] = names[0]
    formulas.known["c"] = names.last
    add(equations.constants, &formulas)
    let after = states(equations, &formulas)
    for (state, (name, size)) in zip(after, zip(names, layer.stateSizes.map(\.size))) {
      addOutput(add("Identity", [state], "\(name)_next"), [.named("batch"), .fixed(Int64(size))])
    }
    return add("Unsqueeze", [after[0], integers([0])], "\(path)_states")
  }

  /// All steps, in either order; steps after the end of a row leave its states as they are.
  ///
  /// - Returns: The hidden states `[time, batch, hidden]`, and the last states.
  private mutating func scanned(
    _ layer: RecurrentWeights, gates: String, _ value: ONNXValue, isBackward: Bool, path: String
  ) -> (states: String, last: [String]) {
    let equations = CellEquations(layer)
    var formulas = Formulas(layer, path: path)
    let sizes = layer.stateSizes.map(\.size)
    let initial = zip(layer.stateSizes, [layer.initialHidden, layer.initialCell]).map { state, learned in
      let zeros = [Float](repeating: 0, count: state.size - (learned?.count ?? 0))
      let row = number(
        learned.map { $0 + zeros } ?? [0], learned == nil ? "zero" : "\(path)_initial_\(state.name)_row")
      let batch = size(of: gates, axis: 1, "\(path)_\(state.name)_batch")
      let shape = add(
        "Concat", [batch, integers([state.size])], "\(path)_\(state.name)_shape", [.integer("axis", 0)])
      return add("Expand", [row, shape], "\(path)_initial_\(state.name)")
    }
    let inside = value.lengths.map { mask(value, $0) }
    add(equations.constants, &formulas)

    let before = layer.stateSizes.map { "\(path)_\($0.name)_before" }
    let batch = ONNXProtoDimension.OneOf_Size.named("batch")
    var inputs = zip(before, sizes).map { ONNXProtoValue($0, .float32, [batch, .fixed(Int64($1))]) }
    (formulas.known["x"], formulas.known["h"]) = ("\(path)_step_gates", before[0])
    formulas.known["c"] = before.last
    inputs.append(ONNXProtoValue("\(path)_step_gates", .float32, [batch, .fixed(Int64(layer.bias.count))]))
    if inside != nil { inputs.append(ONNXProtoValue("\(path)_step_inside", .bool, [batch, .fixed(1)])) }
    let body = subgraph("\(path)_step", inputs: inputs) { builder in
      var after = builder.states(equations, &formulas)
      if inside != nil {
        after = zip(after, zip(before, layer.stateSizes)).map { new, old in
          builder.add("Where", ["\(path)_step_inside", new, old.0], "\(path)_\(old.1.name)_kept")
        }
      }
      let outputs = zip(after, layer.stateSizes).map { value, state in
        builder.add("Identity", [value], "\(path)_\(state.name)_after")
      }
      let step = builder.add("Identity", [after[0]], "\(path)_step_states")
      return zip(outputs + [step], sizes + [sizes[0]]).map {
        ONNXProtoValue($0, .float32, [batch, .fixed(Int64($1))])
      }
    }
    let last = layer.stateSizes.map { "\(path)_final_\($0.name)" }
    let scanInputs = [gates] + (inside.map { [$0] } ?? [])
    var attributes: [ONNXProtoAttribute] = [
      .graph("body", body), .integer("num_scan_inputs", scanInputs.count),
    ]
    if isBackward {
      attributes.append(.integers("scan_input_directions", scanInputs.map { _ in 1 }))
      attributes.append(.integers("scan_output_directions", [1]))
    }
    add("Scan", initial + scanInputs, outputs: last + ["\(path)_states"], attributes)
    return ("\(path)_states", last)
  }
}
