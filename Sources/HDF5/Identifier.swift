import CHDF5

/// Owns one identifier of the C library and gives it back when it goes out of use.
///
/// Whoever uses `value` keeps the identifier in a variable until the call of the library has returned: a temporary
/// would be given back as soon as its integer is read.
///
/// `Sendable` because it holds an integer that never changes, and the library is entered under a lock only.
final class Identifier: Sendable {
  let value: hid_t
  /// The file that must stay open as long as this; nil for types, spaces and property lists.
  private let file: OpenFile?

  init(_ value: hid_t, in file: OpenFile? = nil) {
    self.value = value
    self.file = file
  }

  deinit {
    let value = value
    let file = file
    Library.exclusively {
      // Closing a file closes what is in it.
      if let file {
        if file.isClosed { return }
        if H5Iget_type(value) == H5I_DATASET { file.flushDataset(value) }
      }
      H5Idec_ref(value)
    }
  }
}
