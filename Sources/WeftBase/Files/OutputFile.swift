import Foundation
import Synchronization

/// A file that is written completely before it appears under its name, atomically and durably.
///
/// While it is written, it has no name where the system supports that, and otherwise one of its own: several writers of
/// one output do not disturb each other. Whatever ends the process, nothing else is left behind; only `kill -9` may
/// leave a temporary name, which the next writer of the same output removes. Symbolic links are not followed.
package final class OutputFile: Sendable {
  /// Path of the finished file.
  package let path: String
  /// The open file.
  package let descriptor: Int32
  /// The name until it is finished; nil if it has none.
  private let temporary: UnfinishedFiles.Name?
  private let isPublished = Atomic(false)

  /// Opens a file for writing.
  ///
  /// - Parameters:
  ///   - path: Path of the finished file, whose folder must exist.
  ///   - isNamed: Whether to use a temporary name even where a file may have none.
  /// - Throws: If its folder is not writable, or `path` is something other than a file.
  package init(_ path: String, isNamed: Bool = false) throws(WeftError) {
    var status = stat()
    if lstat(path, &status) == 0 {
      let kind = status.st_mode & S_IFMT
      if kind == S_IFDIR { throw .file("\(path): is a folder; name a file") }
      guard kind == S_IFREG || kind == S_IFLNK else {
        throw .file("\(path): is not a regular file; name another file")
      }
    }
    self.path = path
    TemporaryName.removeAbandoned(for: path)
    if !isNamed, let unnamed = try Self.unnamed(in: Self.folder(of: path), path) {
      (descriptor, temporary) = (unnamed, nil)
    } else {
      let name = UnfinishedFiles.Name(TemporaryName.make(for: path))
      descriptor = open(name.path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        let code = errno
        name.forget()
        throw .system("\(path): cannot be written", code)
      }
      temporary = name
    }
  }

  deinit {
    if let temporary {
      if !isPublished.load(ordering: .relaxed) { unlink(temporary.path) }
      temporary.forget()
    }
    close(descriptor)
  }

  /// Whether there is anything of that name, also a symbolic link that leads nowhere.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Appends bytes.
  ///
  /// - Throws: If they cannot be written, for example on a full disk.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(WeftError) {
    let code = writeCompletely(bytes, to: descriptor)
    guard code == 0 else { throw .system("\(path): cannot be written", code) }
  }

  /// Gives the file its name. Contents and name are on disk when this returns.
  ///
  /// - Parameter replacing: Whether to replace an existing file.
  /// - Throws: If another file has the name and `replacing` is false, or the disk is full.
  package func publish(replacing: Bool = true) throws(WeftError) {
    guard fsync(descriptor) == 0 else { throw .system("\(path): cannot be written", errno) }
    let source = temporary?.path ?? "/proc/self/fd/\(descriptor)"
    if temporary == nil || !replacing {
      if linkat(AT_FDCWD, source, AT_FDCWD, path, Self.followsLinks) == 0 {
        if let temporary { unlink(temporary.path) }
        return try finish()
      }
      if errno == EEXIST, !replacing {
        throw .file("\(path): file exists; name another output, or add --overwrite")
      }
    }
    if let temporary {
      try rename(temporary)
    } else {
      // Only a file with a name can replace another.
      let name = UnfinishedFiles.Name(TemporaryName.make(for: path))
      defer { name.forget() }
      guard linkat(AT_FDCWD, source, AT_FDCWD, name.path, Self.followsLinks) == 0 else {
        throw .system("\(path): cannot be written", errno)
      }
      do { try rename(name) } catch {
        unlink(name.path)
        throw error
      }
    }
    try finish()
  }

  private func rename(_ name: UnfinishedFiles.Name) throws(WeftError) {
    guard Foundation.rename(name.path, path) == 0 else {
      throw .system("\(path): cannot replace the file", errno)
    }
  }

  private func finish() throws(WeftError) {
    isPublished.store(true, ordering: .relaxed)
    try DurableFile.synchronize(Self.folder(of: path))
  }

  /// Symbolic links in `/proc` lead to files without a name.
  private static let followsLinks = Int32(AT_SYMLINK_FOLLOW)

  private static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return String(path[...slash])
  }

  // MARK: - Files without a name

  /// A file in `folder` that disappears when it is closed.
  ///
  /// - Parameter path: A path in the folder, for errors.
  package static func anonymous(beside path: String) throws(WeftError) -> Int32 {
    if let descriptor = try unnamed(in: folder(of: path), path) { return descriptor }
    let name = UnfinishedFiles.Name(TemporaryName.make(for: path))
    defer { name.forget() }
    let descriptor = open(name.path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system("\(path): cannot create a temporary file beside it", errno) }
    unlink(name.path)
    return descriptor
  }

  /// A file without a name that can be given one; nil if the system or file system has none.
  private static func unnamed(in folder: String, _ path: String) throws(WeftError) -> Int32? {
    #if os(Linux)
      // O_TMPFILE, which Swift does not import. /proc is needed to give it a name.
      let unnamed: Int32 = 0o20_000_000 | O_DIRECTORY
      guard getenv("WEFT_UNNAMED_FILES").map({ String(cString: $0) }) != "off",
        access("/proc/self/fd", X_OK) == 0
      else { return nil }
      let descriptor = open(folder, unnamed | O_RDWR | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return descriptor }
      // Of file systems without them, and of kernels that do not know the flag.
      if [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(errno), access(folder, F_OK) == 0 { return nil }
      throw .system("\(path): cannot be written", errno)
    #else
      return nil
    #endif
  }
}

/// Writes bytes, also if that takes several calls.
///
/// - Returns: 0, or the `errno` value of the failure.
package func writeCompletely(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
  var done = 0
  while done < bytes.count {
    let count = write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
    if count > 0 {
      done += count
    } else if count < 0, errno == EAGAIN {
      // A terminal or pipe that another program has made non-blocking.
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      poll(&request, 1, -1)
    } else if count < 0, errno != EINTR {
      return errno
    }
  }
  return 0
}
