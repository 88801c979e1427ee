import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

@Suite("Sums over lanes") struct LaneKernelTests {
  /// Positions of lanes and two matrices, in which a lane's rows lie in any order.
  struct Case: CustomTestStringConvertible, Sendable {
    /// Positions of each lane.
    let lengths: [Int]
    let leftColumns: Int
    let gates: Int
    let width: Int

    var testDescription: String { "lanes of \(lengths), \(leftColumns)×\(gates)·\(width)" }
    var lanes: Int { lengths.count }
  }

  static let cases = [
    Case(lengths: [1], leftColumns: 1, gates: 1, width: 1),
    Case(lengths: [0], leftColumns: 3, gates: 1, width: 5),
    Case(lengths: [3, 0, 5], leftColumns: 6, gates: 2, width: 7),
    Case(lengths: [4, 4, 4, 4], leftColumns: 7, gates: 4, width: 16),
    Case(lengths: [0, 0, 2, 1, 0], leftColumns: 13, gates: 1, width: 17),
    Case(lengths: [9, 8, 8, 7, 7, 3, 1], leftColumns: 17, gates: 3, width: 33),
    Case(lengths: [Int](repeating: 2, count: 16) + [1], leftColumns: 5, gates: 1, width: 65),
  ]

  /// Lanes longer than the blocks of positions, alone and together.
  static let longCases = [
    Case(lengths: [7001, 3], leftColumns: 7, gates: 1, width: 3),
    Case(lengths: [900, 900, 900, 4000, 3900], leftColumns: 8, gates: 2, width: 17),
  ]

  /// The operands of a case.
  struct Operands {
    let index: LaneIndex
    let left: [[Float]]
    let leftRows: [Int32]
    let right: [[Float]]
    let factors: [[Float]]
    let tokens: [Int32]

