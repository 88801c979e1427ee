import CHDF5

/// Where an open file is written, and whether that succeeded.
///
/// The library's calls succeed even if the disk is full, because it would crash otherwise; the file's driver records the
/// failure here.
final class Output: @unchecked Sendable {
  /// Accessed under the lock of the library only.
  private let record: UnsafeMutablePointer<chdf5_output>

  /// - Parameter descriptor: A file that is open already; nil to open one by its name.
  init(descriptor: Int32?) {
    record = .allocate(capacity: 1)
    record.initialize(to: chdf5_output(descriptor: descriptor ?? -1, error: 0))
  }

  deinit { record.deallocate() }

  /// `errno` of the first write that failed; 0 if none did. Callers hold the lock.
  var error: Int32 { record.pointee.error }

  /// Makes a file that is opened with these properties report here.
  func attach(to access: hid_t) -> herr_t { chdf5_set_driver(access, Library.driver, record) }
}
