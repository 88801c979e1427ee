import Foundation
import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

/// A loss of one prediction per target and its definition in Double.
struct LossCase: CustomTestStringConvertible, Sendable {
  typealias Kernel = @Sendable (any KernelSet.Type, LossOperands) -> Void

  let name: String
  let kernel: Kernel
  let loss: @Sendable (_ prediction: Double, _ target: Double) -> Double
  let derivative: @Sendable (_ prediction: Double, _ target: Double) -> Double

  var testDescription: String { name }

  static let all = [
    LossCase(
      name: "squared error", kernel: { $0.squaredError($1) }, loss: { ($0 - $1) * ($0 - $1) },
      derivative: { 2 * ($0 - $1) }),
    LossCase(
      name: "absolute error", kernel: { $0.absoluteError($1) }, loss: { abs($0 - $1) },
      derivative: { $0 == $1 ? 0 : $0 > $1 ? 1 : -1 }),
    LossCase(
      name: "binary cross-entropy", kernel: { $0.binaryCrossEntropy($1) },
      loss: { max($0, 0) - $0 * $1 + log1p(exp(-abs($0))) }, derivative: { 1 / (1 + exp(-$0)) - $1 }),
    LossCase(
      name: "Huber", kernel: { $0.huberLoss($1, threshold: 0.75) },
      loss: { y, t in
        let difference = abs(y - t)
        return difference <= 0.75 ? 0.5 * difference * difference : 0.75 * (difference - 0.375)
      }, derivative: { max(-0.75, min(0.75, $0 - $1)) }),
    LossCase(
      name: "Poisson", kernel: { $0.poissonLoss($1) }, loss: { exp($0) - $1 * $0 },
      derivative: { exp($0) - $1 }),
    LossCase(
      name: "Tweedie", kernel: { $0.tweedieLoss($1, power: 1.5) },
      loss: { 2 * exp(0.5 * $0) + 2 * $1 * exp(-0.5 * $0) },
      derivative: { exp(0.5 * $0) - $1 * exp(-0.5 * $0) }),
    focal(weight: 3, focus: 0), focal(weight: 1, focus: 2), focal(weight: 0.5, focus: 0.75),
  ]

  /// Weighted and focused binary cross-entropy (Lin et al. 2017), by its definition.
  private static func focal(weight: Double, focus: Double) -> LossCase {
    let loss: @Sendable (Double, Double) -> Double = { x, t in
      let (p, q) = (1 / (1 + exp(-x)), 1 / (1 + exp(x)))
      let (positive, negative) = (log1p(exp(-abs(x))) + max(-x, 0), log1p(exp(-abs(x))) + max(x, 0))
      return weight * t * pow(q, focus) * positive + (1 - t) * pow(p, focus) * negative
    }
    return LossCase(
      name: "binary cross-entropy, weight \(weight), focus \(focus)",
      kernel: { kernels, operands in
        let weights = TestMatrix([[Float](repeating: Float(weight), count: operands.width)])
        kernels.weightedBinaryCrossEntropy(
          operands, positiveWeights: weights.matrix, focus: Float(focus))
      }, loss: loss, derivative: { (loss($0 + 1e-6, $1) - loss($0 - 1e-6, $1)) / 2e-6 })
  }

  struct Result {
    var gradients: [[Float]]
    var losses: [Float]
    var marginsAreIntact: Bool
  }

  static func run(
    _ kernels: any KernelSet.Type, _ kernel: Kernel, _ predictions: [[Float]], _ targets: [[Float]],
    width: Int, scale: Float
  ) -> Result {
    let matrix = TestMatrix(predictions, stride: predictions[0].count + 3, offset: 1)
    let losses = TestMatrix(rows: 1, columns: predictions.count) { _, _ in .nan }
    kernel(
      kernels,
      LossOperands(
        predictions: matrix.matrix, targets: TestMatrix(targets).matrix, width: width, gradientScale: scale,
        losses: losses.matrix))
    return Result(
      gradients: matrix.rows, losses: losses.values,
      marginsAreIntact: matrix.marginsAreIntact && losses.marginsAreIntact)
  }

  func run(
    _ kernels: any KernelSet.Type, _ predictions: [[Float]], _ targets: [[Float]], width: Int, scale: Float
  ) -> Result {
    Self.run(kernels, kernel, predictions, targets, width: width, scale: scale)
  }
}

