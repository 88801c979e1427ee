import KernelInterface
import WeftBase

/// The exchange of gradients overlapped with the backward pass: a section of the flat gradient is exchanged as soon as
/// all workers have finished it.
final class EarlyExchange: Sendable {
  /// The exchanged part of a section of the flat gradient.
  struct Part: Sendable {
    let section: Range<Int>
    /// The sum of all ranks' roots.
    let sum: GradientSum
  }

  private let state: Monitor<State>
  private let queue: SerialQueue

  private struct State {
    /// For each worker, the offset from which its gradients are final.
    var final: [Int]
    var parts: [Part] = []
  }

  /// Starts waiting for the first section.
  ///
  /// - Parameters:
  ///   - sections: The sections, in the order in which they become final.
  ///   - queue: Runs the exchange.
  ///   - local: Reduces this rank's nodes to its roots.
  ///   - fold: The ranges of a section to reduce; the others are derived later.
  init(
    _ exchange: GradientExchange, on queue: SerialQueue, sections: [Range<Int>], workers: Int,
    local: GradientSum, roots: [Matrix], kernels: any KernelSet.Type, ownership: Ownership,
    fold: @escaping @Sendable (Range<Int>) -> [Range<Int>]
  ) {
    let state = Monitor(State(final: [Int](repeating: .max, count: workers)))
    self.state = state
    self.queue = queue
    queue.async {
      for section in sections {
        state.wait { $0.final.allSatisfy { $0 <= section.lowerBound } ? () : nil }
        // As in every worker, so that results have the same bits.
        WorkerPool.flushingDenormals {
          for block in Slices.blocks(of: section, sharer: 0, sharers: 1) {
            for range in fold(block) { local.fold(range, kernels) }
          }
        }
        let sum = exchange.sum(
          roots: roots, ranges: ownership.slices(of: section).map(fold), result: local.result)
        state.change { $0.parts.append(Part(section: section, sum: sum)) }
      }
    }
  }

  /// Reports that a worker's gradients are final from an offset on.
  func gradientsAreFinal(from place: Int, worker: Int) {
    state.change { $0.final[worker] = min($0.final[worker], place) }
  }

  /// Waits for the last section, which all workers must have finished.
  func finish() -> [Part] {
    queue.wait()
    return state.withLock { $0.parts }
  }
}
