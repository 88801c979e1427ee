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
    guard kind == S_IFREG else { throw place.error(.notHDF5, "cannot open", "it is not a regular file") }
    let command = state.withLock { $0.command }
    if command.isEmpty { return }
    let identity = Identity(status)
    let verdict: String?
    if let known = state.withLock({ $0.verdicts[identity] }) {
      verdict = known
    } else {
      verdict = complaint(about: run(command + [place.file]))
      state.withLock { $0.verdicts[identity] = .some(verdict) }
    }
    if let verdict { throw place.error(.damaged, "cannot open", "the file is damaged: \(verdict)") }
  }

  // MARK: - The process

  private static let environment = [
    // A crash of the process is a result; no backtrace is needed.
    "SWIFT_BACKTRACE": "enable=no",
    // Uninitialized and freed memory is filled (glibc, except thread caches), so that its use by the library fails here
    // reliably.
    "GLIBC_TUNABLES": "glibc.malloc.perturb=90:glibc.malloc.tcache_count=0",
  ]

  /// Runs a program without input and output; nil if it cannot be started.
  private static func run(_ command: [String]) -> Int32? {
    #if os(Linux)
      var actions = posix_spawn_file_actions_t()
    #else
      var actions: posix_spawn_file_actions_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for output in 1...2 as ClosedRange<Int32> {
      posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
    }
    var words = command.map { strdup($0) } + [nil]
    var environment =
      ProcessInfo.processInfo.environment.merging(Self.environment) { $1 }.map { strdup("\($0)=\($1)") } + [
        nil
      ]
    defer { (words + environment).forEach { free($0) } }
    var child = pid_t()
    guard posix_spawn(&child, command[0], &actions, nil, &words, &environment) == 0 else { return nil }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      if errno != EINTR { return nil }
    }
    return status
  }

  private static let outOfMemory: Int32 = 3

  /// Interpretation of the process's exit. A process that could not be started, was killed, or hit a Swift trap
  /// (SIGILL, SIGTRAP), which would be a bug of this program, gives no verdict.
  private static func complaint(about status: Int32?) -> String? {
    guard let status else { return nil }
    switch (status & 0x7F, status >> 8 & 0xFF) {
    case (SIGSEGV, _), (SIGBUS, _), (SIGABRT, _), (SIGFPE, _):
      return "the HDF5 library crashes when reading it"
    case (SIGXCPU, _): return "the HDF5 library does not terminate when reading it"
    case (0, outOfMemory): return "it claims more data than the file can hold"
    default: return nil
    }
  }

  // MARK: - In the process

  /// Opens a file, reads all of its structure within limits of time and memory, and exits.
  ///
  /// Errors are ignored here; the calling process will find them itself.
  public static func examine(_ path: String) -> Never {
    var status = stat()
    let size = stat(path, &status) == 0 ? UInt64(max(0, status.st_size)) : 0
    // The structure of a file is far smaller than the file, and a kilobyte of it takes microseconds.
    #if SANITIZER
      // A sanitizer reserves terabytes of address space, and slows the program down.
      ResourceLimit.cpuTime.lower(to: 20 + (size >> 20))
    #else
      ResourceLimit.addressSpace.lower(to: (1 << 30) + 2 * size)
      ResourceLimit.cpuTime.lower(to: 2 + (size >> 24))
    #endif
    ResourceLimit.coreFile.lower(to: 0)
    let survey = Survey()
    survey.examine(path)
    // Without the library's cleanup, because nothing was written.
    _exit(survey.isOutOfMemory ? outOfMemory : 0)
  }
}
