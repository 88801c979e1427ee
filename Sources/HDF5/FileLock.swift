import CHDF5
import Foundation

/// The library's lock on an open file.
///
/// The library releases a lock by closing its descriptor. In a process that starts programs this is not enough: a child
/// has copies of all descriptors until it calls exec, and the lock persists while one of them is open. Reopening the
/// file in that moment would fail.
struct FileLock {
  /// A second descriptor of the same open file, which can unlock it once the library has closed its own.
  private let copy: Int32
  private let original: Int32

  /// Nil if the file's driver has no descriptor.
  init?(of file: hid_t) {
    var handle: UnsafeMutableRawPointer?
    guard H5Fget_vfd_handle(file, chdf5_default(), &handle) >= 0, let handle else { return nil }
    original = handle.load(as: Int32.self)
    copy = fcntl(original, F_DUPFD_CLOEXEC, 0)
    if copy < 0 { return nil }
  }

  /// Unlocks the file, unless the library still has it open under another handle.
  func release() {
    var (own, others) = (stat(), stat())
    let isOpen =
      fstat(copy, &own) == 0 && fstat(original, &others) == 0 && own.st_ino == others.st_ino
      && own.st_dev == others.st_dev
    if !isOpen { flock(copy, LOCK_UN) }
    Foundation.close(copy)
  }
}
