import TestSupport
import Testing
import WeftBase

@testable import KernelInterface
@testable import WeftTensor

/// A packed operand with memory of its own, NaN at first.
struct TestPacked {
  let kernels: any DotKernels.Type
  let memory: TestScratch
  let packed: PackedOperand

  init(_ kernels: any DotKernels.Type, columns: Int, depth: Int) {
    self.kernels = kernels
    memory = TestScratch(
      byteCount: PackedOperand.byteCount(kernels.algorithm, depth: depth, columns: columns))
    packed = PackedOperand(kernels.algorithm, depth: depth, columns: columns, memory: memory.bytes)
  }

  /// Packs weights `[depth, gates × width]` in two shares of the panels.
  init(_ kernels: any DotKernels.Type, _ weights: [[Float]], gates: Int = 1, depth: Int? = nil) {
    let source = TestMatrix(weights, stride: weights[0].count + 3, offset: 1)
    let width = weights[0].count / gates
    self.init(kernels, columns: gates * VectorWidth.padded(width), depth: depth ?? weights.count)
    let middle = packed.panels / 2
    kernels.pack(source.matrix, width: width, into: packed, panels: middle..<packed.panels)
    kernels.pack(source.matrix, width: width, into: packed, panels: 0..<middle)
  }

  /// The elements `[depth, columns padded to whole panels]`: the product with the identity.
  var rows: [[Float]] {
    let identity = TestMatrix(rows: packed.depth, columns: packed.depth) { $0 == $1 ? 1 : 0 }
    let result = TestMatrix(rows: packed.depth, columns: packed.panels * PackedOperand.panelColumns) {
      _, _ in .nan
    }
    kernels.multiply(identity.matrix, packed, initial: .zero, into: result.matrix)
    return result.rows
  }
}

extension DotKernels {
  /// `multiply` with scratch memory of just the size that it needs.
  static func multiply(
    _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix,
    blocks: BlockSizes = BlockSizes()
  ) {
    let scratch = TestScratch(byteCount: multiplyScratchByteCount(rows: left.rows, depth: right.depth))
    multiply(left, right, initial: initial, into: result, blocks: blocks, scratch: scratch.bytes)
    #expect(scratch.marginsAreIntact)
  }

  /// `multiply` by several parts, of which each rounds some of A before each multiplies some panels.
  ///
  /// - Returns: False if products read A where it is.
  static func multiply(
    parts: Int, _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix,
    blocks: BlockSizes
  ) -> Bool {
    guard let rounding = leftRounding else { return false }
    let rounded = TestScratch(
      byteCount: rounding.roundedLeftByteCount(rows: left.rows, depth: right.depth, blocks: blocks))
    for part in (0..<parts).reversed() {
      rounding.roundLeft(left, depth: right.depth, part: part, of: parts, blocks: blocks, into: rounded.bytes)
    }
    for part in 0..<parts {
      let panels = share(of: right.panels, worker: part, workers: parts)
      let width = PackedOperand.panelColumns
      let columns = panels.lowerBound * width..<panels.upperBound * width
      rounding.multiply(
        rounded: rounded.bytes, right.panels(panels), initial: initial.columns(columns),
        into: result.columns(columns), blocks: blocks)
    }
    #expect(rounded.marginsAreIntact)
    return true
  }
}

/// Rows of gates side by side with each gate padded with zeros to whole vectors.
func padded(_ rows: [[Float]], gates: Int) -> [[Float]] {
  rows.map { row in
    let width = row.count / gates
    let padding = [Float](repeating: 0, count: VectorWidth.padded(width) - width)
    return (0..<gates).flatMap { Array(row[$0 * width..<($0 + 1) * width]) + padding }
  }
}

func transposed(_ rows: [[Float]]) -> [[Float]] {
  (rows.first ?? []).indices.map { column in rows.map { $0[column] } }
}
