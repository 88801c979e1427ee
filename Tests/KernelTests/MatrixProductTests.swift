import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

@Suite("Matrix product") struct MatrixProductTests {
  struct Shape: CustomTestStringConvertible, Sendable {
    let rows: Int
    let depth: Int
    let columns: Int
    var testDescription: String { "\(rows)×\(depth)×\(columns)" }
  }

  static let sizes = [1, 5, 6, 7, 13, 16, 17, 64, 65, 100]

  /// Each size in each dimension, and random ones.
  static let shapes: [Shape] = {
    var random = SplitMix(seed: 4)
    let fixed = sizes.flatMap { size in
      [
        Shape(rows: size, depth: 17, columns: 33), Shape(rows: 7, depth: size, columns: 16),
        Shape(rows: 13, depth: 5, columns: size), Shape(rows: size, depth: size, columns: size),
      ]
    }
    return fixed
      + (0..<12).map { _ in
        Shape(
          rows: .random(in: 1...70, using: &random), depth: .random(in: 1...300, using: &random),
          columns: .random(in: 1...90, using: &random))
      }
  }()

  /// Initial values of a product.
  enum Start: CaseIterable {
    case zero
    case row
    case result
  }

  /// Operands and expected result of a product.
  struct Case {
    let left: [[Float]]
    let right: [[Float]]
    let row: [Float]
    let before: [[Float]]

    init(_ shape: Shape) {
      var random = SplitMix(seed: UInt64(shape.rows << 20 + shape.depth << 10 + shape.columns))
      left = random.rows(shape.rows, shape.depth)
      right = random.rows(shape.depth, shape.columns)
      row = padded([random.array(shape.columns)])[0]
      before = padded(random.rows(shape.rows, shape.columns))
    }

    /// - Parameter parts: Parts that share the product; nil for one call.
    func run(
      _ kernels: any DotKernels.Type, from start: Start, blocks: BlockSizes = BlockSizes(), parts: Int? = nil
    ) -> TestMatrix {
      let columns = VectorWidth.padded(right[0].count)
      let result = TestMatrix(rows: left.count, columns: columns, stride: columns + 16) { row, column in
        start == .result ? before[row][column] : .nan
      }
      let initial: InitialValue =
        switch start {
        case .zero: .zero
        case .row: .row(TestMatrix([row]).matrix)
        case .result: .result
        }
      let left = TestMatrix(left, stride: left[0].count + 5, offset: 3).matrix
      let right = TestPacked(kernels, right)
      if let parts {
        let isShared = kernels.multiply(
          parts: parts, left, right.packed, initial: initial, into: result.matrix, blocks: blocks)
        #expect(isShared)
      } else {
        kernels.multiply(left, right.packed, initial: initial, into: result.matrix, blocks: blocks)
      }
      return result
    }

    /// Each element as the algorithm defines it.
    func expected(_ algorithm: DotAlgorithm, from start: Start) -> [[Float]] {
      let right = transposed(padded(right))
      return left.indices.map { row in
        right.indices.map { column in
          let first: Float =
            switch start {
            case .zero: 0
            case .row: self.row[column]
            case .result: before[row][column]
            }
          return algorithm.dot(left[row], right[column], from: first)
        }
      }
    }
  }

  @Test(
    "Elements are sums in the algorithm's order, whatever the result held before", arguments: DotVariant.all,
    shapes)
  func isTheDefinition(_ variant: DotVariant, shape: Shape) {
    let operands = Case(shape)
    for start in Start.allCases {
      let result = operands.run(variant.kernels, from: start)
      #expect(result.rows == operands.expected(variant.algorithm, from: start), "\(start)")
      #expect(result.marginsAreIntact, "\(start)")
    }
  }

  @Test("Elements are near the product in Double", arguments: DotVariant.all, shapes)
  func isNearDouble(_ variant: DotVariant, shape: Shape) {
    let operands = Case(shape)
    let result = operands.run(variant.kernels, from: .result).rows
    let isSplit = variant.algorithm == .bf16_bf16_f32_x3
    func round(_ value: Float) -> Float { isSplit ? value : variant.algorithm.rounded(value) }
    // Of an operand, 2⁻¹⁸ is left out, twice the rounding of its l; so is the product of two l. In units of 2⁻²⁴.
    let products = isSplit ? 3 : 1
    let omitted: Double = isSplit ? 3 * 64 : 0
    let right = transposed(operands.right)
    for row in 0..<shape.rows {
      for column in 0..<shape.columns {
        var sum = Double(operands.before[row][column])
        var magnitude = abs(sum)
        for (a, b) in zip(operands.left[row], right[column]) {
          let product = Double(round(a)) * Double(round(b))
          sum += product
          magnitude += abs(product)
        }
        // Each of depth additions rounds by half an ulp of a partial sum.
        let additions = Double(products * shape.depth)
        let factor = additions / 2 + omitted
        #expect(agree(result[row][column], sum, factor: factor, magnitude: magnitude))
      }
    }
  }

