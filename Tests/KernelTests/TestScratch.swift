@testable import KernelInterface

/// Scratch memory of exactly so many bytes, NaN at first, with a margin that kernels may not touch.
struct TestScratch {
  let bytes: AlignedBytes
  private let memory: TestMatrix

  init(byteCount: Int) {
    memory = TestMatrix(rows: 1, columns: byteCount / MemoryLayout<Float>.stride) { _, _ in .nan }
    bytes = AlignedBytes(start: memory.matrix.pointer, count: byteCount)
  }

  var marginsAreIntact: Bool { memory.marginsAreIntact }
}
