import CHDF5
import Foundation

@testable import HDF5

extension OpenFile {
  /// Redirects the library to another file in place of this one, such as one on a full disk.
  func redirect(to descriptor: Int32) {
    Library.exclusively {
      var handle: UnsafeMutableRawPointer?
      guard H5Fget_vfd_handle(identifier, chdf5_default(), &handle) >= 0, let handle else { return }
      let own = handle.load(as: Int32.self)
      // A program that another test is starting has a copy of the descriptor for a moment, and with it the lock.
      flock(own, LOCK_UN)
      dup2(descriptor, own)
    }
  }
}
