import Foundation

/// A value that one thread at a time may touch, and whose changes threads can wait for.
///
/// Unchecked, because the compiler does not see the lock: the value is reached under it alone.
public final class Monitor<Value>: @unchecked Sendable {
  @usableFromInline let condition = NSCondition()
  @usableFromInline var value: Value

  /// A value to share.
  public init(_ value: sending Value) { self.value = value }

  /// Calls `body` with the value while no other thread touches it, then wakes those who wait for a change.
  @inlinable
  public func change<Result>(_ body: (inout Value) -> Result) -> Result {
    condition.lock()
    defer { condition.unlock() }
    let result = body(&value)
    condition.broadcast()
    return result
  }

  /// Calls `body`, which changes nothing that anybody waits for.
  @inlinable
  public func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    condition.lock()
    defer { condition.unlock() }
    return body(&value)
  }

  /// Calls `body` now and after each change until it gives a result.
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
