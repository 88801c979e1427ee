import WeftLayers

extension NetworkBlock {
  /// Multiplies the block's inputs by factors and adds shifts, in its weights.
  ///
  /// - Returns: Whether that is possible: the inputs are multiplied by weights, and none are zeros beyond a sequence.
  mutating func absorb(_ scaling: InputScaling) -> Bool {
    switch self {
    case .dense(let dense, let activation):
      guard dense.weights.rows == scaling.factors.count else { return false }
      self = .dense(
        DenseWeights(
          weights: scaling.scaled(dense.weights), bias: scaling.shifted(dense.bias, by: dense.weights)),
        activation)
    case .recurrent(var level):
      guard level.layers.allSatisfy({ $0.input.rows == scaling.factors.count }) else { return false }
      for index in level.layers.indices {
        let input = level.layers[index].input
        level.layers[index].bias = scaling.shifted(level.layers[index].bias, by: input)
        level.layers[index].input = scaling.scaled(input)
      }
      self = .recurrent(level)
    case .convolution(var convolution):
      let weights = convolution.dense.weights
      guard weights.rows == convolution.width * scaling.factors.count,
        convolution.padding == .valid || scaling.shifts.allSatisfy({ $0 == 0 })
      else { return false }
      let repeated = scaling.repeated(convolution.width)
      convolution.dense = DenseWeights(
        weights: repeated.scaled(weights), bias: repeated.shifted(convolution.dense.bias, by: weights))
      self = .convolution(convolution)
    case .normalization, .pooling, .pool, .attention, .activation, .residual, .highway, .branches:
      return false
    }
    return true
  }

  /// Multiplies the block's outputs by factors and adds shifts, in its weights.
  ///
  /// - Returns: Whether that is possible: no function comes after the weights.
  mutating func absorb(outputs scaling: InputScaling) -> Bool {
    switch self {
    case .dense(let dense, .linear) where dense.bias.count == scaling.factors.count:
      self = .dense(scaling.scaledOutputs(of: dense), .linear)
    case .convolution(var convolution)
    where convolution.activation == .linear && convolution.dense.bias.count == scaling.factors.count:
      convolution.dense = scaling.scaledOutputs(of: convolution.dense)
      self = .convolution(convolution)
    default: return false
    }
    return true
  }

  /// Whether scaling features before the block and after it are the same.
  func commutes(with scaling: InputScaling) -> Bool {
    switch self {
    case .pool(.maximum): scaling.factors.allSatisfy { $0 > 0 }
    case .pooling(let pooling): pooling.kind == .mean || scaling.factors.allSatisfy { $0 > 0 }
    case .pool(let kind): kind != .attention
    case .recurrent, .dense, .convolution, .normalization, .attention, .activation, .residual, .highway,
      .branches:
      false
    }
  }
}

/// x′ = factors ∘ x + shifts, such as a normalization with fixed statistics.
package struct InputScaling: Sendable, Equatable {
  var factors: [Float]
  var shifts: [Float]

  init(factors: [Float], shifts: [Float]) {
    self.factors = factors
    self.shifts = shifts
  }

  /// What a batch normalization does after training, with as many of each number as features.
  init(gain: [Float], bias: [Float], mean: [Float], variance: [Float], epsilon: Double) {
    factors = zip(gain, variance).map { $0 / ($1 + Float(epsilon)).squareRoot() }
    shifts = zip(zip(bias, mean), factors).map { $0.0 - $0.1 * $1 }
  }

  /// The scaling as a dense layer.
  var dense: DenseWeights {
    var weights = WeightMatrix.identity(factors.count)
    for index in factors.indices { weights.values[index * factors.count + index] = factors[index] }
    return DenseWeights(weights: weights, bias: shifts)
  }

  /// W diag(factors), and the bias with it: the scaling of a dense layer's outputs.
  func scaledOutputs(of dense: DenseWeights) -> DenseWeights {
    var result = dense
    for index in result.weights.values.indices {
      result.weights.values[index] *= factors[index % dense.weights.columns]
    }
    for index in result.bias.indices {
      result.bias[index] = result.bias[index] * factors[index] + shifts[index]
    }
    return result
  }

  /// diag(factors) W.
  func scaled(_ weights: WeightMatrix) -> WeightMatrix {
    var result = weights
    for row in 0..<weights.rows {
      for column in 0..<weights.columns { result.values[row * weights.columns + column] *= factors[row] }
    }
    return result
  }

  /// b + shifts · W, in double precision.
  func shifted(_ bias: [Float], by weights: WeightMatrix) -> [Float] {
    bias.indices.map { column in
      (0..<weights.rows).reduce(Double(bias[column])) {
        $0 + Double(shifts[$1]) * Double(weights.values[$1 * weights.columns + column])
      }
    }.map { Float($0) }
  }

  /// The same for several steps side by side.
  func repeated(_ count: Int) -> InputScaling {
    InputScaling(
      factors: (0..<count).flatMap { _ in factors }, shifts: (0..<count).flatMap { _ in shifts })
  }

  /// First this scaling, then another of as many features.
  func followed(by other: InputScaling) -> InputScaling {
    InputScaling(
      factors: zip(factors, other.factors).map { $0 * $1 },
      shifts: factors.indices.map { shifts[$0] * other.factors[$0] + other.shifts[$0] })
  }
}
