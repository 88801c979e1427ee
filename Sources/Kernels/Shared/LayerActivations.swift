import KernelInterface

/// Activations of layers, with y = f(x):
///
///     relu           y = max(x, 0)                     dx = dy where y > 0, else 0
///     leaky relu     y = x where x > 0, else x/100     dx = dy where y > 0, else dy/100
///     elu            y = x where x > 0, else eˣ − 1    dx = dy where y > 0, else dy∘(y + 1)
///     gelu           y = x∘Φ(x)                        dx = dy∘(Φ(x) + x∘φ(x)),  φ(x) = exp(−x²/2)/√(2π)
///     selu           y = λx where x > 0, else λα(eˣ − 1)   dx = λdy where y > 0, else dy∘(y + λα)
///     silu           y = x∘σ(x)                        dx = dy∘σ(x)∘(1 + x∘(1 − σ(x)))
///     mish           y = x∘t,  t = tanh(softplus(x))   dx = dy∘(t + x∘(1 − t²)∘σ(x))
///     relu6          y = min(max(x, 0), 6)             dx = dy where 0 < y < 6, else 0
///     tanh           y = tanh(x)                       dx = dy∘(1 − y²)
///     sigmoid        y = 1/(1 + e⁻ˣ)                   dx = dy∘y∘(1 − y)
///     softplus       y = ln(1 + eˣ)                    dx = dy∘(1 − e⁻ʸ)
///     softsign       y = x/(1 + |x|)                   dx = dy∘(1 − |y|)²
///     exponential    y = eˣ                            dx = dy∘y
///     hard sigmoid   y = min(max(s·x + ½, 0), 1)       dx = s·dy where 0 < y < 1, else 0
extension VectorKernels {
  @inline(never)
  package static func activate(_ activation: Activation, _ inputs: Matrix, into outputs: Matrix) {
    switch activation {
    case .linear: map(inputs, into: outputs, identity)
    case .relu: map(inputs, into: outputs, rectified)
    case .leakyReLU: map(inputs, into: outputs, leakyRectified)
    case .elu: map(inputs, into: outputs, exponentialLinear)
    case .gelu: map(inputs, into: outputs, gaussianErrorLinear)
    case .selu: map(inputs, into: outputs, scaledExponentialLinear)
    case .silu: map(inputs, into: outputs, sigmoidLinear)
    case .mish: map(inputs, into: outputs, mish)
    case .relu6: map(inputs, into: outputs, boundedRectified)
    case .tanh: map(inputs, into: outputs, hyperbolicTangent)
    case .sigmoid: map(inputs, into: outputs, logistic)
    case .softplus: map(inputs, into: outputs, softplus)
    case .softsign: map(inputs, into: outputs, softsign)
    case .exponential: map(inputs, into: outputs, exponential)
    case .hardSigmoid: map(inputs, into: outputs, hardSigmoid)
    case .hardSigmoidKeras2: map(inputs, into: outputs, hardSigmoidKeras2)
    }
  }

  @inline(never)
  package static func activateBackward(_ activation: Activation, _ gradient: Matrix, values: Matrix) {
    switch activation {
    case .linear: break
    case .relu: differentiate(gradient, values, rectifierGradient)
    case .leakyReLU: differentiate(gradient, values, leakyRectifierGradient)
    case .elu: differentiate(gradient, values, exponentialLinearGradient)
    case .gelu: differentiate(gradient, values, gaussianErrorLinearGradient)
    case .selu: differentiate(gradient, values, scaledExponentialLinearGradient)
    case .silu: differentiate(gradient, values, sigmoidLinearGradient)
    case .mish: differentiate(gradient, values, mishGradient)
    case .relu6: differentiate(gradient, values, boundedRectifierGradient)
    case .tanh: differentiate(gradient, values, tanhGradient)
    case .sigmoid: differentiate(gradient, values, logisticGradient)
    case .softplus: differentiate(gradient, values, softplusGradient)
    case .softsign: differentiate(gradient, values, softsignGradient)
    case .exponential: differentiate(gradient, values, exponentialGradient)
    case .hardSigmoid: differentiate(gradient, values, hardSigmoidGradient)
    case .hardSigmoidKeras2: differentiate(gradient, values, hardSigmoidKeras2Gradient)
    }
  }

  @inline(always)
  static func map(_ inputs: Matrix, into outputs: Matrix, _ function: (Vector) -> Vector) {
    assert(inputs.rows == outputs.rows && inputs.columns == outputs.columns)
    for row in 0..<outputs.rows {
      let (source, target) = (inputs.row(row), outputs.row(row))
      @inline(always)
      func mapVector(_ column: Int, _ count: Int) {
        function(Vector.load(source + column, count: count)).store(target + column, count: count)
      }
      forEachVector(in: outputs.columns, mapVector)
    }
  }