@Suite struct LossTests {
  /// Half of scikit-learn's mean_tweedie_deviance of all targets, without its constant Σ t^(2−p) / ((1 − p)(2 − p)).
  @Test(arguments: [
    (1.2 as Float, 30.864125448698722), (1.5, 16.827291633588388), (1.8, 24.6778659075799),
  ]) func tweedieIsScikitLearns(power: Float, expected: Double) {
    let means: [Float] = [0.7, 2, 3, 0.5]
    let result = LossCase.run(
      InstructionSet.available[0].kernels, { $0.tweedieLoss($1, power: power) }, [means.map { log($0) }],
      [[0, 1.5, 4, 0.25]], width: 4, scale: 0)
    #expect(abs(Double(result.losses[0]) - expected) < 1e-5 * expected)
  }

  @Test(arguments: LossCase.all, testWidths)
  func matchesDouble(_ loss: LossCase, width: Int) {
    var random = SplitMix(seed: UInt64(width))
    let predictions = random.rows(5, width, in: -20...20)
    var targets = random.rows(5, width, in: 0...1)
    targets[0][width - 1] = predictions[0][width - 1]
    targets[3] = targets[3].map { _ in .nan }
    for set in InstructionSet.available {
      let scale: Float = 0.25
      let result = loss.run(set.kernels, padded(predictions), targets, width: width, scale: scale)
      #expect(result.marginsAreIntact)
      for row in 0..<5 {
        #expect(result.gradients[row][width...].allSatisfy { $0 == 0 })
        guard row != 3 else {
          #expect(result.losses[row] == 0 && result.gradients[row].allSatisfy { $0 == 0 })
          continue
        }
        let pairs = zip(predictions[row], targets[row]).map { (Double($0), Double($1)) }
        let expected = pairs.reduce(0) { $0 + loss.loss($1.0, $1.1) }
        let magnitude = pairs.reduce(1) { $0 + abs(loss.loss($1.0, $1.1)) + abs($1.0) }
        #expect(agree(result.losses[row], expected, magnitude: magnitude))
        for (value, pair) in zip(result.gradients[row], pairs) {
          let gradient = Double(scale) * loss.derivative(pair.0, pair.1)
          #expect(agree(value, gradient, magnitude: Double(scale) + abs(gradient)))
        }
      }
    }
  }

  @Test(arguments: LossCase.all)
  func gradientsMatchFiniteDifferences(_ loss: LossCase) {
    var random = SplitMix(seed: 3)
    let predictions = random.rows(1, 16)
    let targets = random.rows(1, 16, in: 0...1)
    let result = loss.run(
      InstructionSet.baseline.kernels, predictions, targets, width: 16, scale: 1)
    for (value, pair) in zip(result.gradients[0], zip(predictions[0], targets[0])) {
      let (x, t) = (Double(pair.0), Double(pair.1))
      let expected = (loss.loss(x + 1e-6, t) - loss.loss(x - 1e-6, t)) / 2e-6
      #expect(abs(Double(value) - expected) < 1e-5)
    }
  }

  @Test(arguments: LossCase.all)
  func nonFinitePredictionsAndEvaluation(_ loss: LossCase) {
    for set in InstructionSet.available {
      let bad = loss.run(set.kernels, [[1, .nan, 0]], [[0, 0, 0]], width: 3, scale: 1)
      #expect(bad.losses[0].isNaN && bad.gradients[0][1].isNaN && bad.gradients[0][0].isFinite)
      let kept = loss.run(
        set.kernels, [[1, 2, 3], [4, 5, 6]], [[0, 0, 1], [.nan, .nan, 0]], width: 2, scale: 0)
      #expect(kept.gradients == [[1, 2, 3], [4, 5, 6]] && kept.losses[0] > 0 && kept.losses[1] == 0)
    }
  }

  @Test func largeLogitsAreStable() {
    let binary = LossCase.all[2]
    for set in InstructionSet.available {
      let result = binary.run(
        set.kernels, [[1e4], [-1e4], [1e4], [-1e4]], [[1], [0], [0], [1]], width: 1, scale: 1)
      #expect(result.losses == [0, 0, 1e4, 1e4])
      #expect(result.gradients == [[0], [0], [1], [-1]])
    }
  }

  @Test(arguments: LossCase.all, testWidths)
  func sameBits(_ loss: LossCase, width: Int) {
    var random = SplitMix(seed: UInt64(width))
    let predictions = random.rows(4, width, in: -30...30)
    let targets = random.rows(4, width, in: 0...1)
    expectSameBits { kernels in
      let result = loss.run(kernels, predictions, targets, width: width, scale: 0.7)
      return result.gradients.flatMap { $0 } + result.losses
    }
  }
}
