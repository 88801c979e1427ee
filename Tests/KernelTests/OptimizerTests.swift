import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

/// An optimizer step on one parameter in Double, after PyTorch's definitions.
private struct ReferenceParameter {
  var value: Double
  var first = 0.0
  var second = 0.0
  var average: Double

  mutating func update(gradient: Double, number: Int, _ step: OptimizerStep) {
    let rate = step.learningRate
    var g = gradient * Double(step.gradientScale)
    if case .adamW = step.rule {
      value -= rate * step.weightDecay * value
    } else {
      g += step.weightDecay * value
    }
    switch step.rule {
    case .sgd(let momentum, let nesterov):
      if momentum == 0 {
        value -= rate * g
      } else {
        first = momentum * first + g
        value -= rate * (nesterov ? g + momentum * first : first)
      }
    case .rmsProp(let decay, let epsilon):
      second = decay * second + (1 - decay) * g * g
      value -= rate * g / (second.squareRoot() + epsilon)
    case .adagrad(let epsilon):
      second += g * g
      value -= rate * g / (second.squareRoot() + epsilon)
    case .adam(let beta1, let beta2, let epsilon), .adamW(let beta1, let beta2, let epsilon):
      first = beta1 * first + (1 - beta1) * g
      second = beta2 * second + (1 - beta2) * g * g
      var (power1, power2) = (1.0, 1.0)
      for _ in 0..<number { (power1, power2) = (power1 * beta1, power2 * beta2) }
      let deviation = (second / (1 - power2)).squareRoot() + epsilon
      value -= rate * (first / (1 - power1)) / deviation
    }
    if let decay = step.averageDecay { average = decay * average + (1 - decay) * value }
  }
}

