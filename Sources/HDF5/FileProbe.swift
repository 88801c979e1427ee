import Foundation
import Synchronization

/// Opens files in a separate process first, so that one that crashes the C library, or makes it loop forever, becomes
/// an error.
///
/// libhdf5 trusts much of its input: structures without a checksum, such as heaps of variable-length text and
/// old-format indices, can make it misbehave. A program that opens untrusted files calls ``enable(_:_:)`` once, and
/// ``examine(_:)`` in the process that this starts.
public enum FileProbe {
  /// Identity of an examined file.
  private struct Identity: Hashable {
    let device, inode: UInt64
    let size, modified, changed: Int64

    init(_ status: stat) {
      (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
      size = Int64(status.st_size)
      #if os(Linux)
        let (modification, change) = (status.st_mtim, status.st_ctim)
      #else
        let (modification, change) = (status.st_mtimespec, status.st_ctimespec)
      #endif
      modified = Int64(modification.tv_sec) &* 1_000_000_000 &+ Int64(modification.tv_nsec)
      changed = Int64(change.tv_sec) &* 1_000_000_000 &+ Int64(change.tv_nsec)
    }
  }

  private struct State {
    var command: [String] = []
    /// Errors of examined files; nil for none.
    var verdicts: [Identity: String?] = [:]
  }
  private static let state = Mutex(State())

  /// Enables the examination of files before they are opened.
  ///
  /// - Parameters:
  ///   - program: an executable, which is given `arguments` and a path, and passes the path to ``examine(_:)``.
  ///   - arguments: arguments that select this mode.
  public static func enable(_ program: String, _ arguments: [String]) {
    state.withLock { $0.command = [program] + arguments }
  }

  /// Examines a file, unless already done or not enabled.
  ///
  /// - Throws: `damaged`; `notHDF5` for a pipe or a device, which would block.
  static func check(_ place: Place) throws(HDF5Error) {
    var status = stat()
    guard stat(place.file, &status) == 0 else { return }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFDIR { return }
    guard kind == S_IFREG else {
      throw place.error(.notHDF5, "cannot open", "it is not a regular file")
    }
    let command = state.withLock { $0.command }
    if command.isEmpty { return }
    let identity = Identity(status)
    let verdict: String?
    if let known = state.withLock({ $0.verdicts[identity] }) {
      verdict = known
    } else {
      verdict = ProbeProcess.examine([place.file], command: command).first?.verdict
      state.withLock { $0.verdicts[identity] = .some(verdict) }
    }
    if let verdict { throw place.error(.damaged, "cannot open", "the file is damaged: \(verdict)") }
  }

  /// Examines many files together, which is far faster than each when it is opened. Never throws.
  public static func prepare(_ paths: [String]) {
    let command = state.withLock { $0.command }
    if command.isEmpty { return }
    var unknown: [(path: String, identity: Identity)] = []
    for path in paths {
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      let identity = Identity(status)
      if state.withLock({ $0.verdicts[identity] == nil }) { unknown.append((path, identity)) }
    }
    if unknown.count < 2 { return }
    let verdicts = ProbeProcess.examine(unknown.map(\.path), command: command)
    state.withLock { state in
      for (index, verdict) in verdicts { state.verdicts[unknown[index].identity] = .some(verdict) }
    }
  }

  // MARK: - In the process

  /// Opens files one after the other, reads all of their structure within limits of time and memory, writes a byte to
  /// standard output after each, and exits.
  ///
  /// Errors are ignored here; the calling process will find them itself.
  public static func examine(_ paths: [String]) -> Never {
    let sizes = paths.map { path -> UInt64 in
      var status = stat()
      return stat(path, &status) == 0 ? UInt64(max(0, status.st_size)) : 0
    }
    // The structure of a file is far smaller than the file, and a kilobyte of it takes microseconds.
    #if SANITIZER
      // A sanitizer reserves terabytes of address space, and slows the program down.
      let seconds = 20 + sizes.reduce(0) { $0 + $1 >> 20 }
    #else
      ResourceLimit.addressSpace.lower(to: (1 << 30) + 2 * min(sizes.max() ?? 0, 1 << 60))
      let seconds = 2 + sizes.reduce(UInt64(paths.count / 64)) { $0 + $1 >> 24 }
    #endif
    ResourceLimit.coreFile.lower(to: 0)
    for path in paths {
      let survey = Survey()
      // Each object has this time: files of hundreds of thousands of them need more in all.
      ResourceLimit.renewCPUTime(seconds)
      survey.examine(path) { ResourceLimit.renewCPUTime(seconds) }
      // Without the library's cleanup, because nothing was written.
      if survey.isOutOfMemory { _exit(ProbeProcess.outOfMemory) }
      var done: UInt8 = 1
      _ = write(1, &done, 1)
    }
    _exit(0)
  }
}
