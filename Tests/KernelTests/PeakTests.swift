import Testing

@testable import WeftTensor

@Suite struct PeakTests {
  @Test(arguments: InstructionSet.available) func plainReadingReadsEverything(_ set: InstructionSet) {
    for count in [0, 64, 128, 64 * 37] {
      // Whole numbers whose sums are exact in any order.
      let values = TestMatrix(rows: 1, columns: count) { _, column in Float(column % 113) }
      #expect(set.kernels.sum(values.matrix) == Float((0..<count).reduce(0) { $0 + $1 % 113 }))
    }
  }
}
