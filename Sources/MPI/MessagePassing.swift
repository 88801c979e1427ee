#if MPI
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

    /// MPI counts in 32 bits; longer messages are sent in parts.
    private static let longestMessage = 1 << 30
    /// Time to spin before sleeping, so that other workers or ranks can use the CPU.
    private static let patience = Duration.microseconds(200)
    /// Time between polls after that.
    private static let pauseMicroseconds: UInt32 = 50

    /// Initializes MPI, once in a process that an MPI launcher has started; nil if MPI lacks thread support.
    package init?() {
      guard cmpi_init() != 0 else { return nil }
      rank = Int(cmpi_rank())
      count = Int(cmpi_count())
    }

    package func exchange(sending: [RankMessage], receiving: [RankMessage]) {
      let (sends, receives) = (Self.parts(of: sending), Self.parts(of: receiving))
      var requests = Requests(count: sends.count + receives.count)
      // Receives are posted first, so that messages need no buffering.
      for part in receives {
        _ = cmpi_receive(part.start, part.count, part.peer, part.tag, requests.next())
      }
      for part in sends { _ = cmpi_send(part.start, part.count, part.peer, part.tag, requests.next()) }
      Self.wait(for: requests)
    }

    package func gather(_ bytes: [UInt8], counts: [Int]) -> [UInt8] {
      precondition(bytes.count == counts[rank] && counts.count == count)
      let lengths = counts.map(Int32.init)
      let starts = counts.reduce(into: [Int32(0)]) { $0.append($0[$0.count - 1] + Int32($1)) }
      let total = Int(starts[count])
      return [UInt8](unsafeUninitializedCapacity: max(total, 1)) { all, initialized in
        var requests = Requests(count: 1)
        bytes.withUnsafeBytes { own in
          _ = cmpi_gather(own.baseAddress, lengths[rank], all.baseAddress, lengths, starts, requests.next())
          Self.wait(for: requests)
        }
        initialized = total
      }
    }

    package func abort(status: Int32) -> Never {
      cmpi_abort(status)
      _exit(status)
    }

    package func finish() { cmpi_finalize() }

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

    /// Handles of pending transfers.
    private struct Requests: ~Copyable {
      let handles: UnsafeMutablePointer<MPI_Request?>
      let count: Int
      private var used = 0

      init(count: Int) {
        self.count = count
        handles = .allocate(capacity: max(count, 1))
        handles.initialize(repeating: nil, count: max(count, 1))
      }

      deinit { handles.deallocate() }

      mutating func next() -> UnsafeMutablePointer<MPI_Request?> {
        defer { used += 1 }
        return handles + used
      }
    }

    private static func wait(for requests: borrowing Requests) {
      let start = ContinuousClock.now
      while cmpi_all_done(Int32(requests.count), requests.handles) == 0 {
        if ContinuousClock.now - start < patience { sched_yield() } else { usleep(pauseMicroseconds) }
      }
    }
  }
#endif
