import Foundation
import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

/// Attention against plain Double arithmetic.
@Suite struct AttentionKernelTests {
  /// Three rows that attend to overlapping and separate spans of seven.
  private static let spans = RowSpans(starts: [2, 0, 2], counts: [5, 1, 4])
  private static let longest = 5

  /// Random rows, padded with zeros.
  private struct Sample {
    let left: [[Float]]
    let rows: [[Float]]
    let weights: [[Float]]

    init(width: Int) {
      var random = SplitMix(seed: UInt64(width) + 3)
      left = random.rows(3, width)
      rows = random.rows(7, width)
      weights = random.rows(3, longest, in: -1...1)
    }
  }

  private static func matrix(_ rows: [[Float]], offset: Int = 0) -> TestMatrix {
    TestMatrix(padded(rows), stride: VectorWidth.padded(rows[0].count) + 16, offset: offset)
  }

  /// The row of the right-hand side at each step of each span.
  private static func forEachPair(_ body: (_ row: Int, _ step: Int, _ other: Int) -> Void) {
    for row in 0..<3 {
      for step in 0..<Int(spans.counts[row]) { body(row, step, Int(spans.starts[row]) + step) }
    }
  }

  private static func magnitude(_ a: [Float], _ b: [Float]) -> Double {
    1 + zip(a, b).reduce(0) { $0 + abs(Double($1.0) * Double($1.1)) }
  }

  @Test(arguments: InstructionSet.available, testWidths)
  func products(_ set: InstructionSet, width: Int) {
    let sample = Sample(width: width)
    let result = TestMatrix(rows: 3, columns: Self.longest, stride: 9) { _, _ in .nan }
    set.kernels.spanProducts(
      Self.matrix(sample.left).matrix, Self.matrix(sample.rows).matrix, spans: Self.spans, into: result.matrix
    )
    Self.forEachPair { row, step, other in
      let expected = zip(sample.left[row], sample.rows[other]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      #expect(
        agree(
          result.matrix[row, step], expected,
          magnitude: Self.magnitude(sample.left[row], sample.rows[other])))
    }
    #expect(result.marginsAreIntact && result.matrix[1, 1].isNaN)
  }

  @Test(arguments: InstructionSet.available, testWidths)
  func sums(_ set: InstructionSet, width: Int) {
    let sample = Sample(width: width)
    let result = Self.matrix([[Float]](repeating: [Float](repeating: 9, count: width), count: 3))
    set.kernels.spanSums(
      weights: TestMatrix(sample.weights).matrix, Self.matrix(sample.rows).matrix, spans: Self.spans,
      into: result.matrix)
    var expected = [[Double]](repeating: [Double](repeating: 0, count: width), count: 3)
    Self.forEachPair { row, step, other in
      for column in 0..<width {
        expected[row][column] += Double(sample.weights[row][step]) * Double(sample.rows[other][column])
      }
    }
    for row in 0..<3 {
      for column in 0..<width {
        #expect(agree(result.matrix[row, column], expected[row][column], magnitude: 8))
      }
    }
    #expect(result.marginsAreIntact)
  }

  @Test(arguments: InstructionSet.available, testWidths)
  func addedProducts(_ set: InstructionSet, width: Int) {
    let sample = Sample(width: width)
    let target = Self.matrix(sample.rows)
    set.kernels.addSpanProducts(
      weights: TestMatrix(sample.weights).matrix, Self.matrix(sample.left).matrix, spans: Self.spans,
      to: target.matrix)
    var expected = sample.rows.map { $0.map(Double.init) }
    Self.forEachPair { row, step, other in
      for column in 0..<width {
        expected[other][column] += Double(sample.weights[row][step]) * Double(sample.left[row][column])
      }
    }
    for row in 0..<7 {
      for column in 0..<width {
        #expect(agree(target.matrix[row, column], expected[row][column], magnitude: 8))
      }
    }
    #expect(target.marginsAreIntact)
  }

  @Test(arguments: InstructionSet.available)
  func softmaxAndItsGradient(_ set: InstructionSet) {
    let sample = Sample(width: 1)
    let weights = TestMatrix(sample.weights.map { $0.map { $0 * 20 } })
    set.kernels.softmax(weights.matrix, spans: Self.spans)
    var random = SplitMix(seed: 6)
    let given = random.rows(3, Self.longest)
    let gradient = TestMatrix(given)
    set.kernels.softmaxBackward(weights: weights.matrix, gradient: gradient.matrix, spans: Self.spans)
    for row in 0..<3 {
      let count = Int(Self.spans.counts[row])
      let exponentials = sample.weights[row][..<count].map { exp(Double($0 * 20)) }
      let total = exponentials.reduce(0, +)
      let mean = zip(exponentials, given[row]).reduce(0) { $0 + $1.0 / total * Double($1.1) }
      for step in 0..<Self.longest {
        let weight = step < count ? exponentials[step] / total : 0
        let expected = step < count ? weight * (Double(given[row][step]) - mean) : 0
        // Arguments up to 20, whose rounding is magnified by 20.
        #expect(agree(weights.matrix[row, step], weight, factor: 32, magnitude: max(weight, 1e-6)))
        #expect(agree(gradient.matrix[row, step], expected, factor: 64, magnitude: 1))
      }
    }
    #expect(weights.marginsAreIntact && gradient.marginsAreIntact)
  }

