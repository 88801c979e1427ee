import Testing

@testable import WeftParallel

@Suite("Division of threads") struct ThreadDivisionTests {
  /// Threads whose L2 caches have 2 MiB.
  private func workers(
    hidden: Int, rows: Int, threads: Int, isMatrixUnit: Bool, lanes: Int = 16
  ) -> Int {
    // An LSTM's weights of inputs and of states.
    ThreadDivision(
      weightByteCount: 2 * hidden * 4 * hidden * 2, elementByteCount: 2, isMatrixUnit: isMatrixUnit,
      cacheByteCount: 2 << 20
    ).workers(rows: rows, lanes: lanes, threads: threads)
  }

  @Test("Workers of vector instructions have four rows, or 32 with large weights")
  func vectorInstructions() {
    #expect(workers(hidden: 512, rows: 64, threads: 2, isMatrixUnit: false) == 2)
    #expect(workers(hidden: 128, rows: 64, threads: 16, isMatrixUnit: false) == 16)
    #expect(workers(hidden: 512, rows: 3, threads: 2, isMatrixUnit: false) == 1)
    #expect(workers(hidden: 1024, rows: 64, threads: 16, isMatrixUnit: false) == 2)
  }

  @Test("Threads with fewer than sixteen rows of larger weights are pairs")
  func pairs() {
    #expect(workers(hidden: 512, rows: 20, threads: 2, isMatrixUnit: false) == 1)
    #expect(workers(hidden: 512, rows: 32, threads: 2, isMatrixUnit: false) == 2)
    #expect(workers(hidden: 512, rows: 20, threads: 3, isMatrixUnit: false) == 2)
    #expect(workers(hidden: 512, rows: 64, threads: 16, isMatrixUnit: false) == 8)
    #expect(workers(hidden: 256, rows: 20, threads: 2, isMatrixUnit: false) == 2)
    #expect(workers(hidden: 512, rows: 20, threads: 1, isMatrixUnit: false) == 1)
  }

  @Test("Threads with matrix units share weights that their caches hold only together")
  func matrixUnits() {
    #expect(workers(hidden: 256, rows: 64, threads: 16, isMatrixUnit: true) == 16)
    #expect(workers(hidden: 512, rows: 64, threads: 2, isMatrixUnit: true) == 1)
    #expect(workers(hidden: 512, rows: 64, threads: 16, isMatrixUnit: true) == 4)
    #expect(workers(hidden: 512, rows: 1024, threads: 16, isMatrixUnit: true) == 8)
    #expect(workers(hidden: 512, rows: 1024, threads: 16, isMatrixUnit: true, lanes: 3) == 3)
    #expect(workers(hidden: 1500, rows: 64, threads: 2, isMatrixUnit: true) == 1)
    #expect(workers(hidden: 512, rows: 64, threads: 1, isMatrixUnit: true) == 1)
  }

  @Test("Without rows there is one worker")
  func withoutRows() {
    #expect(workers(hidden: 4, rows: 0, threads: 8, isMatrixUnit: false) == 1)
  }
}
