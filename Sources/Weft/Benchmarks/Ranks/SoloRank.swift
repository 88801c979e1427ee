/// One of several ranks whose others are not there: it does its own share of every step and waits for nobody, which
/// tells how long the share takes. What it computes means nothing.
package struct SoloRank: Communicator {
  package let rank = 0
  package let count: Int

  package init(of count: Int) { self.count = count }

  package func exchange(sending: [RankMessage], receiving: [RankMessage]) {}

  /// The others give zeros.
  package func gather(_ bytes: [UInt8], counts: [Int]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: counts.dropFirst().reduce(0, +))
  }

  package func abort(status: Int32) -> Never { SingleRank().abort(status: status) }
  package func finish() {}
}
