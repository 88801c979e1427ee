import KernelInterface
import WeftBase

/// Memory for the activations of one worker: a bump allocator that is reset after each step.
///
/// Steps of the same shape allocate nothing from the system. A new matrix has undefined contents, except for the
/// columns that pad it to whole vectors: they are zero, and kernels keep them zero.
package final class Arena: Sendable {
  private struct State {
    var blocks: [Tensor] = []
    var block = 0
    var used = 0
    var scratch: AlignedMemory?
  }

  private let state = Locked(State())
  private static let smallestBlock = 1 << 20

  package init() {}

  /// Releases all matrices.
  package func reset() {
    state.withLock {
      $0.block = 0
      $0.used = 0
    }
  }

  /// Allocates a matrix, valid until `reset`.
  package func matrix(rows: Int, columns: Int) -> Matrix {
    let stride = Tensor.stride(columns: columns)
    let count = max(rows * stride, VectorWidth.elements)
    return state.withLock { state in
      while state.block < state.blocks.count, state.used + count > state.blocks[state.block].matrix.columns {
        state.block += 1
        state.used = 0
      }
      if state.block == state.blocks.count {
        state.blocks.append(Tensor(rows: 1, columns: max(count, Arena.smallestBlock)))
        state.used = 0
      }
      let pointer = state.blocks[state.block].matrix.pointer + state.used
      state.used += count
      let matrix = Matrix(pointer: pointer, rows: rows, columns: columns, stride: stride)
      let padding = VectorWidth.padded(columns) - columns
      if padding > 0 {
        for row in 0..<rows { (matrix.row(row) + columns).update(repeating: 0, count: padding) }
      }
      return matrix
    }
  }

  /// Allocates a matrix of the same shape as another.
  package func matrix(like other: Matrix) -> Matrix { matrix(rows: other.rows, columns: other.columns) }

  /// At least `byteCount` bytes of undefined contents, valid until the next call of this method.
  package func scratch(byteCount: Int) -> AlignedBytes {
    if byteCount == 0 { return .none }
    return state.withLock { state in
      if let scratch = state.scratch, scratch.bytes.count >= byteCount { return scratch.bytes }
      let memory = AlignedMemory(byteCount: byteCount)
      state.scratch = memory
      return memory.bytes
    }
  }
}
