import KernelInterface
import WeftBase
import WeftLayers

extension ONNXGraphBuilder {
  /// Adds blocks on one another.
  ///
  /// - Parameter path: Prefix of their names.
  /// - Throws: If no operator supports one of them.
  mutating func add(
    _ blocks: [NetworkBlock], to input: ONNXValue, path prefix: String
  ) throws(WeftError) -> ONNXValue {
    var value = input
    var index = 0
    while index < blocks.count {
      let block = blocks[index]
      index += 1
      switch block {
      case .recurrent(let level):
        // The final states are an output of the operator.
        let pools = index < blocks.count && blocks[index] == .pool(.last)
        if pools { index += 1 }
        value = add(level, path: path(prefix, "layer"), to: value, pool: pools)
      case .dense(let dense, let activation):
        let path = path(prefix, "dense")
        value = add(dense, path: path, to: value)
        value.name = apply(activation, value.name, path)
        value.directions = [.forward]
      case .convolution(let convolution):
        value = try add(convolution, path: path(prefix, "convolution"), to: value)
      case .normalization(let gain, let bias, let epsilon):
        let path = path(prefix, "normalization")
        usesNormalization = true
        value.name = add(
          "LayerNormalization",
          [value.name, add("\(path)_gain", [gain.count], gain), add("\(path)_bias", [bias.count], bias)],
          "\(path)_outputs", [.float("epsilon", epsilon)])
      case .pooling(let pooling):
        value = try add(pooling, path: path(prefix, "pooling_window"), to: value)
      case .pool(let kind): value = pool(kind, value, path(prefix, "pool"))
      case .attention(let attention): value = pool(attention, value, path(prefix, "pooling"))
      case .activation(let function): value.name = apply(function, value.name, path(prefix, "activation"))
      case .residual(let inner):
        let path = path(prefix, "residual")
        let before = value.name
        value = try add([inner], to: value, path: prefix)
        value.name = add("Add", [before, value.name], "\(path)_outputs")
        value.directions = [.forward]
      case .highway(let inner, let gate):
        value = try addHighway(inner, gate, to: value, prefix)
      case .branches(let branches, let merge):
        value = try addBranches(branches, merge, to: value, prefix)
      }
    }
    return value
  }

  /// y = x W + b.
  mutating func add(_ dense: DenseWeights, path: String, to value: ONNXValue) -> ONNXValue {
    var result = value
    let product = add("MatMul", [value.name, add("\(path)_weights", dense.weights)], "\(path)_product")
    result.name = add("Add", [product, add("\(path)_bias", [dense.bias.count], dense.bias)], "\(path)_sums")
    result.size = dense.weights.columns
    return result
  }

  /// y = x + t ∘ (f(x) − x) with t = σ(W x + b).
  private mutating func addHighway(
    _ inner: NetworkBlock, _ gate: DenseWeights, to value: ONNXValue, _ prefix: String
  ) throws(WeftError) -> ONNXValue {
    let path = path(prefix, "highway")
    var result = try add([inner], to: value, path: prefix)
    let opening = apply(.sigmoid, add(gate, path: path, to: value).name, path)
    let difference = add("Sub", [result.name, value.name], "\(path)_difference")
    let change = add("Mul", [opening, difference], "\(path)_change")
    result.name = add("Add", [value.name, change], "\(path)_outputs")
    result.directions = [.forward]
    return result
  }

  private mutating func addBranches(
    _ branches: [[NetworkBlock]], _ merge: DirectionMerge, to value: ONNXValue, _ prefix: String
  ) throws(WeftError) -> ONNXValue {
    let path = path(prefix, "branches")
    var results: [ONNXValue] = []
    for branch in branches { results.append(try add(branch, to: value, path: prefix)) }
    guard var result = results.first else { return value }
    let names = results.map(\.name)
    switch merge {
    case .concatenate:
      result.name = add("Concat", names, "\(path)_outputs", [.integer("axis", -1)])
      result.size = results.reduce(0) { $0 + $1.size }
    case .sum: result.name = add("Sum", names, "\(path)_outputs")
    case .mean: result.name = add("Mean", names, "\(path)_outputs")
    case .product:
      for (index, name) in names.enumerated().dropFirst() {
        result.name = add("Mul", [result.name, name], "\(path)_product\(index)")
      }
    }
    result.directions = [.forward]
    return result
  }

  /// f(x), as the values of a block.
  mutating func apply(_ activation: Activation, _ value: String, _ path: String) -> String {
    let output = "\(path)_activations"
    switch activation {
    case .linear: return value
    case .relu: return add("Relu", [value], output)
    case .leakyReLU: return add("LeakyRelu", [value], output, [.float("alpha", 0.01)])
    case .elu: return add("Elu", [value], output)
    case .selu: return add("Selu", [value], output)
    case .silu: return add("Mul", [value, add("Sigmoid", [value], "\(path)_share")], output)
    case .mish:
      let growth = add("Tanh", [add("Softplus", [value], "\(path)_growth")], "\(path)_share")
      return add("Mul", [value, growth], output)
    case .relu6:
      return add("Min", [add("Relu", [value], "\(path)_positive"), number(6, "six")], output)
    case .softsign: return add("Softsign", [value], output)
    case .exponential: return add("Exp", [value], output)
    case .tanh: return add("Tanh", [value], output)
    case .sigmoid: return add("Sigmoid", [value], output)
    case .softplus: return add("Softplus", [value], output)
    case .hardSigmoid:
      return add("HardSigmoid", [value], output, [.float("alpha", 1 / 6), .float("beta", 0.5)])
    case .hardSigmoidKeras2:
      return add("HardSigmoid", [value], output, [.float("alpha", 0.2), .float("beta", 0.5)])
    case .gelu:
      // x · (1 + erf(x / √2)) / 2
      let scaled = add("Mul", [value, number(Float(0.5).squareRoot(), "half_root")], "\(path)_scaled")
      let error = add("Erf", [scaled], "\(path)_erf")
      let share = add("Add", [error, number(1, "one")], "\(path)_share")
      let product = add("Mul", [value, share], "\(path)_twice")
      return add("Mul", [product, number(0.5, "half")], output)
    }
  }
}
