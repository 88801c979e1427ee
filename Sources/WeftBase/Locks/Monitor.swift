import Foundation

/// A value protected by a mutex, with a condition variable to wait for changes.
///
/// `@unchecked` because the compiler does not see the lock: the value is accessed only under it.
public final class Monitor<Value>: @unchecked Sendable {
  @usableFromInline let condition = NSCondition()
  @usableFromInline var value: Value

  /// Protects a value.
  public init(_ value: sending Value) { self.value = value }

  /// Calls `body` with exclusive access to the value, then wakes waiting threads.
  @inlinable
  public func change<Result>(_ body: (inout Value) -> Result) -> Result {
    condition.lock()
    defer { condition.unlock() }
    let result = body(&value)
    condition.broadcast()
    return result
  }

  /// Calls `body`, which must not change anything that threads wait for.
  @inlinable
  public func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    condition.lock()
    defer { condition.unlock() }
    return body(&value)
  }

  /// Calls `body` now and after each change until it returns a result.
  @inlinable
  public func wait<Result>(_ body: (inout Value) -> Result?) -> Result {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let result = body(&value) { return result }
      condition.wait()
    }
  }
}
