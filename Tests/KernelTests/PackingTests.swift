import TestSupport
import Testing

@testable import WeftTensor

@Suite("Packing of weights") struct PackingTests {
  static let shapes = [(1, 1, 1), (3, 4, 7), (1, 1, 16), (5, 3, 17), (33, 2, 32), (16, 4, 65), (100, 1, 100)]

  @Test("Each gate begins a panel and is padded with zeros", arguments: DotVariant.all, shapes)
  func pack(_ variant: DotVariant, shape: (depth: Int, gates: Int, width: Int)) {
    var random = SplitMix(seed: 1)
    let weights = random.rows(shape.depth, shape.gates * shape.width)
    let packed = TestPacked(variant.kernels, weights, gates: shape.gates)
    #expect(packed.rows == variant.rounded(padded(weights, gates: shape.gates)))
    #expect(packed.memory.marginsAreIntact)
  }

  @Test("Rows beyond the source's depth are zeros", arguments: DotVariant.all)
  func packDeeper(_ variant: DotVariant) {
    var random = SplitMix(seed: 2)
    let weights = random.rows(13, 5)
    let packed = TestPacked(variant.kernels, weights, depth: 16)
    let zeros = [Float](repeating: 0, count: 16)
    #expect(packed.rows == variant.rounded(padded(weights)) + [zeros, zeros, zeros])
  }

  @Test(
    "The transpose is packed for padded and for plain activations", arguments: DotVariant.all,
    shapes)
  func packTransposed(_ variant: DotVariant, shape: (rows: Int, gates: Int, width: Int)) {
    var random = SplitMix(seed: 3)
    let weights = random.rows(shape.rows, shape.gates * shape.width)
    let source = TestMatrix(weights, stride: weights[0].count + 1, offset: 3)
    for rows in [weights, padded(weights, gates: shape.gates)] {
      let packed = TestPacked(variant.kernels, columns: shape.rows, depth: rows[0].count)
      for panel in 0..<packed.packed.panels {
        packed.kernels.packTransposed(
          source.matrix, width: shape.width, into: packed.packed, panels: panel..<panel + 1)
      }
      #expect(packed.rows == variant.rounded(padded(transposed(rows))))
      #expect(packed.memory.marginsAreIntact)
    }
  }
}
