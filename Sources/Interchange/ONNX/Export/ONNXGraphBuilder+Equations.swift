import KernelInterface
import WeftLayers

/// Writes the formulas of a cell's step as operators.
extension ONNXGraphBuilder {
  /// The layer whose formulas are written.
  struct Formulas {
    let layer: RecurrentWeights
    /// Prefix of names.
    let path: String
    /// Names of the values that have been defined.
    var known: [String: String] = [:]
    private var count = 0

    init(_ layer: RecurrentWeights, path: String) {
      (self.layer, self.path) = (layer, path)
    }

    mutating func nextName() -> String {
      defer { count += 1 }
      return "\(path)_value\(count)"
    }
  }

  mutating func add(_ definitions: [CellEquations.Definition], _ formulas: inout Formulas) {
    for definition in definitions {
      switch definition {
      case .value(let name, let value): formulas.known[name] = add(value, &formulas)
      case .parts(let names, let value):
        let outputs = names.map { "\(formulas.path)_\($0)" }
        add("Split", [add(value, &formulas)], outputs: outputs, [.integer("axis", -1)])
        for (name, output) in zip(names, outputs) { formulas.known[name] = output }
      }
    }
  }

  /// The states after a step.
  mutating func states(_ equations: CellEquations, _ formulas: inout Formulas) -> [String] {
    add(equations.steps, &formulas)
    var result = [add(equations.hidden, &formulas)]
    if let cell = equations.cell { result.append(add(cell, &formulas)) }
    return result
  }

  /// Adds operators that compute a value, and returns its name.
  mutating func add(_ value: StepValue, _ formulas: inout Formulas) -> String {
    let layer = formulas.layer
    let output = formulas.nextName()
    switch value {
    case .named(let name):
      guard let known = formulas.known[name] else { preconditionFailure("\(name) is defined") }
      return known
    case .number(let number): return self.number(number, "number_\(number)")
    case .row(let name, let gates):
      let values = layer.row(name)
      guard let gates else { return number(values, "\(formulas.path)_\(name)") }
      let part = values[gates.lowerBound * layer.units..<gates.upperBound * layer.units]
      return number(Array(part), "\(formulas.path)_\(name)_\(gates.lowerBound)")
    case .product(let factor, let name, let gates):
      let matrix = layer.matrix(name)
      let columns = gates.map { $0.lowerBound * layer.units..<$0.upperBound * layer.units }
      let weights = self.matrix(
        columns.map { matrix.columns($0) } ?? matrix,
        "\(formulas.path)_\(name)" + (gates.map { "_\($0.lowerBound)" } ?? ""))
      return add("MatMul", [add(factor, &formulas), weights], output)
    case .headProduct(let factor, let name):
      return addHeadProduct(add(factor, &formulas), layer.matrix(name), "\(formulas.path)_\(name)", output)
    case .normalized(let values, let gates):
      return normalized(add(values, &formulas), gates: gates, units: layer.units, leading: 1, output)
    case .apply(let function, let argument):
      let argument = add(argument, &formulas)
      switch function {
      case .activation(let activation): return apply(activation, argument, output)
      case .exponential: return add("Exp", [argument], output)
      case .cosine: return add("Cos", [argument], output)
      case .sine: return add("Sin", [argument], output)
      }
    case .combine(let operation, let left, let right):
      return add(operation.operatorName, [add(left, &formulas), add(right, &formulas)], output)
    case .joined(let parts):
      let names = parts.map { add($0, &formulas) }
      return add("Concat", names, output, [.integer("axis", -1)])
    case .choice(let condition, let value, let other):
      let isPositive = add(
        "Greater", [add(condition, &formulas), number(0, "zero")], "\(output)_condition")
      return add("Where", [isPositive, add(value, &formulas), add(other, &formulas)], output)
    }
  }

  /// The product of each head's part of `[batch, units]` with `[units, gates · size]`, gates of all heads side by side.
  private mutating func addHeadProduct(
    _ value: String, _ matrix: WeightMatrix, _ name: String, _ path: String
  ) -> String {
    let gates = 4
    let size = matrix.columns / gates
    let heads = matrix.rows / size
    let weights = add("\(name)_of_heads", [heads, size, matrix.columns], matrix.values)
    let parts = reshape(value, [0, heads, size], "\(path)_parts")
    let turned = add("Transpose", [parts], "\(path)_heads", [.integers("perm", [1, 0, 2])])
    let products = add("MatMul", [turned, weights], "\(path)_products")
    let apart = reshape(products, [0, 0, gates, size], "\(path)_gates")
    let rows = add("Transpose", [apart], "\(path)_rows", [.integers("perm", [1, 2, 0, 3])])
    return reshape(rows, [0, matrix.rows * gates], path)
  }

  /// Layer normalization of each gate, without a gain.
  ///
  /// - Parameter leading: Axes before the last.
  mutating func normalized(
    _ values: String, gates: Int, units: Int, leading: Int, _ path: String
  ) -> String {
    let kept = [Int](repeating: 0, count: leading)
    let last: [ONNXProtoAttribute] = [.integers("axes", [-1])]
    let rows = reshape(values, kept + [gates, units], "\(path)_rows")
    let centered = add("Sub", [rows, add("ReduceMean", [rows], "\(path)_mean", last)], "\(path)_centered")
    let squares = add("Mul", [centered, centered], "\(path)_squares")
    let variance = add("ReduceMean", [squares], "\(path)_variance", last)
    let positive = add(
      "Add", [variance, number(NormalizationKind.standardEpsilon, "epsilon")], "\(path)_positive")
    let deviation = add("Sqrt", [positive], "\(path)_deviation")
    return reshape(add("Div", [centered, deviation], "\(path)_normalized"), kept + [gates * units], path)
  }
}

extension StepValue.Operation {
  fileprivate var operatorName: String {
    switch self {
    case .add: "Add"
    case .subtract: "Sub"
    case .multiply: "Mul"
    case .divide: "Div"
    case .maximum: "Max"
    case .minimum: "Min"
    }
  }
}
