import KernelInterface

/// A bfloat16 matrix with margins around it, to find writes beyond it.
final class TestRounded {
  let matrix: BFloat16Matrix
  private let memory: UnsafeMutableBufferPointer<UInt16>
  private static let margin = 64
  private static let marginValue: UInt16 = 0x4b4b

  init(rows: Int, columns: Int) {
    let stride = columns + 5
    memory = .allocate(capacity: rows * stride + 2 * Self.margin)
    memory.initialize(repeating: Self.marginValue)
    matrix = BFloat16Matrix(
      pointer: memory.baseAddress! + Self.margin, rows: rows, columns: columns, stride: stride)
  }

  deinit { memory.deallocate() }

  /// Whether everything around the matrix is unchanged.
  var marginsAreIntact: Bool {
    memory.indices.allSatisfy { index in
      let place = index - Self.margin
      let isInside =
        place >= 0 && place < matrix.rows * matrix.stride && place % matrix.stride < matrix.columns
      return isInside || memory[index] == Self.marginValue
    }
  }
}
