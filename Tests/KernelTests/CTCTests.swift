import Foundation
import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

/// Sequences of random logits and labels.
private struct CTCCase {
  /// `[step][sequence][class]` of the sequences active at each step, by descending length.
  var logits: [[[Float]]]
  var lengths: [Int]
  var labels: [[Int32]]
  var classes: Int
  var blank: Int

  init(
    lengths: [Int], labels: [[Int32]], classes: Int, blank: Int, seed: UInt64,
    range: ClosedRange<Float> = -3...3
  ) {
    var random = SplitMix(seed: seed)
    self.lengths = lengths
    self.labels = labels
    self.classes = classes
    self.blank = blank
    logits = (0..<lengths[0]).map { step in
      lengths.filter { $0 > step }.map { _ in random.array(classes, in: range) }
    }
  }

  var sequences: LabelledSequences {
    LabelledSequences(
      starts: logits.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }.dropLast(),
      lengths: lengths,
      labels: labels.flatMap(\.self),
      offsets: labels.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
  }

  struct Result {
    /// As the logits.
    var gradients: [[[Float]]]
    var losses: [Float]
    var isIntact: Bool

    func gradients(of sequence: Int, steps: Int) -> [[Float]] { (0..<steps).map { gradients[$0][sequence] } }
  }

  func run(_ kernels: any KernelSet.Type, scale: Float = 1) -> Result {
    let rows = padded(logits.flatMap(\.self))
    let matrix = TestMatrix(rows, stride: rows[0].count + 16)
    let losses = TestMatrix(rows: 1, columns: lengths.count) { _, _ in -1 }
    let scratch = TestScratch(byteCount: kernels.ctcScratchByteCount(sequences, classes: classes))
    kernels.ctcLoss(
      logits: matrix.matrix, classes: classes, blank: blank, sequences: sequences, gradientScale: scale,
      losses: losses.matrix, scratch: scratch.bytes)
    var values = matrix.rows[...]
    let isPadded = matrix.rows.allSatisfy { $0[classes...].allSatisfy { $0 == 0 } }
    let gradients = logits.map { step in step.map { _ in Array((values.popFirst() ?? [])[..<classes]) } }
    return Result(
      gradients: gradients, losses: losses.values,
      isIntact: isPadded && matrix.marginsAreIntact && losses.marginsAreIntact && scratch.marginsAreIntact)
  }

  /// −ln P of a sequence's labels and ∂/∂logits, in Double, by enumeration of all alignments.
  func enumerated(_ sequence: Int) -> (loss: Double, gradient: [[Double]]) {
    let logProbabilities = (0..<lengths[sequence]).map { step in
      let x = logits[step][sequence].map(Double.init)
      let maximum = x.max()!
      let sum = x.reduce(0) { $0 + exp($1 - maximum) }
      return x.map { $0 - maximum - log(sum) }
    }
    var total = 0.0
    var occupancy = logProbabilities.map { $0.map { _ in 0.0 } }
    func visit(_ symbols: [Int], _ logProbability: Double) {
      guard symbols.count == logProbabilities.count else {
        for symbol in 0..<classes {
          visit(symbols + [symbol], logProbability + logProbabilities[symbols.count][symbol])
        }
        return
      }
      var read: [Int32] = []
      for (index, symbol) in symbols.enumerated()
      where symbol != blank && (index == 0 || symbols[index - 1] != symbol) {
        read.append(Int32(symbol))
      }
      guard read == labels[sequence] else { return }
      total += exp(logProbability)
      for (step, symbol) in symbols.enumerated() { occupancy[step][symbol] += exp(logProbability) }
    }
    visit([], 0)
    let gradient = zip(logProbabilities, occupancy).map { logProbabilities, occupancy in
      zip(logProbabilities, occupancy).map { exp($0) - $1 / total }
    }
    return (-log(total), gradient)
  }
}

@Suite struct CTCTests {
  /// Short enough to enumerate.
  private static let small: [CTCCase] = [
    CTCCase(
      lengths: [5, 4, 3, 1], labels: [[1, 2], [1, 1], [2], [1]], classes: 3, blank: 0, seed: 1),
    CTCCase(
      lengths: [5, 5, 4, 2], labels: [[], [0, 0, 0], [1, 0, 1], []], classes: 3, blank: 2, seed: 2),
    CTCCase(
      lengths: [6, 3, 3], labels: [[2, 0], [2, 0, 2], [0, 0]], classes: 3, blank: 1, seed: 3),
    CTCCase(
      lengths: [5, 4, 4], labels: [[3, 1], [1, 2, 3], [2]], classes: 4, blank: 0, seed: 4, range: -40...40),
  ]

