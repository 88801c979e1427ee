import WeftBase
import WeftParallel
import WeftTensor

/// The cost of a message between two ranks: `latency + bytes × secondsPerByte`, the α and β of cost models of parallel
/// computers (Hockney 1994).
package struct Link: Sendable, Codable, Equatable {
  /// Latency α in seconds.
  package var latency: Double
  /// Time per byte β in seconds.
  package var secondsPerByte: Double

  package init(latency: Double, secondsPerByte: Double) {
    self.latency = latency
    self.secondsPerByte = secondsPerByte
  }

  /// Measures α and β with all ranks sending to the next one and receiving at the same time, as in training.
  ///
  /// - Parameter count: Number of values of a long message, as in training: β differs inside CPU caches.
  /// - Returns: The values of the slowest rank, on all ranks.
  package static func measure(_ ranks: any Communicator, count: Int, repetitions: Int = 100) -> Link {
    let (small, large) = (16, max(count, 1 << 14))
    let (short, long) = (
      seconds(ranks, count: small, repetitions: 4 * repetitions),
      seconds(ranks, count: large, repetitions: max(repetitions / 4, 1))
    )
    let latency = ranks.gather(short).max() ?? short
    let whole = ranks.gather(long).max() ?? long
    let bytes = (large - small) * MemoryLayout<Float>.stride
    return Link(latency: latency, secondsPerByte: max(whole - latency, 0) / Double(bytes))
  }

  /// Median time of a message with this many values.
  private static func seconds(_ ranks: any Communicator, count: Int, repetitions: Int) -> Double {
    let (next, previous) = ((ranks.rank + 1) % ranks.count, (ranks.rank + ranks.count - 1) % ranks.count)
    let (outgoing, incoming) = (Tensor(rows: 1, columns: count), Tensor(rows: 1, columns: count))
    return (0..<repetitions).map { _ in
      timed {
        ranks.exchange(
          sending: [RankMessage(peer: next, values: outgoing.matrix)],
          receiving: [RankMessage(peer: previous, values: incoming.matrix)])
      }.seconds
    }.median
  }
}
