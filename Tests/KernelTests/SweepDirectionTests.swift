import Testing

@testable import KernelInterface
@testable import WeftTensor

@Suite("Sweep direction") struct SweepDirectionTests {
  /// From one row, whose tiles are widest, to more than a tile; panels that do not fill the last tile; a depth of more
  /// than one block.
  @Test(
    "Products that begin with the last panels have the same bits", arguments: DotVariant.all,
    [1, 2, 3, 4, 6, 7, 23])
  func directionDoesNotMatter(_ variant: DotVariant, rows: Int) {
    for columns in [1, 16, 81, 16 * 8 + 1, 16 * 15] {
      for depth in [1, 67] {
        let operands = MatrixProductTests.Case(.init(rows: rows, depth: depth, columns: columns))
        for start in MatrixProductTests.Start.allCases {
          var blocks = BlockSizes(tileRows: 6, depth: 13, rows: 7)
          let ascending = operands.run(variant.kernels, from: start, blocks: blocks)
          #expect(ascending.rows == operands.expected(variant.algorithm, from: start), "\(columns) columns")
          blocks.descends = true
          let descending = operands.run(variant.kernels, from: start, blocks: blocks)
          #expect(descending.values.map(\.bitPattern) == ascending.values.map(\.bitPattern))
          #expect(descending.marginsAreIntact)
        }
      }
    }
  }
}