  @Test(arguments: InstructionSet.available, small.indices)
  func matchesEnumeration(_ set: InstructionSet, number: Int) {
    let test = Self.small[number]
    let scale: Float = 0.25
    let result = test.run(set.kernels, scale: scale)
    #expect(result.isIntact)
    for (sequence, length) in test.lengths.enumerated() {
      let expected = test.enumerated(sequence)
      #expect(agree(result.losses[sequence], expected.loss, magnitude: max(expected.loss, 1)))
      for (found, wanted) in zip(result.gradients(of: sequence, steps: length), expected.gradient) {
        for (value, reference) in zip(found, wanted) {
          #expect(agree(value, Double(scale) * reference, factor: 64, magnitude: Double(scale)))
        }
      }
    }
  }

  @Test func impossibleLabelsHaveAnInfiniteLossAndNoGradient() {
    for set in InstructionSet.available {
      let test = CTCCase(
        lengths: [4, 3, 3, 1], labels: [[1, 1, 1], [1, 2, 1], [1, 1, 2], [2, 1]], classes: 3, blank: 0,
        seed: 5)
      let result = test.run(set.kernels)
      #expect(result.losses[0] == .infinity && result.losses[2] == .infinity && result.losses[3] == .infinity)
      #expect(result.losses[1].isFinite)
      for sequence in [0, 2, 3] {
        #expect(result.gradients(of: sequence, steps: test.lengths[sequence]).joined().allSatisfy { $0 == 0 })
      }
      #expect(result.gradients(of: 1, steps: 3).joined().contains { $0 != 0 })
    }
  }

  @Test func maskedClasses() {
    for set in InstructionSet.available {
      var test = CTCCase(
        lengths: [4, 4], labels: [[1, 2], [3]], classes: 4, blank: 0, seed: 6)
      for step in 0..<4 {
        for sequence in 0..<2 { test.logits[step][sequence][3] = -.infinity }
      }
      let result = test.run(set.kernels)
      #expect(result.losses[1] == .infinity)
      #expect(result.gradients(of: 1, steps: 4).joined().allSatisfy { $0 == 0 })
      let expected = test.enumerated(0)
      #expect(agree(result.losses[0], expected.loss, magnitude: max(expected.loss, 1)))
      for (found, wanted) in zip(result.gradients(of: 0, steps: 4), expected.gradient) {
        for (value, reference) in zip(found, wanted) {
          #expect(agree(value, reference, factor: 64, magnitude: 1))
        }
      }
    }
  }

  @Test func aBadNumberStaysInItsSequence() {
    for set in InstructionSet.available {
      var test = CTCCase(
        lengths: [4, 4, 3], labels: [[1], [2], [1, 2]], classes: 3, blank: 0, seed: 7)
      let clean = test.run(set.kernels)
      test.logits[2][1][0] = .nan
      let result = test.run(set.kernels)
      #expect(result.losses[1].isNaN && result.gradients(of: 1, steps: 4).joined().contains { $0.isNaN })
      #expect(result.losses[0] == clean.losses[0] && result.losses[2] == clean.losses[2])
      #expect(result.gradients(of: 0, steps: 4) == clean.gradients(of: 0, steps: 4))
      #expect(result.gradients(of: 2, steps: 3) == clean.gradients(of: 2, steps: 3))
    }
  }

  @Test func withoutGradientsLogitsStay() {
    let test = Self.small[0]
    for set in InstructionSet.available {
      let kept = test.run(set.kernels, scale: 0)
      #expect(kept.gradients == test.logits && kept.losses == test.run(set.kernels).losses)
    }
  }

  private static func long(_ count: Int, range: ClosedRange<Float>) -> CTCCase {
    var random = SplitMix(seed: UInt64(count))
    let lengths = [3 * count + 7, 2 * count + 2, 2 * count + 1]
    let labels = lengths.map { _ in (0..<count).map { _ in Int32.random(in: 1..<6, using: &random) } }
    return CTCCase(
      lengths: lengths, labels: labels, classes: 6, blank: 0, seed: UInt64(count), range: range)
  }

  @Test(arguments: [1, 7, 8, 9, 60], [Float(2), 30])
  func sameBits(count: Int, magnitude: Float) {
    let test = Self.long(count, range: -magnitude...magnitude)
    expectSameBits { kernels in
      let result = test.run(kernels, scale: 0.7)
      return result.gradients.joined().flatMap(\.self) + result.losses
    }
  }

  /// Each step's gradients sum to zero, as probabilities and occupancies each sum to one.
  @Test(arguments: [7, 60], [Float(2), 30])
  func gradientsOfLongSequencesBalance(count: Int, magnitude: Float) {
    let result = Self.long(count, range: -magnitude...magnitude).run(InstructionSet.baseline.kernels)
    #expect(result.losses.allSatisfy { $0.isFinite && $0 > 0 })
    for row in result.gradients.joined() {
      #expect(abs(row.reduce(0, +)) < 1e-5)
      #expect(row.allSatisfy { abs($0) <= 1 + 1e-5 })
    }
  }

  @Test func minimumSteps() {
    #expect(LabelledSequences.minimumSteps([]) == 0 && LabelledSequences.minimumSteps([4]) == 1)
    #expect(LabelledSequences.minimumSteps([1, 1, 2, 2, 2, 1]) == 9)
  }
}