  @Test(arguments: InstructionSet.available, testWidths)
  func additiveScoresAndTheirGradients(_ set: InstructionSet, width: Int) {
    let sample = Sample(width: width)
    var random = SplitMix(seed: UInt64(width) + 77)
    let vector = random.array(width)
    let scoreGradient = random.rows(3, Self.longest)
    let (queries, keys, v) = (Self.matrix(sample.left), Self.matrix(sample.rows), Self.matrix([vector]))
    let scores = TestMatrix(rows: 3, columns: Self.longest) { _, _ in .nan }
    set.kernels.additiveScores(
      queries: queries.matrix, keys: keys.matrix, vector: v.matrix, spans: Self.spans, into: scores.matrix)
    let zeros = { (rows: Int) in [[Float]](repeating: [Float](repeating: 0, count: width), count: rows) }
    let queryGradient = Self.matrix(zeros(3).map { $0.map { _ in 5 } })
    let keyGradient = Self.matrix(sample.rows)
    let vectorGradient = Self.matrix(sample.left)
    set.kernels.additiveScoresBackward(
      scoreGradient: TestMatrix(scoreGradient).matrix, queries: queries.matrix, keys: keys.matrix,
      vector: v.matrix, spans: Self.spans, queryGradient: queryGradient.matrix,
      keyGradient: keyGradient.matrix, vectorGradient: vectorGradient.matrix)

    var wantedQueries = zeros(3).map { $0.map(Double.init) }
    var wantedKeys = sample.rows.map { $0.map(Double.init) }
    var wantedVectors = sample.left.map { $0.map(Double.init) }
    Self.forEachPair { row, step, other in
      var score = 0.0
      for column in 0..<width {
        let u = tanh(Double(sample.left[row][column]) + Double(sample.rows[other][column]))
        score += Double(vector[column]) * u
        let gradient = Double(scoreGradient[row][step])
        wantedVectors[row][column] += gradient * u
        wantedQueries[row][column] += gradient * Double(vector[column]) * (1 - u * u)
        wantedKeys[other][column] += gradient * Double(vector[column]) * (1 - u * u)
      }
      #expect(agree(scores.matrix[row, step], score, magnitude: Double(2 * width)))
    }
    for (got, wanted) in [
      (queryGradient, wantedQueries), (keyGradient, wantedKeys), (vectorGradient, wantedVectors),
    ] {
      for (row, values) in wanted.enumerated() {
        for (column, value) in values.enumerated() {
          #expect(agree(got.matrix[row, column], value, factor: 16, magnitude: 8))
        }
      }
      #expect(got.marginsAreIntact)
    }
  }

  @Test(arguments: testWidths) func everyInstructionSetGivesTheSameBits(_ width: Int) {
    let sample = Sample(width: width)
    expectSameBits { kernels in
      let scores = TestMatrix(rows: 3, columns: Self.longest) { _, _ in 0 }
      let v = Self.matrix([sample.left[0]])
      let (left, rows) = (Self.matrix(sample.left), Self.matrix(sample.rows))
      kernels.additiveScores(
        queries: left.matrix, keys: rows.matrix, vector: v.matrix, spans: Self.spans, into: scores.matrix)
      let products = TestMatrix(rows: 3, columns: Self.longest) { _, _ in 0 }
      kernels.spanProducts(left.matrix, rows.matrix, spans: Self.spans, into: products.matrix)
      kernels.softmax(scores.matrix, spans: Self.spans)
      kernels.softmaxBackward(weights: scores.matrix, gradient: products.matrix, spans: Self.spans)
      let sums = Self.matrix(sample.left)
      kernels.spanSums(weights: products.matrix, rows.matrix, spans: Self.spans, into: sums.matrix)
      kernels.additiveScoresBackward(
        scoreGradient: products.matrix, queries: left.matrix, keys: rows.matrix, vector: v.matrix,
        spans: Self.spans, queryGradient: sums.matrix, keyGradient: rows.matrix, vectorGradient: left.matrix)
      return scores.values + products.values + sums.values + rows.values + left.values
    }
  }
}
