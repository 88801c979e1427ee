import CHDF5
import Foundation

/// Serialized access to the C library.
///
/// libhdf5 keeps global state, and some builds of it have no lock of their own, so every call is made while
/// holding this one; identifiers are plain integers, which makes the handle types safely `Sendable`. The lock is
/// recursive because closing a handle takes it too, and a handle may go out of use anywhere.
package enum Library {
  private static let lock = NSRecursiveLock()

  /// Whether the library failed to close a file. Its remaining state must not be touched, not even at exit. Guarded by
  /// the lock.
  nonisolated(unsafe) static var isDamaged = false

  /// The driver of files that are written.
  static let driver = chdf5_register_driver()

  /// One-time initialization: registers Weft's filters and disables the library's exit handler.
  private static let preparation: Void = {
    H5dont_atexit()
    LZFFilter.register()
    atexit {
      Library.exclusively {
        if !Library.isDamaged { H5close() }
      }
    }
  }()

  /// Runs a few calls of the C library as one unit, with its own printing of errors switched off.
  ///
  /// A thread-safe build has an error stack with a print setting per thread, which is therefore set on each entry.
  package static func exclusively<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    _ = preparation
    H5Eset_auto2(0, nil, nil)
    return try body()
  }
}
