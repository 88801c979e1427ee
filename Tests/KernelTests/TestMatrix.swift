import TestSupport

@testable import KernelInterface

/// A matrix with separate memory and a margin around it that kernels must not touch.
///
/// The memory is never freed: a `Matrix` does not keep it alive, and tests pass matrices of temporaries.
struct TestMatrix {
  let matrix: Matrix
  private let memory: UnsafeMutableBufferPointer<Float>
  private static let margin = 64
  private static let marginValue: Float = -7.25e11

  /// - Parameters:
  ///   - stride: Distance between rows; by default the number of columns.
  ///   - offset: Elements by which the first row is off a 64-byte boundary.
  init(rows: Int, columns: Int, stride: Int? = nil, offset: Int = 0, _ value: (Int, Int) -> Float) {
    let stride = stride ?? columns
    let count = rows * stride + offset + 2 * Self.margin
    let raw = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
    memory = UnsafeMutableBufferPointer(start: raw.bindMemory(to: Float.self, capacity: count), count: count)
    memory.initialize(repeating: Self.marginValue)
    matrix = Matrix(
      pointer: memory.baseAddress! + Self.margin + offset, rows: rows, columns: columns, stride: stride)
    for row in 0..<rows {
      for column in 0..<columns { matrix[row, column] = value(row, column) }
    }
  }

  init(_ rows: [[Float]], stride: Int? = nil, offset: Int = 0) {
    self.init(rows: rows.count, columns: rows.first?.count ?? 0, stride: stride, offset: offset) {
      rows[$0][$1]
    }
  }

  /// The columns, row by row.
  var values: [Float] {
    (0..<matrix.rows).flatMap { row in (0..<matrix.columns).map { matrix[row, $0] } }
  }

  var rows: [[Float]] {
    (0..<matrix.rows).map { row in (0..<matrix.columns).map { matrix[row, $0] } }
  }

  /// Whether everything around the matrix is unchanged.
  var marginsAreIntact: Bool {
    let first = matrix.pointer - memory.baseAddress!
    return memory.indices.allSatisfy { index in
      let position = index - first
      let inside =
        position >= 0 && position < matrix.rows * matrix.stride && position % matrix.stride < matrix.columns
      return inside || memory[index] == Self.marginValue
    }
  }
}

extension SplitMix {
  mutating func array(_ count: Int, in range: ClosedRange<Float> = -2...2) -> [Float] {
    floats(count, in: range)
  }

  mutating func rows(_ rows: Int, _ columns: Int, in range: ClosedRange<Float> = -2...2) -> [[Float]] {
    (0..<rows).map { _ in array(columns, in: range) }
  }
}

/// Widths around the vector's sixteen elements, and primes.
let testWidths = [1, 7, 8, 9, 15, 16, 17, 31, 257]

/// Pads rows with zeros to whole vectors.
func padded(_ rows: [[Float]]) -> [[Float]] {
  rows.map { $0 + Array(repeating: 0, count: VectorWidth.padded($0.count) - $0.count) }
}

/// Whether two numbers agree within `factor` float32 roundings of `magnitude`.
func agree(_ value: Float, _ reference: Double, factor: Double = 8, magnitude: Double) -> Bool {
  abs(Double(value) - reference) <= factor * Double(Float.ulpOfOne) * magnitude
}
