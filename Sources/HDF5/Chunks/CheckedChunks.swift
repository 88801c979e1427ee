import Synchronization

/// The chunks of a dataset that are known to be whole, so that rows which are read one by one do not decode theirs again
/// and again; shared by the copies of a value.
final class CheckedChunks: Sendable {
  private struct State {
    var grid: ChunkGrid?
    /// A bit for each chunk.
    var words: [UInt64] = []
  }

  /// The most chunks to remember, in 8 MiB.
  private static let limit = 1 << 26
  private let state = Mutex(State())

  func contains(_ number: Int, of grid: ChunkGrid) -> Bool {
    state.withLock { state in
      state.grid == grid && number < Self.limit && state.words[number / 64] >> UInt64(number % 64) & 1 == 1
    }
  }

  func insert(_ number: Int, of grid: ChunkGrid) {
    if number >= Self.limit { return }
    state.withLock { state in
      // Where the dataset has grown, chunks have other numbers.
      if state.grid != grid {
        state.grid = grid
        state.words = [UInt64](repeating: 0, count: (min(grid.count, Self.limit) + 63) / 64)
      }
      state.words[number / 64] |= 1 << UInt64(number % 64)
    }
  }
}
