import Foundation
import Synchronization

/// The temporary names of this process, which are removed when a signal ends it.
package enum UnfinishedFiles {
  private typealias List = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  /// The address of the names, C strings that end with a null pointer. Lock-free, as signal handlers require.
  private static let names = Atomic<UInt>(0)
  private static let isEnding = Atomic(false)
  /// Serializes changes.
  private static let lock = Mutex(())

  /// A name that is removed when a signal ends the process, until it is forgotten.
  final class Name: Sendable {
    let path: String
    private nonisolated(unsafe) let text: UnsafeMutablePointer<CChar>?

    init(_ path: String) {
      self.path = path
      let text = strdup(path)
      self.text = text
      UnfinishedFiles.change { $0 + [text] }
    }

    /// Ends the protection; called once.
    func forget() {
      let text = text
      UnfinishedFiles.change { $0.filter { $0 != text } }
      free(text)
    }
  }

  private static func change(
    _ body: ([UnsafeMutablePointer<CChar>?]) -> [UnsafeMutablePointer<CChar>?]
  ) {
    lock.withLock { _ in
      let old = List(bitPattern: names.load(ordering: .sequentiallyConsistent))
      var list: [UnsafeMutablePointer<CChar>?] = []
      while let name = old?[list.count] { list.append(name) }
      let changed = body(list)
      let new = List.allocate(capacity: changed.count + 1)
      new.initialize(from: changed + [nil], count: changed.count + 1)
      names.store(UInt(bitPattern: new), ordering: .sequentiallyConsistent)
      // The handler may be reading the old list.
      while isEnding.load(ordering: .sequentiallyConsistent) { pause() }
      old?.deallocate()
    }
  }

  /// Removes all of them. The process must end then. Safe in a signal handler.
  package static func removeAll() {
    isEnding.store(true, ordering: .sequentiallyConsistent)
    guard let list = List(bitPattern: names.load(ordering: .sequentiallyConsistent)) else { return }
    var index = 0
    while let name = list[index] {
      unlink(name)
      index += 1
    }
  }

  /// Removes the names when a signal ends the process, which then ends as if it had no handler.
  package static func removeAtSignals() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXCPU] where !Signals.isIgnored(number) {
      sigaddset(&signals, number)
      signal(number) { number in
        UnfinishedFiles.removeAll()
        signal(number, SIG_DFL)
        // Delivered when the handler returns.
        raise(number)
      }
    }
    // Blocked signals are inherited, and threads that start programs often block all of them.
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
