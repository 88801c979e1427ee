import Foundation
import Synchronization

/// The user's wish to stop, told by the signals INT (Ctrl-C), TERM and HUP (a terminal that went away).
///
/// The first signal only leaves a mark, which the trainer looks for after each step: it then saves a checkpoint
/// and ends. A second signal ends the process at once.
public enum Interruption {
  /// The signal received, 0 for none. Statically initialised and lock-free, so that a handler may touch it.
  private static let received = Atomic<Int32>(0)

  /// Starts listening. Until then the signals end the process, as they do without a handler.
  ///
  /// From then on, too, a reader of the output that went away and a limit on the size of files are errors of the
  /// writing, and do not end the process.
  ///
  /// - Parameter toUserSignal: Whether to stop at USR1 too: launchers of MPI pass it on, where they answer TERM by
  ///   ending all processes a second later.
  public static func listen(toUserSignal: Bool = false) {
    received.store(0, ordering: .relaxed)
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] + (toUserSignal ? [SIGUSR1] : []) {
      // `nohup` says so by ignoring the signal.
      if number == SIGHUP, isIgnored(number) { continue }
      signal(number) { number in
        if Interruption.received.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
      }
      sigaddset(&signals, number)
    }
    // A program inherits what its parent blocked, and threads that start programs often block everything.
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    let handler = signal(number, SIG_IGN)
    signal(number, handler)
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Stops listening and forgets what was received.
  public static func ignore() {
    for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
    received.store(0, ordering: .relaxed)
  }

  /// Whether a signal was received.
  public static var isRequested: Bool { exitCode != nil }

  /// The customary exit status after the signal received: 130 for INT, 143 for TERM, 129 for HUP;
  /// nil when there was none.
  public static var exitCode: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : 128 + number
  }
}