@Suite struct OptimizerTests {
  static let rules: [OptimizerRule] = [
    .sgd(momentum: 0, nesterov: false), .sgd(momentum: 0.9, nesterov: false),
    .sgd(momentum: 0.9, nesterov: true), .rmsProp(decay: 0.99, epsilon: 1e-8), .adagrad(epsilon: 1e-10),
    .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8),
  ]

  /// Everything that a step changes.
  private final class State {
    let parameters: TestMatrix
    let firstMoments: TestMatrix?
    let secondMoments: TestMatrix?
    let average: TestMatrix

    init(_ values: [Float], rule: OptimizerRule, offset: Int) {
      let count = values.count
      parameters = TestMatrix([values], offset: offset)
      firstMoments =
        rule.needsFirstMoments ? TestMatrix(rows: 1, columns: count, offset: offset) { _, _ in 0 } : nil
      secondMoments =
        rule.needsSecondMoments ? TestMatrix(rows: 1, columns: count, offset: offset) { _, _ in 0 } : nil
      average = TestMatrix([values], offset: offset)
    }

    func update(
      _ kernels: any KernelSet.Type, gradients: Matrix, _ step: OptimizerStep, columns: Range<Int>? = nil
    ) {
      let columns = columns ?? 0..<parameters.matrix.columns
      kernels.update(
        parameters: parameters.matrix.columns(columns), gradients: gradients.columns(columns),
        firstMoments: firstMoments?.matrix.columns(columns),
        secondMoments: secondMoments?.matrix.columns(columns),
        average: step.averageDecay == nil ? nil : average.matrix.columns(columns), step: step)
    }

    var values: [Float] {
      parameters.values + (firstMoments?.values ?? []) + (secondMoments?.values ?? []) + average.values
    }

    var marginsAreIntact: Bool {
      [parameters, firstMoments, secondMoments, average].allSatisfy { $0?.marginsAreIntact ?? true }
    }
  }

  private func step(_ rule: OptimizerRule, _ number: Int) -> OptimizerStep {
    OptimizerStep(
      rule: rule, number: number, learningRate: 0.01, weightDecay: 0.02, gradientScale: 0.5, averageDecay: 0.9
    )
  }

  @Test(arguments: rules, testWidths)
  func matchesDouble(rule: OptimizerRule, count: Int) {
    for set in InstructionSet.available {
      var random = SplitMix(seed: UInt64(count))
      let values = random.array(count)
      var references = values.map { ReferenceParameter(value: Double($0), average: Double($0)) }
      let state = State(values, rule: rule, offset: count % 5)
      for number in 1...6 {
        let gradients = TestMatrix([random.array(count)], offset: 3)
        state.update(set.kernels, gradients: gradients.matrix, step(rule, number))
        for index in 0..<count {
          references[index].update(
            gradient: Double(gradients.values[index]), number: number, step(rule, number))
          #expect(agree(state.parameters.values[index], references[index].value, magnitude: 2))
          #expect(agree(state.average.values[index], references[index].average, magnitude: 2))
        }
      }
      #expect(state.marginsAreIntact)
    }
  }

  @Test(arguments: rules)
  func slicingChangesNothing(rule: OptimizerRule) {
    var random = SplitMix(seed: 17)
    let values = random.array(257)
    let gradients = TestMatrix([random.array(257)])
    for set in InstructionSet.available {
      let whole = State(values, rule: rule, offset: 0)
      whole.update(set.kernels, gradients: gradients.matrix, step(rule, 1))
      let sliced = State(values, rule: rule, offset: 0)
      for slice in [0..<5, 5..<100, 100..<101, 101..<257] {
        sliced.update(set.kernels, gradients: gradients.matrix, step(rule, 1), columns: slice)
      }
      #expect(sliced.values == whole.values)
    }
  }

  @Test(arguments: rules)
  func nanGradientsMakeNaNParameters(rule: OptimizerRule) {
    for set in InstructionSet.available {
      let state = State([1, 2, 3], rule: rule, offset: 0)
      state.update(set.kernels, gradients: TestMatrix([[0.1, .nan, 0.1]]).matrix, step(rule, 1))
      #expect(state.parameters.values[1].isNaN)
      #expect(state.parameters.values[0].isFinite && state.parameters.values[2].isFinite)
    }
  }

  @Test(arguments: InstructionSet.available, testWidths)
  func clipByValue(_ set: InstructionSet, count: Int) {
    var random = SplitMix(seed: UInt64(count))
    var values = random.array(count)
    values[count / 2] = .nan
    let matrix = TestMatrix([values], offset: 1)
    set.kernels.clipByValue(matrix.matrix, limit: 0.5)
    for (clipped, value) in zip(matrix.values, values) {
      #expect(value.isNaN ? clipped.isNaN : clipped == min(max(value, -0.5), 0.5))
    }
    #expect(matrix.marginsAreIntact)
  }

  @Test(arguments: InstructionSet.available)
  func blockSquaredSums(_ set: InstructionSet) {
    for count in testWidths + [4096, 4097, 10_000] {
      var random = SplitMix(seed: UInt64(count))
      let values = random.array(count)
      for block in [16, 64, 4096] {
        let blocks = (count + block - 1) / block
        let sums = TestMatrix(rows: 1, columns: blocks) { _, _ in .nan }
        set.kernels.blockSquaredSums(
          values: TestMatrix([values], offset: 7).matrix, block: block, into: sums.matrix)
        for (index, sum) in sums.values.enumerated() {
          let part = values[index * block..<min(count, (index + 1) * block)]
          let reference = part.reduce(0.0) { $0 + Double($1) * Double($1) }
          #expect(agree(sum, reference, factor: 4 + Double(block) / 16, magnitude: reference))
        }
        #expect(sums.marginsAreIntact)
      }
    }
  }

  @Test(arguments: rules)
  func sameBits(rule: OptimizerRule) {
    var random = SplitMix(seed: 23)
    let values = random.array(257)
    let gradients = (0..<4).map { _ in TestMatrix([random.array(257)]) }
    expectSameBits { kernels in
      let state = State(values, rule: rule, offset: 0)
      for number in 1...4 {
        state.update(kernels, gradients: gradients[number - 1].matrix, step(rule, number))
      }
      let sums = TestMatrix(rows: 1, columns: 3) { _, _ in 0 }
      kernels.blockSquaredSums(values: state.parameters.matrix, block: 96, into: sums.matrix)
      return state.values + sums.values
    }
  }
}
