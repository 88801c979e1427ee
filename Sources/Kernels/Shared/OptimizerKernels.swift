import KernelInterface

/// Optimizer steps of parameters p with gradients g, the equations of PyTorch; η is the learning rate, λ the weight
/// decay:
///
///     before         g = scale·g + λ·p;  for AdamW g = scale·g and p = (1 − η·λ)·p
///     SGD            p −= η·g
///       momentum     b = m·b + g;  p −= η·b
///       Nesterov     b = m·b + g;  p −= η·(g + m·b)
///     RMSProp        v = ρ·v + (1 − ρ)·g²;  p −= η·g / (√v + ε)
///     Adagrad        v = v + g²;  p −= η·g / (√v + ε)
///     Adam, AdamW    m = β₁·m + (1 − β₁)·g;  v = β₂·v + (1 − β₂)·g²
///                    m̂ = m / (1 − β₁ᵗ);  v̂ = v / (1 − β₂ᵗ);  p −= η·m̂ / (√v̂ + ε)
///     after          p̄ = d·p̄ + (1 − d)·p, the moving average
///
/// Sources: momentum, Sutskever et al. 2013; RMSProp, Tieleman and Hinton 2012; Adagrad, Duchi, Hazan and Singer 2011;
/// Adam, Kingma and Ba 2015, algorithm 1; AdamW, Loshchilov and Hutter 2019, algorithm 2.
extension VectorKernels {
  @inline(never)
  package static func update(
    parameters: Matrix, gradients: Matrix, firstMoments: Matrix?, secondMoments: Matrix?, average: Matrix?,
    step: OptimizerStep
  ) {
    assert(parameters.rows == 1 && gradients.rows == 1 && gradients.columns == parameters.columns)
    assert((firstMoments != nil) == step.rule.needsFirstMoments)
    assert((secondMoments != nil) == step.rule.needsSecondMoments)
    assert((average != nil) == (step.averageDecay != nil))
    let slice = Slice(parameters, gradients, firstMoments, secondMoments, step)
    let rate = Vector(repeating: Float(-step.learningRate))
    switch step.rule {
    case .sgd(let momentum, let nesterov):
      let momentum = Vector(repeating: Float(momentum))
      if !step.rule.needsFirstMoments {
        @inline(always)
        func move(_ p: inout Vector, _ g: Vector, _: inout Vector, _: inout Vector) {
          p = multiplyAdd(rate, g, p)
        }
        slice.update(move)
      } else if nesterov {
        @inline(always)
        func move(_ p: inout Vector, _ g: Vector, _ b: inout Vector, _: inout Vector) {
          b = multiplyAdd(momentum, b, g)
          p = multiplyAdd(rate, multiplyAdd(momentum, b, g), p)
        }
        slice.update(move)
      } else {
        @inline(always)
        func move(_ p: inout Vector, _ g: Vector, _ b: inout Vector, _: inout Vector) {
          b = multiplyAdd(momentum, b, g)
          p = multiplyAdd(rate, b, p)
        }
        slice.update(move)
      }
    case .rmsProp(let decay, let epsilon):
      let epsilon = Vector(repeating: Float(epsilon))
      let decays = Vector(repeating: Float(decay))
      let rest = Vector(repeating: Float(1 - decay))
      @inline(always)
      func move(_ p: inout Vector, _ g: Vector, _: inout Vector, _ v: inout Vector) {
        v = multiplyAdd(rest * g, g, decays * v)
        p = multiplyAdd(rate, g / (v.squareRoot() + epsilon), p)
      }
      slice.update(move)
    case .adagrad(let epsilon):
      let epsilon = Vector(repeating: Float(epsilon))
      @inline(always)
      func move(_ p: inout Vector, _ g: Vector, _: inout Vector, _ v: inout Vector) {
        v = multiplyAdd(g, g, v)
        p = multiplyAdd(rate, g / (v.squareRoot() + epsilon), p)
      }
      slice.update(move)
    case .adam(let beta1, let beta2, let epsilon), .adamW(let beta1, let beta2, let epsilon):
      let first = Vector(repeating: Float(1 - beta1))
      let beta2s = Vector(repeating: Float(beta2))
      let rest = Vector(repeating: Float(1 - beta2))
      let epsilon = Vector(repeating: Float(epsilon))
      let size = Vector(repeating: Float(-step.learningRate / step.firstCorrection))
      let correction = Vector(repeating: Float(1 / step.secondCorrection.squareRoot()))
      @inline(always)
      func move(_ p: inout Vector, _ g: Vector, _ m: inout Vector, _ v: inout Vector) {
        m = multiplyAdd(first, g - m, m)
        v = multiplyAdd(rest * g, g, beta2s * v)
        let root = multiplyAdd(v.squareRoot(), correction, epsilon)
        p = multiplyAdd(size, m / root, p)
      }
      slice.update(move)
    }
    if let average, let decay = step.averageDecay {
      let rest = Vector(repeating: Float(1 - decay))
      @inline(always)
      func moveAverage(_ start: Int, _ count: Int) {
        let values = Vector.load(average.pointer + start, count: count)
        let difference = Vector.load(parameters.pointer + start, count: count) - values
        multiplyAdd(rest, difference, values).store(average.pointer + start, count: count)
      }
      forEachVector(in: parameters.columns, moveAverage)
    }
  }

