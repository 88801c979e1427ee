import CHDF5
import Foundation
import Synchronization

/// An open file, shared by everything opened in it; closes when the last of them is released.
final class OpenFile: Sendable {
  let identifier: hid_t
  let path: String
  /// Whether the library closes what was opened in the file with it.
  private let closesObjects: Bool
  private let output: Output
  private let closed = Mutex(false)

  init(identifier: hid_t, path: String, output: Output, closesObjects: Bool = true) {
    self.identifier = identifier
    self.path = path
    self.output = output
    self.closesObjects = closesObjects
    Library.exclusively { output.follow(identifier) }
  }

  private var place: Place { Place(file: path) }

  var isClosed: Bool { closed.withLock { $0 } }

  /// What makes the file unusable, if anything: a failure to write, or that it was closed.
  func obstacle(to attempt: String, at place: Place) -> HDF5Error? {
    failure(at: place) ?? (isClosed ? place.error(.closed, attempt, "the file was closed") : nil)
  }

  /// The first failure to write, if any, as that of the object that was written when it was noticed.
  func failure(at place: Place) -> HDF5Error? {
    guard output.isWritable, output.error != 0 else { return nil }
    return HDF5Error(explaining: ["errno = \(output.error)"], at: place, attempt: "cannot write")
  }

  /// Writes what is cached. Does nothing for a closed file.
  func flush() throws(HDF5Error) {
    try Library.exclusively { () throws(HDF5Error) in
      if isClosed { return }
      let status = output.isWritable ? H5Fflush(identifier, H5F_SCOPE_GLOBAL) : 0
      if let failure = failure(at: place) { throw failure }
      if status < 0 {
        throw HDF5Error(explaining: ErrorStack.current(), at: place, attempt: "cannot write")
      }
    }
  }

  /// Closes the file and everything opened in it. Does nothing if closed.
  func close() throws(HDF5Error) {
    try Library.exclusively { () throws(HDF5Error) in
      let wasClosed = closed.withLock { closed in
        defer { closed = true }
        return closed
      }
      if wasClosed { return }
      let lock = FileLock(of: identifier)
      if !closesObjects { releaseObjects() }
      let status = H5Fclose(identifier)
      lock?.release()
      if status < 0 {
        Library.isDamaged = true
      }
      if let failure = failure(at: place) { throw failure }
      if status < 0 {
        throw HDF5Error(explaining: ErrorStack.current(), at: place, attempt: "cannot close")
      }
    }
  }

  /// Closes what was opened in the file by its name, which would keep it open.
  private func releaseObjects() {
    let kinds = H5F_OBJ_DATASET | H5F_OBJ_GROUP | H5F_OBJ_DATATYPE | H5F_OBJ_ATTR | H5F_OBJ_LOCAL
    let count = H5Fget_obj_count(identifier, kinds)
    guard count > 0 else { return }
    var objects = [hid_t](repeating: 0, count: count)
    let found = H5Fget_obj_ids(identifier, kinds, count, &objects)
    for object in objects.prefix(max(found, 0)) {
      while H5Idec_ref(object) > 0 {}
    }
  }

  deinit {
    // To learn of failures, close the file explicitly.
    try? close()
  }
}
