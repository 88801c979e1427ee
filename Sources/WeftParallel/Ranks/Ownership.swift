import KernelInterface
import WeftBase

/// Which rank folds and updates which places of the flat parameters, and holds the optimizer's state for them.
///
/// The array is cut into *stretches*, whose gradients become final one after the other in a backward pass, and every
/// stretch into a slice for each rank, so that all of them have their part of whatever is being exchanged.
package struct Ownership: Sendable {
  /// In the order in which their gradients become final, from the array's end to its start.
  let stretches: [Range<Int>]
  /// Each rank's places, in ascending order.
  package let places: [[Range<Int>]]

  /// A stretch is worth its messages if every rank has so many blocks of it.
  private static let leastBlocks = 4

  /// - Parameters:
  ///   - count: Elements of the array.
  ///   - boundaries: Where the stretches begin, in descending order and without the last one's 0.
  init(count: Int, ranks: Int, boundaries: [Int]) {
    var stretches: [Range<Int>] = []
    var end = count
    if ranks > 1 {
      for boundary in boundaries {
        // Blocks are not cut: the one with the boundary belongs to the later stretch.
        let start = (boundary + Slices.block - 1) / Slices.block * Slices.block
        guard end - start >= ranks * Ownership.leastBlocks * Slices.block else { continue }
        stretches.append(start..<end)
        end = start
      }
    }
    if end > 0 || stretches.isEmpty { stretches.append(0..<end) }
    self.stretches = stretches
    places = (0..<ranks).map { rank in
      stretches.reversed().map { Slices.slice(of: $0, sharer: rank, sharers: ranks) }.filter { !$0.isEmpty }
    }
  }

  /// A rank's slice of each stretch; empty where it has none.
  func slices(of stretch: Range<Int>) -> [Range<Int>] { Slices.all(of: stretch, sharers: places.count) }

  /// Elements that each rank owns.
  package var counts: [Int] { places.map(\.elementCount) }
}

extension Communicator {
  /// Every rank's places of a flat array, to all of them.
  ///
  /// - Parameters:
  ///   - flat: `[1, n]`; this rank's places are filled, and the others' are overwritten.
  ///   - places: Each rank's.
  package func share(_ flat: Matrix, places: [[Range<Int>]]) {
    exchange(
      sending: others.flatMap { peer in
        places[rank].map { RankMessage(peer: peer, values: flat.columns($0)) }
      },
      receiving: others.flatMap { peer in
        places[peer].map { RankMessage(peer: peer, values: flat.columns($0)) }
      })
  }

  /// Every rank's places of a flat array, to rank 0 alone.
  ///
  /// - Parameters:
  ///   - own: This rank's, one after the other.
  ///   - flat: The whole, on rank 0; unused on others.
  ///   - places: Each rank's.
  package func collect(_ own: Matrix, into flat: Matrix?, places: [[Range<Int>]]) {
    let parts = places[rank].packed.map { range, start in
      (range, values: own.columns(start..<start + range.count))
    }
    guard isFirst, let flat else {
      return exchange(sending: parts.map { RankMessage(peer: 0, values: $0.values) }, receiving: [])
    }
    for (range, values) in parts { flat.columns(range).assign(values.elements) }
    exchange(
      sending: [],
      receiving: others.flatMap { peer in
        places[peer].map { RankMessage(peer: peer, values: flat.columns($0)) }
      })
  }
}
