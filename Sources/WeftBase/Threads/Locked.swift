import Foundation

/// A value that one thread at a time may touch.
///
/// Unlike `Synchronization.Mutex`, whose futex is hidden from it, the thread sanitizer sees this lock. Unchecked,
/// because the compiler does not: the value is reached under the lock alone. Public, as the compiler inlines nothing
/// else into other modules.
public final class Locked<Value>: @unchecked Sendable {
  @usableFromInline let lock = NSLock()
  @usableFromInline var value: Value

  /// A value to share.
  public init(_ value: sending Value) { self.value = value }

  /// Calls `body` with the value while no other thread does.
  @inlinable
  public func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body(&value)
  }
}
