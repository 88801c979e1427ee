import Foundation
import TestSupport
import Testing

@testable import WeftBase

/// Signals affect the whole process, so these tests run sequentially.
@Suite(.serialized) struct InterruptionTests {
  /// Sends a signal to the whole process, as a terminal does: the threads that tests run on block signals.
  private static func send(_ number: Int32) {
    kill(getpid(), number)
  }

  /// Waits until `condition` holds or ten seconds have passed.
  private static func wait(until condition: () -> Bool) {
    for _ in 0..<10_000 where !condition() { usleep(1000) }
  }

  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func theFirstSignalLeavesAMark(_ number: Int32, _ exitCode: Int32) {
    Interruption.listen()
    defer { Interruption.ignore() }
    #expect(!Interruption.isRequested)
    #expect(Interruption.exitCode == nil)
    Self.send(number)
    Self.wait { Interruption.isRequested }
    #expect(Interruption.exitCode == exitCode)
  }

  @Test func theSecondSignalEndsTheProcess() async {
    await #expect(processExitsWith: .exitCode(143)) {
      Interruption.listen()
      Self.send(SIGINT)
      Self.wait { Interruption.isRequested }
      Self.send(SIGTERM)
      Self.wait { false }
    }
  }

  @Test func withoutListeningASignalEndsTheProcess() async {
    await #expect(processExitsWith: .signal(SIGTERM)) {
      Interruption.listen()
      Interruption.ignore()
      Self.send(SIGTERM)
      Self.wait { false }
    }
  }
}
