import CMPI
import Foundation
import KernelInterface
import WeftBase
import WeftParallel

/// The ranks of `MPI_COMM_WORLD`.
///
/// MPI only transfers data, in an order that does not affect the result; Weft computes the sums. Calls come from one
/// thread at a time.
package final class MessagePassing: Communicator {
  package let rank: Int
  package let count: Int
  private let calls: cmpi_interface

  /// MPI counts in 32 bits; longer messages are sent in parts.
  private static let longestMessage = 1 << 30
  /// Time to spin before sleeping, so that other workers or ranks can use the CPU.
  private static let patience = Duration.microseconds(200)
  /// Time between polls after that.
  private static let pauseMicroseconds: UInt32 = 50

  /// Initializes MPI, once in a process that an MPI launcher has started.
  ///
  /// - Throws: `WeftError` if MPI lacks thread support.
  package init(_ library: MPILibrary) throws(WeftError) {
    calls = library.calls
    guard calls.start() != 0 else {
      throw .usage("their MPI has no thread support (MPI_THREAD_SERIALIZED)")
    }
    rank = Int(calls.rank())
    count = Int(calls.count())
  }

  package func exchange(sending: [RankMessage], receiving: [RankMessage]) {
    let (sends, receives) = (Self.parts(of: sending), Self.parts(of: receiving))
    var requests = Requests(count: sends.count + receives.count, size: calls.request_size)
    // Receives are posted first, so that messages need no buffering.
    for part in receives {
      calls.receive(part.start, part.count, part.peer, part.tag, requests.memory, requests.next())
    }
    for part in sends {
      calls.send(part.start, part.count, part.peer, part.tag, requests.memory, requests.next())
    }
    wait(for: requests)
  }

  package func gather(_ bytes: [UInt8], counts: [Int]) -> [UInt8] {
    precondition(bytes.count == counts[rank] && counts.count == count)
    let lengths = counts.map(Int32.init)
    let starts = counts.reduce(into: [Int32(0)]) { $0.append($0[$0.count - 1] + Int32($1)) }
    let total = Int(starts[count])
    return [UInt8](unsafeUninitializedCapacity: max(total, 1)) { all, initialized in
      var requests = Requests(count: 1, size: calls.request_size)
      bytes.withUnsafeBytes { own in
        calls.gather(
          own.baseAddress, lengths[rank], all.baseAddress, lengths, starts, requests.memory, requests.next())
        wait(for: requests)
      }
      initialized = total
    }
  }

  package func abort(status: Int32) -> Never {
    calls.abort(status)
    _exit(status)
  }

  package func finish() { calls.finish() }

  /// Contiguous memory that is sent in one message.
  private struct Part {
    let start: UnsafeMutablePointer<Float>
    let count: Int32
    let peer: Int32
    let tag: Int32
  }

  /// Messages between the same two ranks are distinguished by their index.
  private static func parts(of messages: [RankMessage]) -> [Part] {
    var numbers: [Int: Int32] = [:]
    return messages.flatMap { message in
      stride(from: 0, to: message.values.columns, by: longestMessage).map { start in
        let tag = numbers[message.peer, default: 0]
        numbers[message.peer] = tag + 1
        return Part(
          start: message.values.pointer + start,
          count: Int32(min(longestMessage, message.values.columns - start)), peer: Int32(message.peer),
          tag: tag)
      }
    }
  }

  /// Handles of pending transfers, whose size depends on the MPI.
  private struct Requests: ~Copyable {
    let memory: UnsafeMutableRawPointer
    let count: Int
    private var used: Int32 = 0

    init(count: Int, size: Int32) {
      self.count = count
      let bytes = max(count, 1) * Int(size)
      memory = .allocate(byteCount: bytes, alignment: 16)
      memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }

    deinit { memory.deallocate() }

    /// The place of the next handle.
    mutating func next() -> Int32 {
      defer { used += 1 }
      return used
    }
  }

  private func wait(for requests: borrowing Requests) {
    let start = ContinuousClock.now
    while calls.all_done(Int32(requests.count), requests.memory) == 0 {
      if ContinuousClock.now - start < Self.patience { sched_yield() } else { usleep(Self.pauseMicroseconds) }
    }
  }
}
