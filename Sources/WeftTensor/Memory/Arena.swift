import KernelInterface
import WeftBase

/// Memory for the activations of one worker: a bump allocator that is reset after each step.
///
/// Steps of the same shape allocate nothing from the system. A new matrix has undefined contents, except for the
/// columns that pad it to whole vectors: they are zero, and kernels keep them zero.
package final class Arena: Sendable {
  private struct State {
    /// Blocks of memory, and the elements of each that are used.
    var blocks: [(memory: Tensor, used: Int)] = []
    var scratch: [ScratchUse: AlignedMemory] = [:]
  }

  private let state = Locked(State())
  private static let smallestBlock = 1 << 20

  package init() {}

  /// Releases all matrices.
  package func reset() {
    state.withLock { state in
      for index in state.blocks.indices { state.blocks[index].used = 0 }
    }
  }

  /// Allocates a matrix, valid until `reset`.
  package func matrix(rows: Int, columns: Int) -> Matrix {
    let stride = Tensor.stride(columns: columns)
    let count = max(rows * stride, VectorWidth.elements)
    return state.withLock { state in
      // What a large matrix left of a block is for smaller ones.
      let free = state.blocks.firstIndex { $0.used + count <= $0.memory.matrix.columns }
      let index = free ?? state.blocks.count
      if free == nil {
        state.blocks.append((Tensor(rows: 1, columns: max(count, Arena.smallestBlock)), 0))
      }
      let pointer = state.blocks[index].memory.matrix.pointer + state.blocks[index].used
      state.blocks[index].used += count
      let matrix = Matrix(pointer: pointer, rows: rows, columns: columns, stride: stride)
      let padding = VectorWidth.padded(columns) - columns
      if padding > 0 {
        for row in 0..<rows { (matrix.row(row) + columns).update(repeating: 0, count: padding) }
      }
      return matrix
    }
  }

  /// Allocates a bfloat16 matrix of undefined contents, valid until `reset`. Its rows are padded to whole vectors.
  package func bfloat16Matrix(rows: Int, columns: Int) -> BFloat16Matrix {
    let words = matrix(rows: rows, columns: VectorWidth.padded(columns) / 2)
    return BFloat16Matrix(
      pointer: UnsafeMutableRawPointer(words.pointer).bindMemory(
        to: UInt16.self, capacity: rows * words.stride * 2),
      rows: rows, columns: columns, stride: words.stride * 2)
  }

  /// Allocates a matrix of the same shape as another.
  package func matrix(like other: Matrix) -> Matrix { matrix(rows: other.rows, columns: other.columns) }

  /// What scratch memory is for: each use has memory of its own.
  package enum ScratchUse {
    /// A kernel's operands.
    case kernel
    /// The steps of a recurrent layer that are in float32.
    case window
  }

  /// At least `byteCount` bytes of undefined contents, valid until the next call for the same use.
  package func scratch(byteCount: Int, for use: ScratchUse = .kernel) -> AlignedBytes {
    if byteCount == 0 { return .none }
    return state.withLock { state in
      if let scratch = state.scratch[use], scratch.bytes.count >= byteCount { return scratch.bytes }
      let memory = AlignedMemory(byteCount: byteCount)
      state.scratch[use] = memory
      return memory.bytes
    }
  }
}
