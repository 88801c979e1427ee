import Foundation
import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

@Suite struct CrossEntropyTests {
  /// The loss and its gradient, in Double.
  private static func reference(
    _ logits: [Float], target: Int, smoothing: Double
  ) -> (loss: Double, gradient: [Double]) {
    let x = logits.map(Double.init)
    let maximum = x.max()!
    let sum = x.reduce(0) { $0 + exp($1 - maximum) }
    let logProbabilities = x.map { $0 - maximum - log(sum) }
    let wanted = x.indices.map { (1 - smoothing) * ($0 == target ? 1 : 0) + smoothing / Double(x.count) }
    let loss = zip(logProbabilities, wanted).reduce(0) { $0 - ($1.1 == 0 ? 0 : $1.0 * $1.1) }
    return (loss, zip(logProbabilities, wanted).map { exp($0) - $1 })
  }

  private struct Result {
    var gradients: [[Float]]
    var losses: [Float]
    var correct: [Float]
    var marginsAreIntact: Bool
  }

  private static func run(
    _ kernels: any KernelSet.Type, _ logits: [[Float]], classes: Int, targets: [Int32], smoothing: Float = 0,
    scale: Float = 1
  ) -> Result {
    let matrix = TestMatrix(logits, stride: logits[0].count + 16)
    let losses = TestMatrix(rows: 1, columns: logits.count) { _, _ in .nan }
    let correct = TestMatrix(rows: 1, columns: logits.count) { _, _ in .nan }
    kernels.softmaxCrossEntropy(
      logits: matrix.matrix, classes: classes, targets: targets, labelSmoothing: smoothing,
      gradientScale: scale,
      losses: losses.matrix, correct: correct.matrix)
    return Result(
      gradients: matrix.rows, losses: losses.values, correct: correct.values,
      marginsAreIntact: matrix.marginsAreIntact && losses.marginsAreIntact && correct.marginsAreIntact)
  }

  @Test(arguments: InstructionSet.available, testWidths)
  func matchesDouble(_ set: InstructionSet, classes: Int) {
    var random = SplitMix(seed: UInt64(classes))
    let logits = random.rows(6, classes, in: -8...8)
    let targets: [Int32] = (0..<6).map { $0 == 2 ? -1 : Int32($0 * 5 % classes) }
    for smoothing: Float in [0, 0.1] {
      let scale: Float = 0.125
      let result = Self.run(
        set.kernels, padded(logits), classes: classes, targets: targets, smoothing: smoothing, scale: scale)
      #expect(result.marginsAreIntact)
      for row in 0..<6 {
        #expect(result.gradients[row][classes...].allSatisfy { $0 == 0 })
        guard targets[row] >= 0 else {
          #expect(result.losses[row] == 0 && result.correct[row] == 0)
          #expect(result.gradients[row].allSatisfy { $0 == 0 })
          continue
        }
        let target = Int(targets[row])
        let expected = Self.reference(logits[row], target: target, smoothing: Double(smoothing))
        #expect(agree(result.losses[row], expected.loss, factor: 32, magnitude: 1 + expected.loss))
        for (value, gradient) in zip(result.gradients[row], expected.gradient) {
          #expect(agree(value, gradient * Double(scale), factor: 16, magnitude: Double(scale)))
        }
        #expect(result.correct[row] == (logits[row].firstIndex(of: logits[row].max()!) == target ? 1 : 0))
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func gradientsMatchFiniteDifferences(_ set: InstructionSet) {
    var random = SplitMix(seed: 5)
    let logits = random.array(17)
    let result = Self.run(set.kernels, padded([logits]), classes: 17, targets: [3], smoothing: 0.2)
    for index in 0..<17 {
      func loss(_ change: Double) -> Double {
        let x = logits.enumerated().map { Double($1) + ($0 == index ? change : 0) }
        let sum = x.reduce(0) { $0 + exp($1) }
        return x.enumerated().reduce(0) { total, element in
          total - ((element.offset == 3 ? 0.8 : 0) + 0.2 / 17) * (element.element - log(sum))
        }
      }
      let expected = (loss(1e-5) - loss(-1e-5)) / 2e-5
      #expect(abs(Double(result.gradients[0][index]) - expected) < 1e-6)
    }
  }

  @Test(arguments: InstructionSet.available)
  func extremeLogits(_ set: InstructionSet) {
    let huge: [Float] = [3e38, -3e38, 1e30, 0]
    let result = Self.run(set.kernels, padded([huge, huge]), classes: 4, targets: [0, 3])
    #expect(result.losses == [0, 3e38] && result.correct == [1, 0])
    #expect(result.gradients[0].allSatisfy { $0 == 0 })
    #expect(Array(result.gradients[1][..<4]) == [1, 0, 0, -1])

    let masked: [Float] = [1, -.infinity, 1, -.infinity]
    let half = Self.run(set.kernels, padded([masked]), classes: 4, targets: [2])
    #expect(agree(half.losses[0], log(2), magnitude: 1) && half.correct == [0])

    for position in [0, 5, 20] {
      var logits = Array(repeating: Float(1), count: 21)
      logits[position] = .nan
      let result = Self.run(set.kernels, padded([logits]), classes: 21, targets: [4])
      #expect(result.losses[0].isNaN && result.correct == [0])
      #expect(result.gradients[0][..<21].allSatisfy { $0.isNaN })
    }
  }

  @Test(arguments: InstructionSet.available)
  func tiesGoToTheLowestIndex(_ set: InstructionSet) {
    var logits = Array(repeating: Float(0), count: 40)
    for index in [3, 20, 35] { logits[index] = 2 }
    let result = Self.run(
      set.kernels, padded([logits, logits, logits]), classes: 40, targets: [3, 20, 35])
    #expect(result.correct == [1, 0, 0])
  }

  @Test(arguments: InstructionSet.available)
  func withoutGradientsLogitsStay(_ set: InstructionSet) {
    var random = SplitMix(seed: 9)
    let logits = padded(random.rows(3, 21))
    let targets: [Int32] = [1, -1, 20]
    let evaluated = Self.run(set.kernels, logits, classes: 21, targets: targets, scale: 0)
    let trained = Self.run(set.kernels, logits, classes: 21, targets: targets)
    #expect(evaluated.gradients == logits)
    #expect(evaluated.losses == trained.losses && evaluated.correct == trained.correct)
  }

  @Test(arguments: InstructionSet.available, testWidths)
  func softmax(_ set: InstructionSet, classes: Int) {
    var random = SplitMix(seed: UInt64(classes))
    let logits = random.rows(3, classes, in: -20...20)
    let matrix = TestMatrix(padded(logits))
    set.kernels.softmax(matrix.matrix, classes: classes)
    for row in 0..<3 {
      let x = logits[row].map(Double.init)
      let sum = x.reduce(0) { $0 + exp($1 - x.max()!) }
      for (index, value) in matrix.rows[row].enumerated() {
        let expected = index < classes ? exp(x[index] - x.max()!) / sum : 0
        #expect(agree(value, expected, factor: 32, magnitude: expected))
      }
    }
    #expect(matrix.marginsAreIntact)
  }

  @Test(arguments: testWidths)
  func sameBits(classes: Int) {
    var random = SplitMix(seed: UInt64(classes))
    let logits = padded(random.rows(5, classes, in: -10...10))
    let targets = (0..<5).map { Int32($0 % classes) }
    expectSameBits { kernels in
      let result = Self.run(kernels, logits, classes: classes, targets: targets, smoothing: 0.1, scale: 0.3)
      return result.gradients.flatMap { $0 } + result.losses + result.correct
    }
  }
}
