@testable import KernelInterface

/// A packed matrix with separate memory, initialized to NaN.
struct TestPacked {
  let memory: TestMatrix
  let packed: PackedMatrix

  init(columns: Int, depth: Int) {
    memory = TestMatrix(rows: 1, columns: PackedMatrix.padded(columns) * depth) { _, _ in .nan }
    packed = PackedMatrix(contiguous: memory.matrix, depth: depth)
  }

  /// Packs weights `[depth, gates × width]` in two shares of the panels.
  init(_ kernels: any KernelSet.Type, _ weights: [[Float]], gates: Int = 1, depth: Int? = nil) {
    let source = TestMatrix(weights, stride: weights[0].count + 3, offset: 1)
    let width = weights[0].count / gates
    self.init(columns: gates * PackedMatrix.padded(width), depth: depth ?? weights.count)
    let middle = packed.panels / 2
    kernels.pack(source.matrix, width: width, into: packed, panels: middle..<packed.panels)
    kernels.pack(source.matrix, width: width, into: packed, panels: 0..<middle)
  }

  /// The elements `[depth, columns padded to whole panels]`.
  var rows: [[Float]] {
    (0..<packed.depth).map { row in
      (0..<packed.panels * PackedMatrix.panelWidth).map { column in
        packed.storage[
          column / PackedMatrix.panelWidth,
          row * PackedMatrix.panelWidth + column % PackedMatrix.panelWidth]
      }
    }
  }
}

/// Rows of gates side by side with each gate padded with zeros to whole panels.
func padded(_ rows: [[Float]], gates: Int) -> [[Float]] {
  rows.map { row in
    let width = row.count / gates
    let padding = [Float](repeating: 0, count: PackedMatrix.padded(width) - width)
    return (0..<gates).flatMap { Array(row[$0 * width..<($0 + 1) * width]) + padding }
  }
}

func transposed(_ rows: [[Float]]) -> [[Float]] {
  (rows.first ?? []).indices.map { column in rows.map { $0[column] } }
}
