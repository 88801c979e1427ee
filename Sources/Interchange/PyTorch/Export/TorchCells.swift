import KernelInterface

/// Python classes of cells that `torch.nn` does not have, made of their equations.
struct TorchCells {
  /// Names and texts of the classes, each once.
  private(set) var classes: [(name: String, text: String)] = []

  /// The constructor of a layer, such as `MinGru(7, [7], input_weights=(5, 14), bias=(14,))`.
  mutating func constructor(_ layer: RecurrentWeights, isBackward: Bool) -> String {
    let body = Self.step(layer)
    let stem = layer.cell.name.split(separator: "-").map(\.capitalized).joined()
    var name = classes.first { $0.text.contains("\n" + body) }?.name
    if name == nil {
      let count = classes.filter { $0.name.hasPrefix(stem) }.count
      let new = count == 0 ? stem : "\(stem)\(count + 1)"
      let documentation = "\"\"\"The cell \(layer.cell.name).\"\"\""
      classes.append((new, "class \(new)(Recurrence):\n    \(documentation)\n\n\(body)"))
      name = new
    }
    let sizes = layer.stateSizes.map { "\($0.size)" }.joined(separator: ", ")
    var arguments = ["\(layer.units)", "[\(sizes)]"]
    if isBackward { arguments.append("backward=True") }
    for (name, shape, _) in layer.allParameters {
      let sizes = shape.map(String.init).joined(separator: ", ")
      arguments.append("\(name)=(\(sizes)\(shape.count == 1 ? "," : ""))")
    }
    return "\(name ?? stem)(\(arguments.joined(separator: ", ")))"
  }

  /// The method of one step.
  private static func step(_ layer: RecurrentWeights) -> String {
    let equations = CellEquations(layer)
    let states = layer.cell.hasCellState ? ["h", "c"] : ["h"]
    var lines = ["def step(self, x, \(states.joined(separator: ", "))):"]
    for definition in equations.constants + equations.steps {
      switch definition {
      case .value(let name, let value): lines.append("    \(name) = \(value.python())")
      case .parts(let names, let value):
        lines.append("    \(names.joined(separator: ", ")) = \(value.python(3)).chunk(\(names.count), -1)")
      }
    }
    let results = ([equations.hidden] + [equations.cell].compactMap(\.self)).map { $0.python() }
    lines.append("    return \(results.joined(separator: ", "))\(results.count == 1 ? "," : "")")
    return lines.map { "    " + $0 }.joined(separator: "\n")
  }
}

extension RecurrentWeights {
  /// All parameters by their names in checkpoints, with their shapes.
  var allParameters: [(name: String, shape: [Int], values: [Float])] {
    let initial = [("initial_hidden", initialHidden), ("initial_cell", initialCell)].compactMap { name, row in
      row.map { (name: name, shape: [$0.count], values: $0) }
    }
    return parameters + initial
  }
}

extension StepValue {
  /// The value as an expression of Python.
  ///
  /// - Parameter context: How tightly operators around it bind: 1 sums, 2 products, 3 calls.
  fileprivate func python(_ context: Int = 0) -> String {
    let (text, binding) = expression
    return binding < context ? "(\(text))" : text
  }

  /// The expression, and how tightly its operator binds.
  private var expression: (text: String, binding: Int) {
    switch self {
    case .named(let name): return (name, 3)
    case .number(let number): return ("\(number)", 3)
    case .row(let name, let gates): return ("self.\(name)\(gates.map { "[\(Self.columns($0))]" } ?? "")", 3)
    case .product(let factor, let name, let gates):
      let weights = "self.\(name)\(gates.map { "[:, \(Self.columns($0))]" } ?? "")"
      return ("\(factor.python(2)) @ \(weights)", 2)
    case .headProduct(let factor, let name): return ("of_heads(\(factor.python()), self.\(name))", 3)
    case .normalized(let value, let gates): return ("normalize(\(value.python()), \(gates))", 3)
    case .apply(.activation(let activation), let value):
      return (activation.torch(value.python(activation == .hardSigmoidKeras2 ? 3 : 0)), 3)
    case .apply(.exponential, let value): return ("torch.exp(\(value.python()))", 3)
    case .apply(.cosine, let value): return ("torch.cos(\(value.python()))", 3)
    case .apply(.sine, let value): return ("torch.sin(\(value.python()))", 3)
    case .combine(.subtract, .number(0), let value): return ("-\(value.python(3))", 1)
    case .combine(.add, let left, let right): return ("\(left.python(1)) + \(right.python(1))", 1)
    case .combine(.subtract, let left, let right): return ("\(left.python(1)) - \(right.python(2))", 1)
    case .combine(.multiply, let left, let right): return ("\(left.python(2)) * \(right.python(3))", 2)
    case .combine(.divide, let left, let right): return ("\(left.python(2)) / \(right.python(3))", 2)
    case .combine(.maximum, let value, .number(let bound)):
      return ("torch.clamp(\(value.python()), min=\(bound))", 3)
    case .combine(.minimum, let value, .number(let bound)):
      return ("torch.clamp(\(value.python()), max=\(bound))", 3)
    case .combine(.maximum, let left, let right):
      return ("torch.maximum(\(left.python()), \(right.python()))", 3)
    case .combine(.minimum, let left, let right):
      return ("torch.minimum(\(left.python()), \(right.python()))", 3)
    case .joined(let parts):
      return ("torch.cat([\(parts.map { $0.python() }.joined(separator: ", "))], -1)", 3)
    case .choice(let condition, let value, let other):
      return ("torch.where(\(condition.python(1)) > 0, \(value.python()), \(other.python()))", 3)
    }
  }

  /// The columns of some gates.
  private static func columns(_ gates: Range<Int>) -> String {
    let first = gates.lowerBound == 0 ? "" : "\(gates.lowerBound) * self.units"
    return "\(first):\(gates.upperBound) * self.units"
  }
}
