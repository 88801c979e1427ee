import Foundation
import HDF5
import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

/// Sequences of logits, targets and transitions.
private struct CRFCase {
  /// `[step][sequence][class]` of the sequences active at each step, by descending length.
  var logits: [[[Float]]]
  var lengths: [Int]
  /// As the logits; negative where unknown.
  var targets: [[Int32]]
  var transitions: [[Float]]

  var classes: Int { transitions[0].count }
  var layout: SequenceLayout { SequenceLayout(lengths: lengths, lanes: 2) }

  init(lengths: [Int], classes: Int, seed: UInt64, range: ClosedRange<Float> = -3...3) {
    var random = SplitMix(seed: seed)
    self.lengths = lengths
    let active = (0..<lengths[0]).map { step in lengths.count { $0 > step } }
    logits = active.map { (0..<$0).map { _ in random.array(classes, in: range) } }
    targets = active.map {
      (0..<$0).map { _ in Int32.random(in: -1..<Int32(classes), using: &random) }
    }
    transitions = (0..<classes + 2).map { _ in random.array(classes, in: range) }
  }

  init(_ group: Group) throws {
    lengths = try group.integers("lengths").map(Int.init)
    let rows = lengths.count
    let values = try group.floats("logits")
    let classes = values.count / (rows * lengths[0])
    let targets = try group.integers("targets")
    let lengths = lengths
    logits = (0..<lengths[0]).map { step in
      (0..<rows).filter { lengths[$0] > step }.map { row in
        Array(values[(step * rows + row) * classes..<(step * rows + row + 1) * classes])
      }
    }
    self.targets = (0..<lengths[0]).map { step in
      (0..<rows).filter { lengths[$0] > step }.map { targets[step * rows + $0] }
    }
    let scores = try group.floats("transitions")
    transitions = (0..<classes + 2).map { Array(scores[$0 * classes..<($0 + 1) * classes]) }
  }

  /// What belongs to a sequence.
  func sequence<Value>(_ row: Int, _ values: [[Value]]) -> [Value] {
    (0..<lengths[row]).map { values[$0][row] }
  }

  var reference: ReferenceRandomField {
    ReferenceRandomField(transitions: transitions.joined().map(Double.init), classes: classes)
  }

  func logits(of row: Int) -> [[Double]] { sequence(row, logits).map { $0.map(Double.init) } }

  struct Result {
    /// As the logits.
    var gradients: [[[Float]]]
    var losses: [[Float]]
    var paths: [[Int32]]
    /// By sequence.
    var transitionGradients: [[Float]]
    var isIntact: Bool
  }

  func run(_ kernels: any KernelSet.Type, scale: Float = 1) -> Result {
    let rows = padded(logits.flatMap(\.self))
    let matrix = TestMatrix(rows, stride: rows[0].count + 16)
    let scores = TestMatrix(transitions)
    let losses = TestMatrix(rows: 1, columns: rows.count) { _, _ in -1 }
    let gradients = TestMatrix(rows: lengths.count, columns: (classes + 2) * classes) { _, _ in .nan }
    let scratch = TestScratch(
      byteCount: kernels.crfScratchByteCount(steps: lengths[0], classes: classes))
    let paths = kernels.crfBestPaths(
      logits: matrix.matrix, classes: classes, transitions: scores.matrix, layout: layout,
      scratch: scratch.bytes)
    kernels.crfLoss(
      logits: matrix.matrix, classes: classes, targets: targets.flatMap(\.self),
      transitions: scores.matrix, layout: layout, gradientScale: scale, losses: losses.matrix,
      transitionGradients: gradients.matrix, scratch: scratch.bytes)
    let isPadded = scale == 0 || matrix.rows.allSatisfy { $0[classes...].allSatisfy { $0 == 0 } }
    func divided<Value>(_ values: [Value]) -> [[Value]] {
      var rest = values[...]
      return logits.map { step in step.compactMap { _ in rest.popFirst() } }
    }
    return Result(
      gradients: divided(matrix.rows.map { Array($0[..<classes]) }), losses: divided(losses.values),
      paths: divided(paths), transitionGradients: gradients.rows,
      isIntact: isPadded && matrix.marginsAreIntact && losses.marginsAreIntact && scratch.marginsAreIntact
        && gradients.marginsAreIntact && scores.marginsAreIntact)
  }
}

@Suite("Conditional random fields") struct CRFTests {
  @Test(
    "Losses, gradients and paths are pytorch-crf's", arguments: InstructionSet.available,
    ["small", "wide", "pair", "one"])
  func golden(_ set: InstructionSet, name: String) throws {
    let group = try GoldenFile.crf.open().group(name)
    let test = try CRFCase(group)
    let result = test.run(set.kernels)
    #expect(result.isIntact)
    let losses = test.lengths.indices.map { row in
      test.sequence(row, result.losses).reduce(0) { $0 + Double($1) }
    }
    #expect(relativeDifference(losses, try group.doubles("losses")) < 1e-6)
    let gradients = try group.doubles("grad_logits")
    let paths = try group.integers("paths")
    let rows = test.lengths.count
    for row in 0..<rows {
      for step in 0..<test.lengths[row] {
        let place = step * rows + row
        let wanted = Array(gradients[place * test.classes..<(place + 1) * test.classes])
        let difference = zip(result.gradients[step][row], wanted).map { abs(Double($0) - $1) }.max() ?? 0
        #expect(difference < 2e-6)
        #expect(result.paths[step][row] == paths[place])
      }
    }
    let sums = (0..<(test.classes + 2) * test.classes).map { place in
      result.transitionGradients.reduce(0) { $0 + Double($1[place]) }
    }
    let wanted = try group.doubles("grad_transitions")
    #expect(zip(sums, wanted).allSatisfy { abs($0 - $1) < 5e-6 })
  }

