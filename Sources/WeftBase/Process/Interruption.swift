import Foundation
import Synchronization

/// Requests to stop by the signals INT (Ctrl-C), TERM and HUP (a closed terminal).
///
/// The first signal sets a flag, which the trainer checks after each step: it then saves a checkpoint and stops. A
/// second signal terminates the process.
public enum Interruption {
  /// The signal received, 0 for none. Statically initialized and lock-free, as signal handlers require.
  private static let received = Atomic<Int32>(0)

  /// Installs the handlers. Without them, the signals terminate the process.
  ///
  /// From then on, a closed pipe and the limit on file sizes are write errors instead of terminating the process.
  ///
  /// - Parameter toUserSignal: Whether to stop at USR1 too, which MPI launchers forward; at TERM they kill all
  ///   processes after a second.
  public static func listen(toUserSignal: Bool = false) {
    received.store(0, ordering: .relaxed)
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] + (toUserSignal ? [SIGUSR1] : []) {
      // `nohup` ignores the signal.
      if number == SIGHUP, Signals.isIgnored(number) { continue }
      signal(number) { number in
        if Interruption.received.exchange(number, ordering: .relaxed) != 0 {
          UnfinishedFiles.removeAll()
          _exit(128 + number)
        }
      }
      sigaddset(&signals, number)
    }
    // Blocked signals are inherited, and threads that start programs often block all of them.
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Removes the handlers and clears the flag.
  public static func ignore() {
    for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
    received.store(0, ordering: .relaxed)
  }

  /// Whether a signal was received.
  public static var isRequested: Bool { exitCode != nil }

  /// The conventional exit status of the signal received: 130 for INT, 143 for TERM, 129 for HUP; nil without one.
  public static var exitCode: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : 128 + number
  }
}
