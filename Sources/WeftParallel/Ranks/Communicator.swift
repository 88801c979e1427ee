import Foundation
import KernelInterface

/// The processes that train together, *ranks*, as one of them sees the others.
///
/// Ranks make the same calls in the same order, and a call returns when its own part is done. Nothing is ever summed on
/// the way: sums are folded by their receivers, in the order of the lanes' tree.
package protocol Communicator: Sendable {
  /// This one's number, from 0.
  var rank: Int { get }
  /// How many there are.
  var count: Int { get }

  /// Sends and receives parts of flat arrays, all at once.
  ///
  /// What one rank sends to another matches what that one receives from it in the order in which they are listed.
  func exchange(sending: [RankMessage], receiving: [RankMessage])

  /// The bytes of all ranks, one after the other in their order.
  ///
  /// - Parameter counts: How many bytes each rank gives, which all of them know.
  func gather(_ bytes: [UInt8], counts: [Int]) -> [UInt8]

  /// Ends the processes of all ranks, after a failure that the others do not know of.
  func abort(status: Int32) -> Never

  /// Takes leave of the others; the last call, by all.
  func finish()
}

/// A part of a flat array that goes to another rank or comes from it.
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

/// The only rank: a run in one process.
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

  /// The other ranks from the next one on, so that they do not all send to the same one first.
  package var others: [Int] { (1..<max(count, 1)).map { (rank + $0) % count } }

  /// The values of all ranks, one after the other in their order.
  ///
  /// - Parameter counts: How many values each rank gives.
  package func gather<Value: BitwiseCopyable>(_ values: [Value], counts: [Int]) -> [Value] {
    if count == 1 { return values }
    precondition(values.count == counts[rank])
    let size = MemoryLayout<Value>.stride
    let bytes = gather(values.withUnsafeBytes { [UInt8]($0) }, counts: counts.map { $0 * size })
    return bytes.withUnsafeBytes { source in
      (0..<source.count / size).map { source.loadUnaligned(fromByteOffset: $0 * size, as: Value.self) }
    }
  }

  /// A value of every rank, in their order.
  package func gather<Value: BitwiseCopyable>(_ value: Value) -> [Value] {
    gather([value], counts: [Int](repeating: 1, count: count))
  }

  /// A text of every rank, in their order.
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

  /// A value of every rank, in their order, by way of a text.
  package func gather<Value: Codable>(encoding value: Value) -> [Value] {
    if count == 1 { return [value] }
    do {
      let texts = gather(String(decoding: try JSONEncoder().encode([value]), as: UTF8.self))
      return try texts.flatMap { try JSONDecoder().decode([Value].self, from: Data($0.utf8)) }
    } catch {
      preconditionFailure("what ranks tell one another is plain: \(error)")
    }
  }

  /// Whether something holds on any rank; the same answer on all.
  package func any(_ isTrue: Bool) -> Bool {
    count == 1 ? isTrue : gather(isTrue ? UInt8(1) : 0).contains(1)
  }
}
