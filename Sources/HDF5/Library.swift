import CHDF5
import Foundation

/// Serialized access to the C library.
///
/// libhdf5 keeps global state, and some builds of it have no lock of their own, so every call is made while
/// holding this one; identifiers are plain integers, which makes the handle types safely `Sendable`. The lock is
/// recursive because closing a handle takes it too, and a handle may go out of use anywhere.
enum Library {
  private static let lock = NSRecursiveLock()

  /// Whether the library failed to close a file. What it then still holds must not be touched, not even at the
  /// end of the process. Guarded by the lock.
  nonisolated(unsafe) static var isDamaged = false

  /// What is done once, before anything else: Weft adds its filters, and decides itself what happens at exit.
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
  /// A thread-safe build keeps an error stack, and with it the choice to print, for every thread: it is set anew
  /// on each entry, because nobody knows on which thread the next call comes.
  static func exclusively<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    _ = preparation
    H5Eset_auto2(0, nil, nil)
    return try body()
  }
}
