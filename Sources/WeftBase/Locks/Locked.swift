import Foundation

/// A value protected by a mutex.
///
/// Unlike `Synchronization.Mutex`, whose futex it cannot see, the thread sanitizer understands this lock. `@unchecked`
/// because the compiler does not: the value is accessed only under the lock. Public because only public functions can
/// be inlined into other modules.
public final class Locked<Value>: @unchecked Sendable {
  @usableFromInline let lock = NSLock()
  @usableFromInline var value: Value

  /// Protects a value.
  public init(_ value: sending Value) { self.value = value }

  /// Calls `body` with exclusive access to the value.
  @inlinable
  public func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body(&value)
  }
}
