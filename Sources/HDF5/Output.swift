import CHDF5

/// Where an open file is written, and whether that succeeded.
///
/// The library's calls succeed even if the disk is full, because it would crash otherwise; the file's driver records the
/// failure here. Files that are only read have the driver too: the library compares files of one driver only.
final class Output: @unchecked Sendable {
  /// Accessed under the lock of the library only.
  private var record: UnsafeMutablePointer<chdf5_output>
  let isWritable: Bool

  /// - Parameter descriptor: A file that is open already; nil to open one by its name.
  init(descriptor: Int32? = nil, isWritable: Bool) {
    guard let record = chdf5_make_output(descriptor ?? -1) else { fatalError("out of memory") }
    self.record = record
    self.isWritable = isWritable
  }

  deinit {
    let record = record
    Library.exclusively { chdf5_release_output(record) }
  }

  /// `errno` of the first write that failed; 0 if none did. Callers hold the lock.
  var error: Int32 { record.pointee.error }

  /// Makes a file that is opened with these properties report here. Callers hold the lock.
  func attach(to access: hid_t) -> herr_t { chdf5_set_driver(access, Library.driver, record) }

  /// Follows an open file, which reports elsewhere if it was open already. Callers hold the lock.
  func follow(_ file: hid_t) {
    guard let actual = chdf5_copy_output(file) else { return }
    chdf5_release_output(record)
    record = actual
  }
}
