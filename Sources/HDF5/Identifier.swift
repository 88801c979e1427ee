import CHDF5

/// Owns an identifier of the C library and releases it on deinitialization.
///
/// Users of `value` must keep the identifier in a variable until the library call has returned: a temporary would be
/// released as soon as its integer is read.
///
/// `Sendable` because it holds an integer that never changes, and the library is entered under a lock only.
final class Identifier: Sendable {
  let value: hid_t
  /// The file, which must stay open as long as this identifier; nil for types, spaces and property lists.
  private let file: OpenFile?

  init(_ value: hid_t, in file: OpenFile? = nil) {
    self.value = value
    self.file = file
  }

  deinit {
    let value = value
    let file = file
    Library.exclusively {
      // Closing a file closes what is in it, but not what its links lead to in others.
      if let file, file.isClosed, H5Iis_valid(value) <= 0 { return }
      H5Idec_ref(value)
    }
  }
}
