import Foundation

/// A program that runs within limits of memory and time, and its outcome.
public struct BoundedProcess {
  /// How a program ended.
  public enum Ending: Equatable {
    case exited(Int32)
    case killed(signal: Int32)
    case timedOut
  }

  /// How it ended.
  public let ending: Ending
  /// Its standard error.
  public let errors: String
  /// Peak memory in bytes; at least that of the parent process at its start, which the system includes.
  public let peakMemory: Int
  /// Peak memory of the parent process.
  private let inheritedMemory: Int

  #if SANITIZER
    // Sanitizers reserve terabytes of address space, and need several times the memory and time.
    private static let slowness = 10.0
    private static func limit(_: Int) -> String { "true" }
  #else
    private static let slowness = 1.0
    private static func limit(_ addressSpace: Int) -> String { "ulimit -v \(addressSpace / 1024)" }
  #endif

  /// Runs a program to its end. A shell limits its address space, which includes untouched reservations.
  ///
  /// - Parameters:
  ///   - addressSpace: bytes.
  ///   - timeout: seconds, after which it and its children are killed.
  public init(
    _ program: String, _ arguments: [String], in folder: String, addressSpace: Int, timeout: Double
  ) throws {
    let errorFile = "\(folder)/errors-\(UUID())"
    defer { unlink(errorFile) }
    let script =
      "cd \"$0\" && export SWIFT_BACKTRACE=enable=no && ulimit -c 0 && \(Self.limit(addressSpace)) && exec \"$@\""
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, errorFile, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var words: [UnsafeMutablePointer<CChar>?] =
      (["/bin/sh", "-c", script, folder, program] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var child = pid_t()
    let code = posix_spawn(&child, "/bin/sh", &actions, &attributes, &words, environ)
    var own = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &own)
    inheritedMemory = own.ru_maxrss * 1024
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EINVAL) }

    let deadline = Date().addingTimeInterval(timeout * Self.slowness)
    var (status, usage, isLate) = (Int32(0), rusage(), false)
    while wait4(child, &status, WNOHANG, &usage) == 0 {
      if !isLate, Date() > deadline {
        isLate = true
        kill(-child, SIGKILL)
      }
      usleep(2000)
    }
    let signal = status & 0x7F
    ending = isLate ? .timedOut : signal != 0 ? .killed(signal: signal) : .exited(status >> 8 & 0xFF)
    peakMemory = usage.ru_maxrss * 1024
    errors = String(decoding: (try? Data(contentsOf: URL(filePath: errorFile))) ?? Data(), as: UTF8.self)
  }

  /// Problem of the program's exit; nil after success or one clean error.
  ///
  /// - Parameter memory: allowed peak memory in bytes.
  public func complaint(memory: Int) -> String? {
    switch ending {
    case .timedOut: return "it hangs"
    case .killed(let signal): return "it crashes: signal \(signal)\n\(errors.suffix(1500))"
    case .exited(let code):
      let lines = errors.split(separator: "\n")
      let complaints = lines.filter { $0.hasPrefix("weft: error: ") }
      if Double(peakMemory) > max(Double(memory) * Self.slowness, Double(inheritedMemory)) {
        return "it takes \(peakMemory >> 20) MiB"
      }
      if code == 0, complaints.isEmpty { return nil }
      if [1, 2].contains(code), complaints.count == 1, lines.last == complaints[0] { return nil }
      return "status \(code) with \(complaints.count) errors\n\(errors.suffix(1500))"
    }
  }
}