  @inline(always)
  private static func differentiate(
    _ gradient: Matrix, _ values: Matrix, _ function: (_ gradient: Vector, _ value: Vector) -> Vector
  ) {
    assert(gradient.rows == values.rows && gradient.columns == values.columns)
    for row in 0..<gradient.rows {
      let (target, source) = (gradient.row(row), values.row(row))
      @inline(always)
      func differentiateVector(_ column: Int, _ count: Int) {
        function(Vector.load(target + column, count: count), Vector.load(source + column, count: count))
          .store(target + column, count: count)
      }
      forEachVector(in: gradient.columns, differentiateVector)
    }
  }
}

@inline(always)
private func identity(_ x: Vector) -> Vector { x }

@inline(always)
private func leakyRectified(_ x: Vector) -> Vector {
  (x * Vector(repeating: 0.01)).replacing(with: x, where: x .> Vector(repeating: 0))
}

@inline(always)
private func leakyRectifierGradient(_ gradient: Vector, output y: Vector) -> Vector {
  (gradient * Vector(repeating: 0.01)).replacing(with: gradient, where: y .> Vector(repeating: 0))
}

@inline(always)
private func exponentialLinear(_ x: Vector) -> Vector {
  (exponential(x) - 1).replacing(with: x, where: x .> Vector(repeating: 0))
}

@inline(always)
private func exponentialLinearGradient(_ gradient: Vector, output y: Vector) -> Vector {
  (gradient * (y + 1)).replacing(with: gradient, where: y .> Vector(repeating: 0))
}

@inline(always)
private func gaussianErrorLinear(_ x: Vector) -> Vector { x * normalDistribution(x) }

@inline(always)
private func gaussianErrorLinearGradient(_ gradient: Vector, input x: Vector) -> Vector {
  let density = exponential(x * x * Vector(repeating: -0.5)) * Vector(repeating: 0.398_942_3)
  return gradient * multiplyAdd(x, density, normalDistribution(x))
}

/// With λ = 1.0507 and λα = 1.7581.
@inline(always)
private func scaledExponentialLinear(_ x: Vector) -> Vector {
  ((exponential(x) - 1) * Vector(repeating: 1.758_099_3))
    .replacing(with: x * Vector(repeating: 1.050_701), where: x .> Vector(repeating: 0))
}

@inline(always)
private func scaledExponentialLinearGradient(_ gradient: Vector, output y: Vector) -> Vector {
  (gradient * (y + Vector(repeating: 1.758_099_3)))
    .replacing(with: gradient * Vector(repeating: 1.050_701), where: y .> Vector(repeating: 0))
}

@inline(always)
private func sigmoidLinear(_ x: Vector) -> Vector { x * logistic(x) }

@inline(always)
private func sigmoidLinearGradient(_ gradient: Vector, input x: Vector) -> Vector {
  let s = logistic(x)
  return gradient * s * multiplyAdd(x, 1 - s, Vector(repeating: 1))
}

@inline(always)
private func mish(_ x: Vector) -> Vector { x * hyperbolicTangent(softplus(x)) }

@inline(always)
private func mishGradient(_ gradient: Vector, input x: Vector) -> Vector {
  let t = hyperbolicTangent(softplus(x))
  return gradient * multiplyAdd(x * (1 - t * t), logistic(x), t)
}

@inline(always)
private func boundedRectified(_ x: Vector) -> Vector {
  rectified(x).replacing(with: 6, where: x .> Vector(repeating: 6))
}

@inline(always)
private func boundedRectifierGradient(_ gradient: Vector, output y: Vector) -> Vector {
  rectifierGradient(gradient, output: y).replacing(with: 0, where: y .>= Vector(repeating: 6))
}

@inline(always)
private func softsign(_ x: Vector) -> Vector { x / (x.magnitude + 1) }

@inline(always)
private func softsignGradient(_ gradient: Vector, output y: Vector) -> Vector {
  let slope = 1 - y.magnitude
  return gradient * slope * slope
}

@inline(always)
private func exponentialGradient(_ gradient: Vector, output y: Vector) -> Vector { gradient * y }

@inline(always)
private func softplusGradient(_ gradient: Vector, output y: Vector) -> Vector {
  gradient * (1 - exponential(y.negated))
}

@inline(always)
private func hardSigmoid(_ x: Vector) -> Vector { hardSigmoid(x, slope: 1 / 6) }

@inline(always)
private func hardSigmoidKeras2(_ x: Vector) -> Vector { hardSigmoid(x, slope: 0.2) }