  @inline(never)
  package static func clipByValue(_ values: Matrix, limit: Float) {
    let upper = Vector(repeating: limit)
    let lower = Vector(repeating: -limit)
    for row in 0..<values.rows {
      let target = values.row(row)
      @inline(always)
      func clip(_ start: Int, _ count: Int) {
        Vector.load(target + start, count: count).atLeast(lower).atMost(upper)
          .store(target + start, count: count)
      }
      forEachVector(in: values.columns, clip)
    }
  }

  @inline(never)
  package static func blockSquaredSums(values: Matrix, block: Int, into sums: Matrix) {
    assert(values.rows == 1 && block > 0 && block % Vector.scalarCount == 0)
    assert(sums.columns * block >= values.columns)
    var start = 0
    while start < values.columns {
      sums[0, start / block] = squaredSum(values.pointer + start, count: min(block, values.columns - start))
      start += block
    }
  }
}

/// The memory of one step, and the part that all rules have in common.
private struct Slice {
  let count: Int
  let parameters: UnsafeMutablePointer<Float>
  let gradients: UnsafePointer<Float>
  let firstMoments: UnsafeMutablePointer<Float>?
  let secondMoments: UnsafeMutablePointer<Float>?
  let gradientScale: Vector
  /// λ, coupled; 0 for AdamW.
  let coupledDecay: Vector
  /// 1 − η·λ for AdamW; 1 for the other rules.
  let shrinkage: Vector

  @inline(always)
  init(
    _ parameters: Matrix, _ gradients: Matrix, _ firstMoments: Matrix?, _ secondMoments: Matrix?,
    _ step: OptimizerStep
  ) {
    count = parameters.columns
    self.parameters = parameters.pointer
    self.gradients = UnsafePointer(gradients.pointer)
    self.firstMoments = firstMoments?.pointer
    self.secondMoments = secondMoments?.pointer
    gradientScale = Vector(repeating: step.gradientScale)
    if case .adamW = step.rule {
      coupledDecay = Vector(repeating: 0)
      shrinkage = Vector(repeating: Float(1 - step.learningRate * step.weightDecay))
    } else {
      coupledDecay = Vector(repeating: Float(step.weightDecay))
      shrinkage = Vector(repeating: 1)
    }
  }

  /// Calls `rule` with each element's parameter, scaled and decayed gradient, and moments. Missing moments are zeros
  /// and not stored.
  @inline(always)
  func update(_ rule: (inout Vector, Vector, inout Vector, inout Vector) -> Void) {
    @inline(always)
    func updateVector(_ start: Int, _ count: Int) {
      var p = Vector.load(parameters + start, count: count)
      let scaled = Vector.load(gradients + start, count: count) * gradientScale
      let g = multiplyAdd(coupledDecay, p, scaled)
      p *= shrinkage
      var m = firstMoments.map { Vector.load($0 + start, count: count) } ?? Vector(repeating: 0)
      var v = secondMoments.map { Vector.load($0 + start, count: count) } ?? Vector(repeating: 0)
      rule(&p, g, &m, &v)
      p.store(parameters + start, count: count)
      if let firstMoments { m.store(firstMoments + start, count: count) }
      if let secondMoments { v.store(secondMoments + start, count: count) }
    }
    forEachVector(in: count, updateVector)
  }
}
