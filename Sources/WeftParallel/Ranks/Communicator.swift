import Foundation
import KernelInterface

/// Communication between the processes that train together, the *ranks*.
///
/// Ranks make the same calls in the same order, and a call returns when its own part is complete. Communication never
/// sums: receivers reduce, in the order of the lane tree.
package protocol Communicator: Sendable {
  /// The number of this rank, from 0.
  var rank: Int { get }
  /// Number of ranks.
  var count: Int { get }

  /// Sends and receives parts of flat arrays concurrently.
  ///
  /// Messages from one rank to another are matched in the order in which they are listed.
  func exchange(sending: [RankMessage], receiving: [RankMessage])

  /// Gathers the bytes of all ranks, concatenated in rank order.
  ///
  /// - Parameter counts: Number of bytes from each rank, which all ranks know.
  func gather(_ bytes: [UInt8], counts: [Int]) -> [UInt8]

  /// Terminates the processes of all ranks, after a failure that the others do not know of.
  func abort(status: Int32) -> Never

  /// Ends communication; the last call of every rank.
  func finish()
}

/// A part of a flat array to send to or receive from another rank.
package struct RankMessage: Sendable {
  /// The other rank.
  package let peer: Int
  /// `[1, n]`.
  package let values: Matrix

  package init(peer: Int, values: Matrix) {
    precondition(values.rows == 1)
    self.peer = peer
    self.values = values
  }
}

/// A single rank: a run in one process.
package struct SingleRank: Communicator {
  package let rank = 0
  package let count = 1

  package init() {}

  package func exchange(sending: [RankMessage], receiving: [RankMessage]) {}
  package func gather(_ bytes: [UInt8], counts: [Int]) -> [UInt8] { bytes }
  package func abort(status: Int32) -> Never { exit(status) }
  package func finish() {}
}

extension Communicator {
  package var isFirst: Bool { rank == 0 }

  /// The other ranks, starting from the next one, so that not all ranks send to the same one first.
  package var others: [Int] { (1..<max(count, 1)).map { (rank + $0) % count } }

  /// Gathers the values of all ranks, concatenated in rank order.
  ///
  /// - Parameter counts: Number of values from each rank.
  package func gather<Value: BitwiseCopyable>(_ values: [Value], counts: [Int]) -> [Value] {
    if count == 1 { return values }
    precondition(values.count == counts[rank])
    let size = MemoryLayout<Value>.stride
    let bytes = gather(values.withUnsafeBytes { [UInt8]($0) }, counts: counts.map { $0 * size })
    return bytes.withUnsafeBytes { source in
      (0..<source.count / size).map { source.loadUnaligned(fromByteOffset: $0 * size, as: Value.self) }
    }
  }

  /// Gathers one value from every rank, in rank order.
  package func gather<Value: BitwiseCopyable>(_ value: Value) -> [Value] {
    gather([value], counts: [Int](repeating: 1, count: count))
  }

  /// Gathers one text from every rank, in rank order.
  package func gather(_ text: String) -> [String] {
    if count == 1 { return [text] }
    let own = [UInt8](text.utf8)
    let counts = gather(own.count)
    var rest = gather(own, counts: counts)[...]
    return counts.map { count in
      defer { rest = rest.dropFirst(count) }
      return String(decoding: rest.prefix(count), as: UTF8.self)
    }
  }

  /// Gathers one value from every rank, in rank order, encoded as text.
  package func gather<Value: Codable>(encoding value: Value) -> [Value] {
    if count == 1 { return [value] }
    do {
      let texts = gather(String(decoding: try JSONEncoder().encode([value]), as: UTF8.self))
      return try texts.flatMap { try JSONDecoder().decode([Value].self, from: Data($0.utf8)) }
    } catch {
      preconditionFailure("gathered values can be encoded: \(error)")
    }
  }

  /// Whether a condition is true on any rank; the same result on all.
  package func any(_ isTrue: Bool) -> Bool {
    count == 1 ? isTrue : gather(isTrue ? UInt8(1) : 0).contains(1)
  }
}