@inline(always)
private func hardSigmoidGradient(_ gradient: Vector, output y: Vector) -> Vector {
  hardSigmoidGradient(gradient, output: y, slope: 1 / 6)
}

@inline(always)
private func hardSigmoidKeras2Gradient(_ gradient: Vector, output y: Vector) -> Vector {
  hardSigmoidGradient(gradient, output: y, slope: 0.2)
}

/// Φ(x), the distribution function of the standard normal distribution, as erfc(−x/√2) / 2. With z = |x|/√2,
/// erfc(z) = t·exp(−z² + p(t)), t = 1/(1 + z/2), and a polynomial p by Chebyshev fitting, within 1.2·10⁻⁷ of the result.
@inline(always)
func normalDistribution(_ x: Vector) -> Vector {
  let z = x.magnitude * Vector(repeating: 0.707_106_8)
  let t = 1 / multiplyAdd(z, Vector(repeating: 0.5), Vector(repeating: 1))
  var p = Vector(repeating: 0.170_872_77)
  p = multiplyAdd(p, t, Vector(repeating: -0.822_152_23))
  p = multiplyAdd(p, t, Vector(repeating: 1.488_515_87))
  p = multiplyAdd(p, t, Vector(repeating: -1.135_203_98))
  p = multiplyAdd(p, t, Vector(repeating: 0.278_868_07))
  p = multiplyAdd(p, t, Vector(repeating: -0.186_288_06))
  p = multiplyAdd(p, t, Vector(repeating: 0.096_784_18))
  p = multiplyAdd(p, t, Vector(repeating: 0.374_091_96))
  p = multiplyAdd(p, t, Vector(repeating: 1.000_023_68))
  p = multiplyAdd(p, t, Vector(repeating: -1.265_512_23))
  let half = t * exponential(multiplyAdd(z.negated, z, p)) * Vector(repeating: 0.5)
  return half.replacing(with: 1 - half, where: x .> Vector(repeating: 0))
}

/// s·x + ½, within 0 and 1; NaN stays NaN.
@inline(always)
func hardSigmoid(_ x: Vector, slope: Float) -> Vector {
  let y = multiplyAdd(x, Vector(repeating: slope), Vector(repeating: 0.5))
  return y.replacing(with: 0, where: y .< Vector(repeating: 0))
    .replacing(with: 1, where: y .> Vector(repeating: 1))
}

/// The gradient of the hard sigmoid's input from that of its output y: s·dy where 0 < y < 1, else 0.
@inline(always)
func hardSigmoidGradient(_ gradient: Vector, output y: Vector, slope: Float) -> Vector {
  (gradient * Vector(repeating: slope)).replacing(with: 0, where: y .<= Vector(repeating: 0))
    .replacing(with: 0, where: y .>= Vector(repeating: 1))
}

/// An activation whose gradient follows from its output.
@inline(never)
func activated(_ x: Vector, _ activation: Activation) -> Vector {
  switch activation {
  case .linear: x
  case .relu: rectified(x)
  case .leakyReLU: leakyRectified(x)
  case .elu: exponentialLinear(x)
  case .gelu: gaussianErrorLinear(x)
  case .selu: scaledExponentialLinear(x)
  case .silu: sigmoidLinear(x)
  case .mish: mish(x)
  case .relu6: boundedRectified(x)
  case .tanh: hyperbolicTangent(x)
  case .sigmoid: logistic(x)
  case .softplus: softplus(x)
  case .softsign: softsign(x)
  case .exponential: exponential(x)
  case .hardSigmoid: hardSigmoid(x)
  case .hardSigmoidKeras2: hardSigmoidKeras2(x)
  }
}

/// The gradient of an activation's input from that of its output y.
@inline(never)
func differentiated(_ gradient: Vector, output y: Vector, _ activation: Activation) -> Vector {
  switch activation {
  case .linear: gradient
  case .relu: rectifierGradient(gradient, output: y)
  case .leakyReLU: leakyRectifierGradient(gradient, output: y)
  case .elu: exponentialLinearGradient(gradient, output: y)
  case .gelu, .silu, .mish: preconditionFailure("the gradient needs the input")
  case .selu: scaledExponentialLinearGradient(gradient, output: y)
  case .relu6: boundedRectifierGradient(gradient, output: y)
  case .tanh: tanhGradient(gradient, output: y)
  case .sigmoid: logisticGradient(gradient, output: y)
  case .softplus: softplusGradient(gradient, output: y)
  case .softsign: softsignGradient(gradient, output: y)
  case .exponential: exponentialGradient(gradient, output: y)
  case .hardSigmoid: hardSigmoidGradient(gradient, output: y)
  case .hardSigmoidKeras2: hardSigmoidKeras2Gradient(gradient, output: y)
  }
}
