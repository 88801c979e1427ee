import CProcessor
import KernelInterface

/// The rows of a weight gradient's right-hand side, from one of its panels on.
struct RightRows {
  let start: UnsafeRawPointer
  /// Distance in bytes between rows.
  let stride: Int
  /// Whether elements are bfloat16 rather than float32.
  let isRounded: Bool

  @inline(always)
  init(_ rows: StoredRows) {
    switch rows {
    case .float32(let matrix):
      self.init(
        start: UnsafeRawPointer(matrix.pointer), stride: matrix.stride * MemoryLayout<Float>.stride,
        isRounded: false)
    case .bfloat16(let matrix):
      self.init(
        start: UnsafeRawPointer(matrix.pointer), stride: matrix.stride * MemoryLayout<UInt16>.stride,
        isRounded: true)
    }
  }

  @inline(always)
  private init(start: UnsafeRawPointer, stride: Int, isRounded: Bool) {
    self.start = start
    self.stride = stride
    self.isRounded = isRounded
  }

  /// The rows from another panel on.
  @inline(always)
  func panels(from panel: Int) -> RightRows {
    RightRows(
      start: start + panel * PackedOperand.panelColumns * elementByteCount, stride: stride,
      isRounded: isRounded)
  }

  /// Asks for the cache lines of a row's panels; a row below 0 is ignored.
  @inline(always)
  func prefetch(position: Int, panels: Int) {
    if position < 0 { return }
    let row = start + position * stride
    let byteCount = panels * PackedOperand.panelColumns * elementByteCount
    for offset in Swift.stride(from: 0, to: byteCount, by: AlignedBytes.alignment) {
      weft_prefetch(row + offset)
    }
  }

  private var elementByteCount: Int { isRounded ? MemoryLayout<UInt16>.stride : MemoryLayout<Float>.stride }

  /// A row of float32.
  @inline(always)
  func row(_ position: Int) -> UnsafePointer<Float> {
    (start + position * stride).assumingMemoryBound(to: Float.self)
  }

  /// Sixteen elements of float32.
  @inline(always)
  func load(position: Int, column: Int) -> Vector { Vector.load(row(position) + column) }

  /// Sixteen elements of bfloat16.
  @inline(always)
  func loadRounded(position: Int, column: Int) -> Vector {
    Vector.load(upperHalves: (start + position * stride).assumingMemoryBound(to: UInt16.self) + column)
  }
}
