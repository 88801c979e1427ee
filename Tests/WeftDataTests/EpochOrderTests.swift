import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData

/// The order of an epoch depends only on its number and the seed.
@Suite struct EpochOrderTests {
  @Test(arguments: [1, 2, 7, 100, 1000]) func anEpochHasEverythingOnce(_ count: Int) {
    let order = EpochOrder(count: count, seed: 7)
    for epoch in 0..<5 { #expect(order.order(epoch: epoch).sorted() == Array(0..<count)) }
  }

  @Test func epochsAndSeedsDiffer() {
    let orders = (0..<20).map { EpochOrder(count: 50, seed: 7).order(epoch: $0) }
    #expect(Set(orders).count == 20)
    #expect(EpochOrder(count: 50, seed: 8).order(epoch: 0) != orders[0])
    #expect(EpochOrder(count: 50, seed: nil).order(epoch: 3) == Array(0..<50))
  }

  @Test func whatWasAskedBeforeDoesNotMatter() {
    let order = EpochOrder(count: 50, seed: 7)
    let inOrder = (0..<4).map { order.order(epoch: $0) }
    for epoch in [3, 0, 2, 2, 1] { #expect(order.order(epoch: epoch) == inOrder[epoch]) }
  }

  /// Each item is equally likely at each position: 10 things over 10000 epochs. A permutation fills each place, which
  /// leaves 81 degrees of freedom and 9/10 of the variance; a chi-square of 140 is then exceeded once in 20000.
  @Test func ordersAreUniform() {
    var counts = [[Double]](repeating: [Double](repeating: 0, count: 10), count: 10)
    for epoch in 0..<10000 {
      for (place, thing) in EpochOrder(count: 10, seed: 1).order(epoch: epoch).enumerated() {
        counts[place][thing] += 1
      }
    }
    let chiSquare = counts.flatMap(\.self).reduce(0) { $0 + ($1 - 1000) * ($1 - 1000) / 900 }
    #expect(chiSquare < 140)
  }
}

/// Prefetching changes only the time of reading.
@Suite struct PrefetcherTests {
  /// Minibatches with their indices; some cannot be read.
  private final class Source: BatchSource {
    let batchesPerEpoch = 3
    let damaged: [Int]
    let readings = Locked<[[Int]]>([])

    init(damaged: [Int] = []) { self.damaged = damaged }

    func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
      readings.withLock { $0.append([epoch, index]) }
      if damaged == [epoch, index] { throw .failure("minibatch \(index) is damaged") }
      return Minibatch(lengths: [1], inputs: .tokens([Int32(10 * epoch + index)]), targets: nil)
    }
  }

  @Test func givesWhatItsSourceGives() throws {
    let source = Source()
    let prefetcher = Prefetcher(Source())
    #expect(prefetcher.batchesPerEpoch == 3)
    // In order, then as after resuming, backwards, and repeated.
    let places = (0..<9).map { [$0 / 3, $0 % 3] } + [[7, 1], [7, 2], [8, 0], [1, 1], [0, 2], [0, 2]]
    for place in places {
      #expect(
        try prefetcher.batch(epoch: place[0], index: place[1])
          == source.batch(epoch: place[0], index: place[1]))
    }
  }

  @Test func readsEachMinibatchOnce() throws {
    let source = Source()
    let prefetcher = Prefetcher(source)
    for step in 0..<6 { _ = try prefetcher.batch(epoch: step / 3, index: step % 3) }
    // The last one started may not have been read yet.
    #expect(
      source.readings.withLock { $0.prefix(6) } == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]])
  }

  @Test func tellsWhatFailedInTheBackground() throws {
    let prefetcher = Prefetcher(Source(damaged: [0, 1]))
    _ = try prefetcher.batch(epoch: 0, index: 0)
    #expect(throws: WeftError.failure("minibatch 1 is damaged")) { try prefetcher.batch(epoch: 0, index: 1) }
    #expect(try prefetcher.batch(epoch: 0, index: 2).inputs == .tokens([2]))
  }
}
