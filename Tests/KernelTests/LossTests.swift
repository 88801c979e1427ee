import Foundation
import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

/// A loss by elements beside its definition in Double.
struct LossCase: CustomTestStringConvertible, Sendable {
  typealias Kernel =
    @Sendable (
      any KernelSet.Type, _ predictions: Matrix, _ targets: Matrix, _ weights: Matrix?, _ width: Int,
      _ gradientScale: Float, _ losses: Matrix
    ) -> Void

  let name: String
  let kernel: Kernel
  let loss: @Sendable (_ prediction: Double, _ target: Double) -> Double
  let derivative: @Sendable (_ prediction: Double, _ target: Double) -> Double

  var testDescription: String { name }

  static let all = [
    LossCase(
      name: "squared error",
      kernel: { kernels, predictions, targets, weights, width, scale, losses in
        kernels.squaredError(
          predictions: predictions, targets: targets, weights: weights, width: width, gradientScale: scale,
          losses: losses)
      },
      loss: { ($0 - $1) * ($0 - $1) }, derivative: { 2 * ($0 - $1) }),
    LossCase(
      name: "absolute error",
      kernel: { kernels, predictions, targets, weights, width, scale, losses in
        kernels.absoluteError(
          predictions: predictions, targets: targets, weights: weights, width: width, gradientScale: scale,
          losses: losses)
      },
      loss: { abs($0 - $1) }, derivative: { $0 == $1 ? 0 : $0 > $1 ? 1 : -1 }),
    LossCase(
      name: "binary cross-entropy",
      kernel: { kernels, predictions, targets, weights, width, scale, losses in
        kernels.binaryCrossEntropy(
          predictions: predictions, targets: targets, weights: weights, width: width, gradientScale: scale,
          losses: losses)
      },
      loss: { max($0, 0) - $0 * $1 + log1p(exp(-abs($0))) }, derivative: { 1 / (1 + exp(-$0)) - $1 }),
  ]

  func run(
    _ kernels: any KernelSet.Type, _ predictions: [[Float]], _ targets: [[Float]], weights: [Float]?,
    width: Int,
    scale: Float
  ) -> (gradients: [[Float]], losses: [Float], marginsAreIntact: Bool) {
    let matrix = TestMatrix(predictions, stride: predictions[0].count + 3, offset: 1)
    let losses = TestMatrix(rows: 1, columns: predictions.count) { _, _ in .nan }
    let weights = weights.map { TestMatrix([$0]) }
    kernel(kernels, matrix.matrix, TestMatrix(targets).matrix, weights?.matrix, width, scale, losses.matrix)
    return (matrix.rows, losses.values, matrix.marginsAreIntact && losses.marginsAreIntact)
  }
}

@Suite struct LossTests {
  @Test(arguments: LossCase.all, testWidths)
  func matchesDouble(_ loss: LossCase, width: Int) {
    var random = SplitMix(seed: UInt64(width))
    let predictions = random.rows(5, width, in: -20...20)
    var targets = random.rows(5, width, in: 0...1)
    targets[0][width - 1] = predictions[0][width - 1]
    targets[3] = targets[3].map { _ in .nan }
    let weights: [Float] = [1, 0.5, 2, 0, 1]
    for set in InstructionSet.available {
      let scale: Float = 0.25
      let result = loss.run(
        set.kernels, padded(predictions), targets, weights: weights, width: width, scale: scale)
      #expect(result.marginsAreIntact)
      for row in 0..<5 {
        #expect(result.gradients[row][width...].allSatisfy { $0 == 0 })
        let weight = Double(weights[row])
        guard weight > 0 else {
          #expect(result.losses[row] == 0 && result.gradients[row].allSatisfy { $0 == 0 })
          continue
        }
        let pairs = zip(predictions[row], targets[row]).map { (Double($0), Double($1)) }
        let expected = weight * pairs.reduce(0) { $0 + loss.loss($1.0, $1.1) }
        let magnitude = weight * pairs.reduce(1) { $0 + abs(loss.loss($1.0, $1.1)) + abs($1.0) }
        #expect(agree(result.losses[row], expected, magnitude: magnitude))
        for (value, pair) in zip(result.gradients[row], pairs) {
          let gradient = Double(scale) * weight * loss.derivative(pair.0, pair.1)
          #expect(agree(value, gradient, magnitude: Double(scale) * weight + abs(gradient)))
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
      InstructionSet.baseline.kernels, predictions, targets, weights: nil, width: 16, scale: 1)
    for (value, pair) in zip(result.gradients[0], zip(predictions[0], targets[0])) {
      let (x, t) = (Double(pair.0), Double(pair.1))
      let expected = (loss.loss(x + 1e-6, t) - loss.loss(x - 1e-6, t)) / 2e-6
      #expect(abs(Double(value) - expected) < 1e-5)
    }
  }

  @Test(arguments: LossCase.all)
  func nonFinitePredictionsAndEvaluation(_ loss: LossCase) {
    for set in InstructionSet.available {
      let bad = loss.run(
        set.kernels, [[1, .nan, 0]], [[0, 0, 0]], weights: nil, width: 3, scale: 1)
      #expect(bad.losses[0].isNaN && bad.gradients[0][1].isNaN && bad.gradients[0][0].isFinite)
      let kept = loss.run(
        set.kernels, [[1, 2, 3], [4, 5, 6]], [[0, 0, 1], [0, 0, 0]], weights: [1, 0], width: 2, scale: 0)
      #expect(kept.gradients == [[1, 2, 3], [4, 5, 6]] && kept.losses[0] > 0 && kept.losses[1] == 0)
    }
  }

  @Test func largeLogitsAreStable() {
    let binary = LossCase.all[2]
    for set in InstructionSet.available {
      let result = binary.run(
        set.kernels, [[1e4], [-1e4], [1e4], [-1e4]], [[1], [0], [0], [1]], weights: nil, width: 1, scale: 1)
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
      let result = loss.run(
        kernels, predictions, targets, weights: [1, 0.3, 0, 2], width: width, scale: 0.7)
      return result.gradients.flatMap { $0 } + result.losses
    }
  }
}
