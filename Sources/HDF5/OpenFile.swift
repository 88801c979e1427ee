import CHDF5
import Synchronization

/// An open file, shared by everything opened in it; closes when the last of them goes out of use.
final class OpenFile: Sendable {
  let identifier: hid_t
  let path: String

  private struct State {
    var isClosed = false
    var failure: HDF5Error?
  }
  private let state = Mutex(State())

  init(identifier: hid_t, path: String) {
    self.identifier = identifier
    self.path = path
  }

  var place: Place { Place(file: path) }

  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Keeps the first failure that could not be thrown where it happened.
  func remember(_ error: HDF5Error) {
    state.withLock { $0.failure = $0.failure ?? error }
  }

  func throwRememberedFailure() throws(HDF5Error) {
    let failure = state.withLock { state in
      defer { state.failure = nil }
      return state.failure
    }
    if let failure { throw failure }
  }

  /// Writes what is cached. Does nothing for a closed file.
  func flush() throws(HDF5Error) {
    try Library.exclusively { () throws(HDF5Error) in
      if isClosed { return }
      try place.check("cannot write") { H5Fflush(identifier, H5F_SCOPE_GLOBAL) }
      try throwRememberedFailure()
    }
  }

  /// Closes the file and everything opened in it. Does nothing the second time.
  func close() throws(HDF5Error) {
    try Library.exclusively { () throws(HDF5Error) in
      let wasClosed = state.withLock { state in
        defer { state.isClosed = true }
        return state.isClosed
      }
      if wasClosed { return }
      try place.check("cannot close") { H5Fclose(identifier) }
      try throwRememberedFailure()
    }
  }

  deinit {
    // Whoever wants to know of a failure closes the file explicitly.
    try? close()
  }
}
