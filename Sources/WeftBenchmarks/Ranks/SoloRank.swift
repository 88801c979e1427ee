import WeftParallel

/// One of several ranks without the others: it computes its share of every step and waits for no one, to time the
/// share. Its results have no meaning.
package struct SoloRank: Communicator {
  package let rank: Int
  package let count: Int

  package init(_ rank: Int = 0, of count: Int) {
    self.rank = rank
    self.count = count
  }

  package func exchange(sending: [RankMessage], receiving: [RankMessage]) {}

  /// The other ranks contribute zeros.
  package func gather(_ bytes: [UInt8], counts: [Int]) -> [UInt8] {
    let (before, after) = (counts[..<rank], counts[(rank + 1)...])
    return [UInt8](repeating: 0, count: before.reduce(0, +)) + bytes
      + [UInt8](repeating: 0, count: after.reduce(0, +))
  }

  package func abort(status: Int32) -> Never { SingleRank().abort(status: status) }
  package func finish() {}
}
