import Foundation

/// Processes that examine files on behalf of this one.
enum ProbeProcess {
  static let outOfMemory: Int32 = 3

  /// Files for one process, whose arguments have a limited length.
  private static let mostFiles = 256

  private static let environment = [
    // A crash of the process is a result; no backtrace is needed.
    "SWIFT_BACKTRACE": "enable=no",
    // Uninitialized and freed memory is filled (glibc, except thread caches), so that its use by the library fails here
    // reliably.
    "GLIBC_TUNABLES": "glibc.malloc.perturb=90:glibc.malloc.tcache_count=0",
  ]

  /// What is wrong with each file: nil if nothing is.
  ///
  /// - Parameter command: A program and its arguments, which are followed by the files.
  static func examine(_ paths: [String], command: [String]) -> [(index: Int, verdict: String?)] {
    var pending = stride(from: 0, to: paths.count, by: mostFiles).map {
      $0..<min($0 + mostFiles, paths.count)
    }
    var verdicts: [(index: Int, verdict: String?)] = []
    let processors = max(1, ProcessInfo.processInfo.activeProcessorCount)
    // More processes than files would help nobody.
    if pending.count == 1, paths.count >= 2 * processors, processors > 1 {
      let share = (paths.count + processors - 1) / processors
      pending = stride(from: 0, to: paths.count, by: share).map {
        $0..<min($0 + share, paths.count)
      }
    }
    while !pending.isEmpty {
      let now = pending.prefix(processors)
      pending.removeFirst(now.count)
      let started = now.map { range in (range, start(command + paths[range])) }
      for (range, process) in started {
        let (done, status) = process.map(finish) ?? (0, nil)
        let count = min(done, range.count)
        verdicts += range.prefix(count).map { ($0, nil) }
        guard count < range.count else { continue }
        // The process ended at this file; the others are for another.
        let failed = range.lowerBound + count
        verdicts.append((failed, complaint(about: status)))
        if failed + 1 < range.upperBound {
          if status == nil {
            verdicts += (failed + 1..<range.upperBound).map { ($0, nil) }
          } else {
            pending.append(failed + 1..<range.upperBound)
          }
        }
      }
    }
    return verdicts
  }

  /// Starts a program whose output is read; nil if it cannot be started.
  private static func start(_ command: [String]) -> (child: pid_t, output: Int32)? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    #if os(Linux)
      var actions = posix_spawn_file_actions_t()
    #else
      var actions: posix_spawn_file_actions_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var words = command.map { strdup($0) } + [nil]
    var environment =
      ProcessInfo.processInfo.environment.merging(Self.environment) { $1 }.map {
        strdup("\($0)=\($1)")
      } + [
        nil
      ]
    defer { (words + environment).forEach { free($0) } }
    var child = pid_t()
    let status = posix_spawn(&child, command[0], &actions, nil, &words, &environment)
    close(ends[1])
    if status != 0 {
      close(ends[0])
      return nil
    }
    return (child, ends[0])
  }

  /// Waits for a process: the number of files that it has finished, and its exit.
  private static func finish(_ process: (child: pid_t, output: Int32)) -> (
    done: Int, status: Int32?
  ) {
    var done = 0
    var buffer = [UInt8](repeating: 0, count: mostFiles)
    while true {
      let count = read(process.output, &buffer, buffer.count)
      if count > 0 { done += count } else if count == 0 || errno != EINTR { break }
    }
    close(process.output)
    var status: Int32 = 0
    while waitpid(process.child, &status, 0) < 0 {
      if errno != EINTR { return (done, nil) }
    }
    return (done, status)
  }

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
}