  static let blocks: [BlockSizes] = (1...6).flatMap { tileRows in
    [1, 3, 64].flatMap { depth in
      [1, 7].map { BlockSizes(tileRows: tileRows, depth: depth, rows: $0) }
    }
  }

  @Test("Block sizes change no bit", arguments: DotVariant.all)
  func blocksDoNotMatter(_ variant: DotVariant) {
    for shape in [Shape(rows: 23, depth: 67, columns: 81), Shape(rows: 1, depth: 1, columns: 1)] {
      let operands = Case(shape)
      for start in Start.allCases {
        let expected = operands.run(variant.kernels, from: start).values.map(\.bitPattern)
        for blocks in Self.blocks {
          let result = operands.run(variant.kernels, from: start, blocks: blocks)
          #expect(result.values.map(\.bitPattern) == expected, "\(blocks) \(start)")
          #expect(result.marginsAreIntact)
        }
      }
    }
  }

  @Test(
    "Threads that round the left-hand side together get the same bits",
    arguments: DotVariant.all.filter { $0.algorithm == .bf16_bf16_f32 })
  func parts(_ variant: DotVariant) {
    let shapes = [
      Shape(rows: 23, depth: 67, columns: 81), Shape(rows: 64, depth: 2100, columns: 48),
      Shape(rows: 1, depth: 1, columns: 1), Shape(rows: 200, depth: 40, columns: 33),
    ]
    for shape in shapes {
      let operands = Case(shape)
      for blocks in [BlockSizes(), BlockSizes(tileRows: 3, depth: 32, rows: 7)] {
        let expected = operands.run(variant.kernels, from: .row, blocks: blocks).values.map(\.bitPattern)
        for parts in [1, 2, 5] {
          let result = operands.run(variant.kernels, from: .row, blocks: blocks, parts: parts)
          #expect(result.values.map(\.bitPattern) == expected, "\(shape) \(blocks) \(parts)")
          #expect(result.marginsAreIntact)
        }
      }
    }
  }

  @Test("Instruction sets give the same bits", arguments: DotAlgorithm.allCases, shapes)
  func instructionSetsAgree(_ algorithm: DotAlgorithm, shape: Shape) {
    let operands = Case(shape)
    expectSameBits(algorithm) { operands.run($0, from: .row).values }
  }

  @Test("Some panels give the same bits of their columns", arguments: DotVariant.all)
  func panels(_ variant: DotVariant) {
    let operands = Case(Shape(rows: 7, depth: 33, columns: 85))
    let packed = TestPacked(variant.kernels, operands.right)
    let left = TestMatrix(operands.left).matrix
    let whole = operands.run(packed.kernels, from: .zero).rows
    for panels in [0..<1, 1..<4, 2..<2, 5..<6] {
      let width = PackedOperand.panelColumns
      let part = TestMatrix(rows: 7, columns: panels.count * width) { _, _ in .nan }
      packed.kernels.multiply(left, packed.packed.panels(panels), initial: .zero, into: part.matrix)
      #expect(part.rows == whole.map { Array($0[panels.lowerBound * width..<panels.upperBound * width]) })
    }
  }

  @Test("A product without depth is what it starts from", arguments: DotVariant.all)
  func withoutDepth(_ variant: DotVariant) {
    let left = TestMatrix(rows: 3, columns: 0, stride: 1) { _, _ in 0 }
    let kernels = variant.kernels
    let right = PackedOperand(kernels.algorithm, depth: 0, columns: 32, memory: .none)
    for (initial, expected) in [
      (InitialValue.zero, Float(0)), (.row(TestMatrix(rows: 1, columns: 32) { _, _ in 7 }.matrix), 7),
      (.result, 5),
    ] {
      let result = TestMatrix(rows: 3, columns: 32) { _, _ in 5 }
      kernels.multiply(left.matrix, right, initial: initial, into: result.matrix)
      #expect(result.values.allSatisfy { $0 == expected })
    }
  }
}
