import Foundation

/// A value that one thread at a time may touch.
///
/// Unlike `Synchronization.Mutex`, whose futex is hidden from it, the thread sanitizer sees this lock. Unchecked,
/// because the compiler does not: the value is reached under the lock alone.
package final class Locked<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  package init(_ value: sending Value) { self.value = value }

  /// Calls `body` with the value while no other thread does.
  package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body(&value)
  }
}
