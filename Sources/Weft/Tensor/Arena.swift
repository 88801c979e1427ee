import KernelInterface

/// Memory for one worker's activations, given out in order and taken back all at once after each step.
///
/// Steps of the same shape allocate nothing. What a matrix holds when it is given out is undefined.
package final class Arena {
  private var blocks: [Tensor] = []
  private var block = 0
  private var used = 0
  private var scratchMemory: Tensor?
  private static let smallestBlock = 1 << 20

  package init() {}

  /// Takes back every matrix that was given out.
  package func reset() {
    block = 0
    used = 0
  }

  /// A matrix whose memory is valid until `reset`.
  package func matrix(rows: Int, columns: Int) -> Matrix {
    let stride = Tensor.stride(columns: columns)
    let count = max(rows * stride, PackedMatrix.panelWidth)
    while block < blocks.count, used + count > blocks[block].matrix.columns {
      block += 1
      used = 0
    }
    if block == blocks.count {
      blocks.append(Tensor(rows: 1, columns: max(count, Arena.smallestBlock)))
      used = 0
    }
    let pointer = blocks[block].matrix.pointer + used
    used += count
    return Matrix(pointer: pointer, rows: rows, columns: columns, stride: stride)
  }

  /// A matrix of the same shape as another.
  package func matrix(like other: Matrix) -> Matrix { matrix(rows: other.rows, columns: other.columns) }

  /// A row of at least `count` elements, valid until the next call of this method.
  package func scratch(_ count: Int) -> Matrix {
    if let scratchMemory, scratchMemory.matrix.columns >= count { return scratchMemory.matrix }
    let memory = Tensor(rows: 1, columns: count)
    scratchMemory = memory
    return memory.matrix
  }

  /// Elements held, given out or not.
  package var capacity: Int { blocks.reduce(0) { $0 + $1.matrix.columns } }
}
