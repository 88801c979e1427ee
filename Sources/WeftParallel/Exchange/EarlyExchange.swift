import Dispatch
import KernelInterface
import WeftBase

/// The exchange of gradients while the backward pass still computes others: what all workers are done with goes its way
/// at once, stretch by stretch.
final class EarlyExchange: Sendable {
  /// What is known of a stretch of the flat gradient.
  struct Part: Sendable {
    let stretch: Range<Int>
    /// Of all ranks' roots.
    let sum: GradientSum
  }

  private let state: Monitor<State>
  private let queue = DispatchQueue(label: "weft.exchange")

  private struct State {
    /// From where on each worker's gradients are final.
    var final: [Int]
    var parts: [Part] = []
  }

  /// Begins to wait for the first stretch.
  ///
  /// - Parameters:
  ///   - stretches: In the order in which they become final.
  ///   - local: Folds this rank's nodes to its roots.
  ///   - fold: Its places in a stretch that are folded; the others are derived later.
  init(
    _ exchange: GradientExchange, stretches: [Range<Int>], workers: Int, local: GradientSum, roots: [Matrix],
    kernels: any KernelSet.Type, ownership: Ownership, fold: @escaping @Sendable (Range<Int>) -> [Range<Int>]
  ) {
    let state = Monitor(State(final: [Int](repeating: .max, count: workers)))
    self.state = state
    queue.async {
      for stretch in stretches {
        state.wait { $0.final.allSatisfy { $0 <= stretch.lowerBound } ? () : nil }
        // As in every worker, so that bits agree.
        WorkerPool.flushingDenormals {
          for block in Slices.blocks(of: stretch, sharer: 0, sharers: 1) {
            for range in fold(block) { local.fold(range, kernels) }
          }
        }
        let sum = exchange.sum(
          roots: roots, ranges: ownership.slices(of: stretch).map(fold), result: local.result)
        state.change { $0.parts.append(Part(stretch: stretch, sum: sum)) }
      }
    }
  }

  /// Tells that a worker's gradients are final from a place on.
  func gradientsAreFinal(from place: Int, worker: Int) {
    state.change { $0.final[worker] = min($0.final[worker], place) }
  }

  /// Waits for the last stretch, which all workers must be done with.
  func finish() -> [Part] {
    queue.sync {}
    return state.withLock { $0.parts }
  }
}
