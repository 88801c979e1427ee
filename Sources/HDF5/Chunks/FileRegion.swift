import CHDF5
import Foundation
import Synchronization

/// A part of a file that holds numbers as they are, which any thread may read without the library and its lock.
package struct FileRegion: Sendable {
  let descriptor: FileDescriptor
  let offset: Int
  /// Size in bytes.
  package let byteCount: Int

  /// Asks the system to read it soon.
  func readAhead() { chdf5_read_ahead(descriptor.number, haddr_t(offset), byteCount) }

  /// Reads a part that lies inside.
  ///
  /// - Returns: Nil, or `errno`; 0 if the file ends before.
  func read(from start: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int32? {
    precondition(start >= 0 && start <= byteCount && buffer.count <= byteCount - start)
    var done = 0
    while done < buffer.count, let memory = buffer.baseAddress {
      let count = pread(descriptor.number, memory + done, buffer.count - done, off_t(offset + start + done))
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return count < 0 ? errno : 0 }
      done += count
    }
    return nil
  }
}

/// A descriptor of an open file, closed with the last region that uses it.
final class FileDescriptor: Sendable {
  /// Beyond these, a dataset of many files would exhaust the descriptors that a process may have, half of which may be
  /// the library's.
  static let most = Int(min(64, ResourceLimit.openFiles.value / 8))
  private static let open = Atomic(0)
  /// Whether one more may be opened.
  static var hasRoom: Bool { open.load(ordering: .relaxed) < most }

  let number: Int32

  /// - Parameter number: An open descriptor, which is closed by this object.
  init(owning number: Int32) {
    self.number = number
    Self.open.wrappingAdd(1, ordering: .relaxed)
  }

  /// Size of the file; nil if it is unknown.
  var byteCount: Int? {
    var status = stat()
    return fstat(number, &status) == 0 ? Int(exactly: status.st_size) : nil
  }

  deinit {
    close(number)
    Self.open.wrappingSubtract(1, ordering: .relaxed)
  }
}

/// The descriptor that the regions of one dataset share as long as there are any, and what is known of their places.
final class SharedDescriptor: Sendable {
  private struct Reference: Sendable {
    weak var descriptor: FileDescriptor?
    var firstByte: Int?
  }

  private let reference = Mutex(Reference())

  var current: FileDescriptor? { reference.withLock { $0.descriptor } }

  /// Where contiguous storage begins in the file; nil if the library has to be asked for each block.
  var firstByte: Int? { reference.withLock { $0.firstByte } }

  func share(_ descriptor: FileDescriptor, firstByte: Int?) {
    reference.withLock { $0 = Reference(descriptor: descriptor, firstByte: firstByte) }
  }
}
