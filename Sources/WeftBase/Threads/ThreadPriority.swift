import Foundation

/// Priority of the calling thread.
package enum ThreadPriority {
  /// Lets every other thread go first.
  package static func lower() {
    #if os(Linux)
      // Of the calling thread alone; a refusal changes nothing that matters.
      _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
    #else
      _ = setpriority(PRIO_DARWIN_THREAD, 0, PRIO_DARWIN_BG)
    #endif
  }
}

/// Waiting without a reason to be woken.
package enum SystemPause {
  /// Waits at least this long.
  package static func wait(_ duration: Duration) {
    guard duration > .zero else { return }
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    nanosleep(&time, nil)
  }
}
