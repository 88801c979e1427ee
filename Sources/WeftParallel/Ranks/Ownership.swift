import KernelInterface
import WeftBase

/// The slices of the flat parameters whose gradients each rank reduces, which it updates, and for which it stores the
/// optimizer state.
///
/// The array is divided into *sections*, whose gradients become final one after the other in a backward pass, and every
/// section into one slice per rank, so that all ranks take part in every exchange.
package struct Ownership: Sendable {
  /// Sections in the order in which their gradients become final, from the end of the array to its start.
  let sections: [Range<Int>]
  /// The slices of each rank, in ascending order.
  package let places: [[Range<Int>]]

  /// Minimum number of blocks per rank that makes a section worth its messages.
  private static let minimumBlocks = 4

  /// - Parameters:
  ///   - count: Elements of the array.
  ///   - boundaries: Starts of the sections, in descending order and without the 0 of the last.
  init(count: Int, ranks: Int, boundaries: [Int]) {
    var sections: [Range<Int>] = []
    var end = count
    if ranks > 1 {
      for boundary in boundaries {
        // Blocks are not divided: the block that contains the boundary belongs to the later section.
        let start = (boundary + Slices.block - 1) / Slices.block * Slices.block
        guard end - start >= ranks * Ownership.minimumBlocks * Slices.block else { continue }
        sections.append(start..<end)
        end = start
      }
    }
    if end > 0 || sections.isEmpty { sections.append(0..<end) }
    self.sections = sections
    places = (0..<ranks).map { rank in
      sections.reversed().map { Slices.slice(of: $0, sharer: rank, sharers: ranks) }.filter { !$0.isEmpty }
    }
  }

  /// The slices of all ranks in a section; empty for ranks without one.
  func slices(of section: Range<Int>) -> [Range<Int>] { Slices.all(of: section, sharers: places.count) }

  /// Number of elements of each rank.
  package var counts: [Int] { places.map(\.elementCount) }
}

extension Communicator {
  /// Shares every rank's slices of a flat array with all ranks (all-gather).
  ///
  /// - Parameters:
  ///   - flat: `[1, n]`; contains this rank's slices, and receives those of the others.
  ///   - places: The slices of each rank.
  package func share(_ flat: Matrix, places: [[Range<Int>]]) {
    exchange(
      sending: others.flatMap { peer in
        places[rank].map { RankMessage(peer: peer, values: flat.columns($0)) }
      },
      receiving: others.flatMap { peer in
        places[peer].map { RankMessage(peer: peer, values: flat.columns($0)) }
      })
  }

  /// Gathers every rank's slices of a flat array on rank 0.
  ///
  /// - Parameters:
  ///   - own: The concatenated slices of this rank.
  ///   - flat: The whole array, on rank 0; unused on others.
  ///   - places: The slices of each rank.
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
