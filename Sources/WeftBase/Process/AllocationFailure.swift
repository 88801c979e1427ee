import Foundation

/// What happens when the Swift runtime or a library cannot allocate memory: they abort, or follow a null pointer.
package enum AllocationFailure {
  /// A failed allocation leaves less than this.
  private static let reserve = 16 << 20
  private static let numbers = [SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP]
  /// The dispositions before, by number. Written once, before signals arrive.
  private nonisolated(unsafe) static let before = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)

  /// Turns crashes for want of memory into one line and the exit status of a failure; others stay what they are.
  package static func endInOneLine() {
    var action = sigaction()
    let handler: @convention(c) (Int32) -> Void = { AllocationFailure.handle($0) }
    #if os(Linux)
      action.__sigaction_handler.sa_handler = handler
    #else
      action.__sigaction_u.__sa_handler = handler
    #endif
    before.initialize(repeating: sigaction(), count: 65)
    for number in numbers { sigaction(number, &action, before + Int(number)) }
  }

  /// Calls only what signal handlers may call.
  private static func handle(_ number: Int32) {
    let probe = mmap(nil, reserve, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard probe == MAP_FAILED else {
      // The instruction is repeated, or `abort` goes on.
      sigaction(number, before + Int(number), nil)
      return
    }
    let line: StaticString =
      "weft: error: out of memory; raise the limit (ulimit -v), or reduce the model, training.batch or data.window\n"
    _ = write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
    UnfinishedFiles.removeAll()
    _exit(1)
  }
}
