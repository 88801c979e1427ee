import CHDF5
import Foundation
import Synchronization

/// An open file, shared by everything opened in it; closes when the last of them is released.
final class OpenFile: Sendable {
  let identifier: hid_t
  let path: String
  let isWritable: Bool

  private struct State {
    var isClosed = false
    /// Whether the file stays open until the process ends, because closing it would crash the library.
    var isLeftOpen = false
    var failure: HDF5Error?
  }
  private let state = Mutex(State())

  init(identifier: hid_t, path: String, isWritable: Bool) {
    self.identifier = identifier
    self.path = path
    self.isWritable = isWritable
  }

  private var place: Place { Place(file: path) }

  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// The failure that made the file unusable, if any.
  func obstacle(to attempt: String, at place: Place) -> HDF5Error? {
    state.withLock { state in
      if let failure = state.failure { return place.error(failure.kind, failure.attempt, failure.cause) }
      return state.isClosed ? place.error(.closed, attempt, "the file was closed") : nil
    }
  }

  /// Writes what is cached. Does nothing for a closed file.
  func flush() throws(HDF5Error) {
    try Library.exclusively { () throws(HDF5Error) in
      if isClosed { return }
      try throwFailure()
      flushOrAbandon()
      try throwFailure()
    }
  }

  /// Closes the file and everything opened in it. Does nothing if closed.
  func close() throws(HDF5Error) {
    try Library.exclusively { () throws(HDF5Error) in
      if state.withLock({ $0.isLeftOpen }) { try throwFailure() }
      if isClosed { return }
      flushOrAbandon()
      if state.withLock({ $0.isLeftOpen }) { try throwFailure() }
      state.withLock { $0.isClosed = true }
      let lock = FileLock(of: identifier)
      let status = H5Fclose(identifier)
      lock?.release()
      try throwFailure()
      if status < 0 {
        Library.isDamaged = true
        throw HDF5Error(explaining: ErrorStack.current(), at: place, attempt: "cannot close")
      }
    }
  }

  deinit {
    // To learn of failures, close the file explicitly.
    try? close()
  }

  // MARK: - Failures to write

  /// Writes the cached chunks of a dataset that is about to close, and remembers a failure for the file's users.
  func flushDataset(_ dataset: hid_t) {
    guard isWritable, state.withLock({ $0.failure == nil }) else { return }
    if H5Dflush(dataset) < 0 { abandon() }
  }

  private func flushOrAbandon() {
    guard isWritable, state.withLock({ $0.failure == nil }) else { return }
    if H5Fflush(identifier, H5F_SCOPE_GLOBAL) < 0 { abandon() }
  }

  private func throwFailure() throws(HDF5Error) {
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  /// Abandons a file that cannot be written.
  ///
  /// The library cannot close what it cannot write: it frees the object, keeps its identifier, and crashes later.
  /// So the rest of what it has to write goes to memory, where it is forgotten as soon as the file closes, and the
  /// failure is thrown at whoever uses the file. A limit on the size of files holds for memory too: under one, the
  /// file is left open.
  private func abandon() {
    let failure = HDF5Error(explaining: ErrorStack.current(), at: place, attempt: "cannot write")
    state.withLock { $0.failure = failure }
    var limit = rlimit()
    if chdf5_file_size_limit(&limit) != 0 || limit.rlim_cur != rlim_t.max {
      Library.isDamaged = true
      state.withLock { ($0.isLeftOpen, $0.isClosed) = (true, true) }
      return
    }
    let memory = chdf5_open_scratch()
    if memory >= 0 {
      redirect(to: memory)
      Foundation.close(memory)
    }
  }

  /// Redirects the library to another file in place of this one.
  func redirect(to descriptor: Int32) {
    Library.exclusively {
      var handle: UnsafeMutableRawPointer?
      guard H5Fget_vfd_handle(identifier, chdf5_default(), &handle) >= 0, let handle else { return }
      dup2(descriptor, handle.load(as: Int32.self))
    }
  }
}
