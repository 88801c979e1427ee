import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

@Suite struct RowKernelTests {
  @Test(arguments: InstructionSet.available, testWidths)
  func gatherAndScatter(_ set: InstructionSet, width: Int) {
    var random = SplitMix(seed: UInt64(width))
    let table = random.rows(5, width)
    let indices: [Int32] = [4, 0, 0, 3]
    let panels = VectorWidth.padded(width)
    let source = TestMatrix(table, stride: width + 3, offset: 1)
    let gathered = TestMatrix(rows: 4, columns: panels, stride: panels + 16) { _, _ in .nan }
    set.kernels.gatherRows(table: source.matrix, indices: indices, into: gathered.matrix)
    #expect(gathered.rows == padded(indices.map { table[Int($0)] }))
    #expect(gathered.marginsAreIntact)

    let scattered = TestMatrix(rows: 6, columns: width, stride: width + 1) { _, _ in 9 }
    let rows = random.rows(2, width)
    set.kernels.scatterRows(TestMatrix(rows, offset: 2).matrix, to: [5, 1], of: scattered.matrix)
    let nines = Array(repeating: Float(9), count: width)
    #expect(scattered.rows == [nines, rows[1], nines, nines, nines, rows[0]])
    #expect(scattered.marginsAreIntact)
  }

  @Test(
    "Rounding agrees with the definition over the whole range", arguments: InstructionSet.available,
    testWidths)
  func roundAndWiden(_ set: InstructionSet, width: Int) {
    var random = SplitMix(seed: UInt64(width))
    let special: [Float] = [.infinity, -.infinity, .nan, 0, -0.0, .leastNonzeroMagnitude]
    let rows = (0..<5).map { _ in
      (0..<width).map { _ in
        Bool.random(using: &random)
          ? special.randomElement(using: &random) ?? 0
          : Float(bitPattern: .random(in: 0...UInt32.max, using: &random))
      }
    }
    let rounded = TestRounded(rows: 5, columns: width)
    set.kernels.round(TestMatrix(rows, stride: width + 3, offset: 1).matrix, into: rounded.matrix)
    #expect(rounded.marginsAreIntact)
    let widened = TestMatrix(rows: 5, columns: width, stride: width + 2, offset: 3) { _, _ in .nan }
    set.kernels.widen(rounded.matrix, into: widened.matrix)
    #expect(widened.marginsAreIntact)
    for (found, value) in zip(widened.values, rows.joined()) {
      let expected = DotAlgorithm.bf16_bf16_f32.rounded(value)
      #expect(found.isNaN && expected.isNaN || found.bitPattern == expected.bitPattern, "\(value)")
    }
  }

  @Test(arguments: InstructionSet.available, testWidths)
  func elementwise(_ set: InstructionSet, width: Int) {
    var random = SplitMix(seed: UInt64(width))
    let a = random.rows(3, width)
    let b = random.rows(3, width)
    let c = random.rows(3, width)
    func check(
      _ reference: (Float, Float, Float) -> Float, _ kernel: (Matrix, Matrix, Matrix) -> Void
    ) {
      let left = TestMatrix(a, stride: width + 2, offset: 5)
      let right = TestMatrix(b)
      let target = TestMatrix(c, stride: width + 7, offset: 2)
      kernel(left.matrix, right.matrix, target.matrix)
      let expected = (0..<3).map { row in (0..<width).map { reference(a[row][$0], b[row][$0], c[row][$0]) } }
      #expect(target.rows == expected && target.marginsAreIntact)
    }
    check({ a, _, _ in a }) {
      set.kernels.copy($0, into: $2); _ = $1
    }
    check({ a, _, c in a + c }) {
      set.kernels.add($0, to: $2); _ = $1
    }
    check({ a, b, c in c.addingProduct(a, b) }) { set.kernels.addProduct($0, $1, to: $2) }
    check({ a, b, _ in a * b }) { set.kernels.multiply($0, $1, into: $2) }
    check({ _, b, c in b * c }) {
      set.kernels.multiply($2, $1, into: $2); _ = $0
    }
    check({ _, _, c in c * 0.3 }) {
      set.kernels.scale($2, by: 0.3); _ = ($0, $1)
    }
    check({ _, _, _ in 2.5 }) {
      set.kernels.fill($2, with: 2.5); _ = ($0, $1)
    }
  }

  @Test(arguments: InstructionSet.available, testWidths)
  func initialize(_ set: InstructionSet, width: Int) {
    var random = SplitMix(seed: UInt64(width))
    let row = random.array(width)
    for (initial, expected) in [
      (InitialValue.zero, [Float](repeating: 0, count: width)), (.row(TestMatrix([row]).matrix), row),
      (.result, [Float](repeating: 5, count: width)),
    ] {
      let result = TestMatrix(rows: 3, columns: width, stride: width + 2, offset: 1) { _, _ in 5 }
      set.kernels.initialize(result.matrix, from: initial)
      #expect(result.rows == [expected, expected, expected])
      #expect(result.marginsAreIntact)
    }
  }

  @Test(arguments: InstructionSet.available, testWidths)
  func squaredNorms(_ set: InstructionSet, width: Int) {
    var random = SplitMix(seed: UInt64(width))
    let values = random.rows(4, width)
    let norms = TestMatrix(rows: 1, columns: 4) { _, _ in .nan }
    set.kernels.squaredNorms(of: TestMatrix(values, stride: width + 1).matrix, into: norms.matrix)
    for (row, norm) in zip(values, norms.values) {
      let reference = row.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(agree(norm, reference, factor: 4 + Double(width) / 16, magnitude: reference))
    }
  }

  @Test(arguments: testWidths)
  func sameBits(width: Int) {
    var random = SplitMix(seed: UInt64(width))
    let a = random.rows(3, width)
    let b = random.rows(3, width)
    expectSameBits { kernels in
      let target = TestMatrix(a)
      kernels.addProduct(TestMatrix(b).matrix, target.matrix, to: target.matrix)
      let norms = TestMatrix(rows: 1, columns: 3) { _, _ in 0 }
      kernels.squaredNorms(of: target.matrix, into: norms.matrix)
      return target.values + norms.values
    }
  }
}
