import HDF5
import WeftBase

/// Checks data while something else uses the machine: one block at a time, read with pauses, and decoded by a thread of
/// low priority.
package final class BackgroundCheck: Sendable {
  private let makeData: @Sendable () throws -> CheckedData
  private let state: Monitor<State>
  private let fetching = SerialQueue()
  private let decoding = SerialQueue()
  private let decoder = Locked(ChunkDecoder())

  private struct State {
    /// Blocks that are known to be good.
    var checked: Int
    /// Bytes that were read, before compression.
    var bytes = 0
    var failure: WeftError?
    var isStopping = false
    /// Whether a block is being decoded.
    var isBusy = false
  }

  /// - Parameters:
  ///   - checked: Blocks that are known to be good already.
  ///   - data: Opens the data, in the background. What cannot be opened is not checked.
  package init(after checked: Int = 0, _ data: @escaping @Sendable () throws -> CheckedData) {
    makeData = data
    state = Monitor(State(checked: checked))
  }

  deinit { stop() }

  /// The first fault found so far.
  package var failure: WeftError? { state.withLock { $0.failure } }
  /// Bytes that were read, before compression.
  package var byteCount: Int { state.withLock { $0.bytes } }
  /// Blocks known to be good.
  package var checked: Int { state.withLock { $0.checked } }

  /// Starts reading.
  package func start() {
    decoding.async { ThreadPriority.lower() }
    fetching.async { [makeData, state, decoding, decoder] in
      guard let data = try? makeData() else { return }
      let first = state.withLock { $0.checked }
      for block in first..<max(first, data.blockCount) {
        if state.withLock({ $0.isStopping || $0.failure != nil }) { return }
        let start = ContinuousClock.now
        let fetched = data.fetch(block)
        let taken = ContinuousClock.now - start
        let goesOn: Bool = state.wait { state in
          if state.isStopping || state.failure != nil { return false }
          if state.isBusy { return nil }
          state.isBusy = true
          return true
        }
        guard goesOn else { return }
        decoding.async {
          let failure = decoder.withLock { data.failure(in: fetched, block: block, $0) }
          state.change { state in
            state.isBusy = false
            state.bytes += data.byteCount(of: block)
            if let failure {
              state.failure = state.failure ?? failure
            } else {
              state.checked = block + 1
            }
          }
        }
        Self.pause(taken * 3, unless: state)
      }
    }
  }

  /// Leaves the file to others; ends early when stopped.
  private static func pause(_ duration: Duration, unless state: Monitor<State>) {
    let end = ContinuousClock.now + min(duration, .seconds(1))
    while ContinuousClock.now < end, !state.withLock({ $0.isStopping }) {
      SystemPause.wait(min(end - .now, .milliseconds(20)))
    }
  }

  /// Stops, and waits for reads in progress.
  package func stop() {
    state.change { $0.isStopping = true }
    fetching.wait()
    decoding.wait()
  }
}
