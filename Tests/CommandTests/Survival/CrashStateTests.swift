#if os(Linux)
  import Foundation
  import TestSupport
  import Testing

  /// Whatever of a run a power failure leaves on disk, the run resumes and ends as an undisturbed one.
  ///
  /// `WEFT_CRASH_STATES` sets the number of states, 0 for all; `make survival` takes 3,000.
  @Suite struct CrashStateTests {
    private static let states = ProcessInfo.processInfo.environment["WEFT_CRASH_STATES"] ?? "60"
    private static let script = Command.packageFolder.appending(path: "Tests/Survival/replay.py").path

    /// Whether strace is there and may trace.
    private static let canTrace =
      (try? Command.shell("strace -o /dev/null true", in: Command.packageFolder).status) == 0

    @Test(.enabled(if: canTrace, "nothing can be traced here: strace is missing or not permitted"))
    func everyStateOnDiskResumes() throws {
      try SmallRun.withFolder { folder in
        let replay = try Command.shell(
          "'\(Python.path)' '\(Self.script)' \"$WEFT\" . \(Self.states)", in: folder)
        print(replay.output, terminator: "")
        #expect(replay.status == 0, "\(replay.output)\(replay.errors)")
      }
    }
  }
#endif