    init(_ test: Case) {
      var random = SplitMix(seed: UInt64(test.lengths.reduce(test.width, +)))
      let positions = test.lengths.reduce(0, +)
      index = LaneIndex(
        starts: test.lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) },
        rows: (0..<positions).map(Int32.init).shuffled(using: &random))
      left = random.rows(positions + 4, test.leftColumns)
      leftRows = (0..<Int32(positions)).map { $0 + 4 }.shuffled(using: &random)
      right = random.rows(max(positions, 1), test.gates * test.width)
      factors = random.rows(max(positions, 1), test.gates * test.width)
      tokens = (0..<positions).map { _ in .random(in: 0..<11, using: &random) }
    }

    /// The lanes in `range` alone.
    func lanes(_ range: Range<Int>) -> LaneIndex {
      let first = index.starts[range.lowerBound]
      return LaneIndex(
        starts: index.starts[range.lowerBound...range.upperBound].map { $0 - first },
        rows: Array(index.rows[first..<index.starts[range.upperBound]]))
    }
  }

  /// Fills a matrix for each of some nodes: the kernel under test.
  typealias Kernel = (_ lanes: Range<Int>, _ nodes: [Range<Int>], _ outputs: [Matrix]) -> Void

  /// Runs a kernel over the lanes divided among `workers` workers and reduces their nodes by the tree.
  static func sum(
    _ test: Case, workers: Int, rows: Int, columns: Int, kernel: Kernel
  ) -> [Float] {
    var sums: [LaneNode: [Float]] = [:]
    for range in LaneTree.ranges(lanes: test.lanes, workers: workers) {
      let nodes = LaneNode.cover(range, of: test.lanes)
      let local = nodes.map { node in
        let lanes = node.lanes(of: test.lanes)
        return lanes.lowerBound - range.lowerBound..<lanes.upperBound - range.lowerBound
      }
      let outputs = nodes.map { _ in
        TestMatrix(rows: rows, columns: columns, stride: columns + 1, offset: 1) { _, _ in .nan }
      }
      kernel(range, local, outputs.map(\.matrix))
      for (node, output) in zip(nodes, outputs) {
        #expect(output.marginsAreIntact)
        sums[node] = output.values
      }
    }
    let tree = LaneTree(lanes: test.lanes)
    return tree.value(
      of: tree.root, known: { sums[$0] }, lane: { _ in [] }, add: { zip($0, $1).map { $0 + $1 } })
  }

  /// The reference in plain loops: `lane` sums one lane.
  static func expected(_ test: Case, lane: (Range<Int>) -> [Float], _ operands: Operands) -> [Float] {
    let tree = LaneTree(lanes: test.lanes)
    return tree.value(
      of: tree.root, lane: { lane(operands.index.starts[$0]..<operands.index.starts[$0 + 1]) },
      add: { zip($0, $1).map { $0 + $1 } })
  }

  static func workerCounts(_ test: Case) -> Set<Int> {
    Set([1, 2, 3, test.lanes]).filter { $0 <= test.lanes }
  }

  @Test(
    "Outer products are sums in the algorithm's order in each lane and a tree over lanes, however workers share them",
    arguments: DotVariant.all, cases + longCases)
  func outerProducts(_ variant: DotVariant, test: Case) {
    let operands = Operands(test)
    let columns = test.gates * test.width
    let left = TestMatrix(operands.left, stride: test.leftColumns + 3, offset: 1)
    let right = TestMatrix(padded(operands.right, gates: test.gates))
    let kernels = variant.kernels
    for leftRows in [operands.leftRows, nil] {
      let expected = Self.expected(
        test,
        lane: { entries in
          let rows = operands.index.rows[entries].map(Int.init)
          let lefts = transposed(rows.map { row in operands.left[leftRows.map { Int($0[row]) } ?? row] })
          let rights = transposed(rows.map { operands.right[$0] })
          return (0..<test.leftColumns).flatMap { row in
            (0..<columns).map { column in
              rows.isEmpty ? 0 : variant.algorithm.dot(lefts[row], rights[column], from: 0)
            }
          }
        }, operands)
      for workers in Self.workerCounts(test) {
        let sum = Self.sum(test, workers: workers, rows: test.leftColumns, columns: columns) {
          lanes, nodes, outputs in
          let index = operands.lanes(lanes)
          let scratch = TestScratch(
            byteCount: kernels.outerProductsScratchByteCount(
              positions: index, leftColumns: test.leftColumns))
          kernels.outerProducts(
            left: left.matrix, leftRows: leftRows, right: right.matrix, width: test.width, positions: index,
            nodes: nodes, outputs: outputs, scratch: scratch.bytes)
          #expect(scratch.marginsAreIntact)
        }
        #expect(sum == expected, "\(workers) workers")
      }
    }
  }

  @Test(
    "Right-hand sides in bfloat16 give the bits that they give in float32",
    arguments: InstructionSet.available, cases + longCases)
  func roundedRightHandSides(_ set: InstructionSet, test: Case) {
    let operands = Operands(test)
    let columns = test.gates * test.width
    let kernels = set.dotKernels(.bf16_bf16_f32)
    let left = TestMatrix(operands.left, stride: test.leftColumns + 3, offset: 1)
    let right = TestMatrix(padded(operands.right, gates: test.gates))
    let rounded = TestRounded(rows: right.matrix.rows, columns: right.matrix.columns)
    set.kernels.round(right.matrix, into: rounded.matrix)
    let sums = [StoredRows.float32(right.matrix), .bfloat16(rounded.matrix)].map { right in
      Self.sum(test, workers: 1, rows: test.leftColumns, columns: columns) { lanes, nodes, outputs in
        let index = operands.lanes(lanes)
        let scratch = TestScratch(
          byteCount: kernels.outerProductsScratchByteCount(positions: index, leftColumns: test.leftColumns))
        kernels.outerProducts(
          lefts: [OuterOperand(left.matrix, rows: operands.leftRows)], right: right, width: test.width,
          positions: index, nodes: nodes, outputs: outputs.map { [$0] }, accumulates: false,
          scratch: scratch.bytes)
        #expect(scratch.marginsAreIntact)
      }
    }
    #expect(sums[0].map(\.bitPattern) == sums[1].map(\.bitPattern))
  }

  /// Scratch memory is for the largest share of the columns; with these sizes blocks of fewer columns are larger.
  @Test("Fewer columns never need more scratch memory", arguments: DotVariant.all)
  func scratchGrowsWithColumns(_ variant: DotVariant) {
    for count in [3, 1000, 5500, 16_000, 25_000, 26_111, 70_000] {
      let index = LaneIndex(starts: [0, count], rows: (0..<Int32(count)).map { $0 })
      var most = 0
      for columns in 1...700 {
        let needed = variant.kernels.outerProductsScratchByteCount(positions: index, leftColumns: columns)
        #expect(needed >= most, "\(columns) columns of \(count) positions")
        most = max(most, needed)
      }
    }
  }

  /// One block of 82 columns, where all whole tiles of them are two blocks.
  @Test("Columns that are not whole tiles stay within the memory for whole tiles", arguments: DotVariant.all)
  func scratchHoldsAllColumns(_ variant: DotVariant) {
    let kernels = variant.kernels
    let (positions, columns) = (25_000, 82)
    let tile = kernels.outerProductsTile
    let index = LaneIndex(starts: [0, positions], rows: (0..<Int32(positions)).map { $0 })
    let left = TestMatrix(rows: positions, columns: columns) { row, column in Float((row + column) % 3) }
    let right = TestMatrix(rows: positions, columns: 16) { row, _ in row % 2 == 0 ? 1 : 0 }
    let output = TestMatrix(rows: columns, columns: 16) { _, _ in .nan }
    let scratch = TestScratch(
      byteCount: kernels.outerProductsScratchByteCount(
        positions: index, leftColumns: (columns + tile - 1) / tile * tile))
    kernels.outerProducts(
      left: left.matrix, leftRows: nil, right: right.matrix, width: 16, positions: index, nodes: [0..<1],
      outputs: [output.matrix], scratch: scratch.bytes)
    #expect(scratch.marginsAreIntact)
    for column in 0..<columns {
      let sum = stride(from: 0, to: positions, by: 2).reduce(0) { $0 + ($1 + column) % 3 }
      #expect(output.rows[column] == [Float](repeating: Float(sum), count: 16))
    }
  }

  @Test(
    "Column sums are sums in each lane and a tree over lanes, however workers share them",
    arguments: InstructionSet.available, cases + longCases)
  func columnSums(_ set: InstructionSet, test: Case) {
    let operands = Operands(test)
    let columns = test.gates * test.width
    let values = TestMatrix(padded(operands.right, gates: test.gates))
    let factors = TestMatrix(padded(operands.factors, gates: test.gates))
    for usesFactors in [false, true] {
      let expected = Self.expected(
        test,
        lane: { entries in
          var sums = [Float](repeating: 0, count: columns)
          for position in operands.index.rows[entries].map(Int.init) {
            for column in 0..<columns {
              let value = operands.right[position][column]
              if usesFactors {
                sums[column].addProduct(value, operands.factors[position][column])
              } else {
                sums[column] += value
              }
            }
          }
          return sums
        }, operands)
      for workers in Self.workerCounts(test) {
        let sum = Self.sum(test, workers: workers, rows: 1, columns: columns) { lanes, nodes, outputs in
          set.kernels.columnSums(
            values: values.matrix, factors: usesFactors ? factors.matrix : nil, width: test.width,
            rows: operands.lanes(lanes), nodes: nodes, outputs: outputs)
        }
        #expect(sum == expected, "\(workers) workers")
      }
    }
  }

  @Test(
    "Token sums are sums in each lane and a tree over lanes, however workers share them",
    arguments: InstructionSet.available, cases + longCases)
  func tokenSums(_ set: InstructionSet, test: Case) {
    let operands = Operands(test)
    let width = test.gates * test.width
    let vocabulary = 13
    let values = TestMatrix(padded(operands.right))
    let expected = Self.expected(
      test,
      lane: { entries in
        var sums = [Float](repeating: 0, count: vocabulary * width)
        for position in operands.index.rows[entries].map(Int.init) {
          for column in 0..<width {
            sums[Int(operands.tokens[position]) * width + column] += operands.right[position][column]
          }
        }
        return sums
      }, operands)
    for workers in Self.workerCounts(test) {
      let sum = Self.sum(test, workers: workers, rows: vocabulary, columns: width) {
        lanes, nodes, outputs in
        let scratch = TestScratch(byteCount: set.kernels.tokenSumsScratchByteCount(width: width))
        set.kernels.tokenSums(
          values: values.matrix, width: width,
          tokens: TokenIndex(tokens: operands.tokens, index: operands.lanes(lanes)), nodes: nodes,
          outputs: outputs, scratch: scratch.bytes)
        #expect(scratch.marginsAreIntact)
      }
      #expect(sum == expected, "\(workers) workers")
    }
  }

  @Test(
    "Token sums of rows in bfloat16 are those of the same numbers in float32",
    arguments: InstructionSet.available, cases)
  func roundedTokenSums(_ set: InstructionSet, test: Case) {
    let operands = Operands(test)
    let width = test.gates * test.width
    let values = TestMatrix(padded(operands.right))
    let rounded = TestRounded(rows: values.matrix.rows, columns: values.matrix.columns)
    set.kernels.round(values.matrix, into: rounded.matrix)
    set.kernels.widen(rounded.matrix, into: values.matrix)
    let sums = [StoredRows.float32(values.matrix), .bfloat16(rounded.matrix)].map { values in
      Self.sum(test, workers: 1, rows: 13, columns: width) { lanes, nodes, outputs in
        let scratch = TestScratch(byteCount: set.kernels.tokenSumsScratchByteCount(width: width))
        set.kernels.tokenSums(
          values: values, width: width,
          tokens: TokenIndex(tokens: operands.tokens, index: operands.lanes(lanes)), nodes: nodes,
          outputs: outputs, accumulates: false, scratch: scratch.bytes)
      }
    }
    #expect(sums[0] == sums[1])
  }
}