  static let shapes: [(lengths: [Int], classes: Int)] = [
    ([1], 1), ([1], 3), ([2, 1], 2), ([5, 4, 4, 1], 4), ([3, 2], 17), ([4, 1, 1, 1, 1], 5),
  ]

  @Test("Unknown classes are summed over", arguments: shapes, 0..<4)
  func unknown(shape: (lengths: [Int], classes: Int), seed: Int) throws {
    let test = CRFCase(lengths: shape.lengths, classes: shape.classes, seed: UInt64(seed))
    let result = test.run(InstructionSet.available[0].kernels)
    #expect(result.isIntact)
    let epsilon = 1e-6
    for row in shape.lengths.indices {
      let logits = test.logits(of: row)
      let targets = test.sequence(row, test.targets)
      let loss = test.reference.loss(logits, targets: targets)
      let found = test.sequence(row, result.losses).reduce(0) { $0 + Double($1) }
      #expect(abs(found - loss) < 4e-6 * max(1, loss))
      for step in logits.indices {
        for column in 0..<shape.classes {
          func moved(_ change: Double) -> Double {
            var logits = logits
            logits[step][column] += change
            return test.reference.loss(logits, targets: targets)
          }
          let wanted = (moved(epsilon) - moved(-epsilon)) / (2 * epsilon)
          #expect(abs(Double(result.gradients[step][row][column]) - wanted) < 1e-5)
        }
      }
      for place in 0..<(shape.classes + 2) * shape.classes {
        func moved(_ change: Double) -> Double {
          var transitions = test.reference.transitions
          transitions[place] += change
          return ReferenceRandomField(transitions: transitions, classes: shape.classes).loss(
            logits, targets: targets)
        }
        let wanted = (moved(epsilon) - moved(-epsilon)) / (2 * epsilon)
        #expect(abs(Double(result.transitionGradients[row][place]) - wanted) < 2e-5)
      }
    }
  }

  @Test("The best of all paths is found", arguments: 0..<20)
  func bestPath(seed: Int) {
    let test = CRFCase(lengths: [5, 3, 1], classes: 1 + seed % 5, seed: UInt64(seed))
    let result = test.run(InstructionSet.available[0].kernels, scale: 0)
    for row in test.lengths.indices {
      let path = test.reference.bestPath(test.logits(of: row)).map(Int32.init)
      #expect(test.sequence(row, result.paths) == path)
    }
  }

  @Test("Without transitions the loss of every step is its cross-entropy")
  func withoutTransitions() {
    var test = CRFCase(lengths: [40, 7, 7], classes: 21, seed: 5)
    test.transitions = test.transitions.map { $0.map { _ in 0 } }
    let result = test.run(InstructionSet.available[0].kernels)
    for row in test.lengths.indices {
      for step in 0..<test.lengths[row] {
        let wanted = ReferenceLoss.crossEntropy(
          test.logits(of: row)[step], target: Int(test.targets[step][row]), smoothing: 0)
        #expect(abs(Double(result.losses[step][row]) - wanted) < 4e-6)
      }
    }
  }

  @Test("Long sequences and large scores lose no digits", arguments: [Float(1), 60])
  func long(range: Float) {
    let test = CRFCase(lengths: [3000], classes: 6, seed: 9, range: -range...range)
    let result = test.run(InstructionSet.available[0].kernels)
    let logits = test.logits(of: 0)
    let wanted = test.reference.loss(logits, targets: test.sequence(0, test.targets))
    let found = test.sequence(0, result.losses).reduce(0) { $0 + Double($1) }
    #expect(abs(found - wanted) < 1e-6 * wanted)
    #expect(test.sequence(0, result.paths).map(Int.init) == test.reference.viterbi(logits))
    // The probabilities of all classes add up to those of the possible ones.
    #expect(result.gradients.allSatisfy { abs($0[0].reduce(0, +)) < 2e-5 })
  }

  @Test("All instruction sets give the same bits", arguments: shapes + [([64, 63, 9], 33)])
  func sameBits(shape: (lengths: [Int], classes: Int)) {
    let test = CRFCase(lengths: shape.lengths, classes: shape.classes, seed: 11)
    expectSameBits { kernels in
      let result = test.run(kernels, scale: 0.37)
      let gradients = Array(result.gradients.joined().joined())
      let others = Array(result.losses.joined()) + Array(result.transitionGradients.joined())
      return gradients + others + result.paths.joined().map { Float($0) }
    }
  }
}
