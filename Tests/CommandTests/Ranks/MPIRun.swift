import Foundation

/// The program built with MPI, started by mpirun on this machine.
enum MPIRun {
  /// The program; nil where it was built without MPI.
  static var program: URL? {
    #if MPI
      Command.program
    #else
      nil
    #endif
  }

  static let absence = "the tests were built without MPI; build them with --traits MPI"

  /// Over loopback like a network, with any number of ranks on any number of CPUs.
  static let options = [
    "--oversubscribe", "--allow-run-as-root", "--mca", "btl", "self,tcp", "--mca", "btl_tcp_if_include", "lo",
    "--mca", "oob_tcp_if_include", "lo",
  ]

  /// Starts ranks that run the same command.
  ///
  /// - Parameter more: Options of the launcher.
  static func start(
    _ ranks: Int, _ arguments: [String], options more: [String] = [], in folder: URL
  ) throws -> Command.Running {
    guard let program else { throw CancellationError() }
    // Test threads block signals, which mpirun would inherit and never receive.
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try Command.start(
      ["mpirun"] + options + more + ["-n", "\(ranks)", program.path] + arguments,
      program: URL(filePath: "/usr/bin/env"),
      in: folder)
  }

  static func run(_ ranks: Int, _ arguments: [String], in folder: URL) throws -> Command.Result {
    try start(ranks, arguments, in: folder).finish()
  }

  /// The processes of the ranks, in no order, found by the run's folder among their arguments.
  static func ranks(of name: String) throws -> [Int32] {
    guard let program else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(Int32.init).filter {
      process in
      guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else { return false }
      let arguments = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      return arguments.first == program.path && arguments.contains(name)
    }
  }

  /// Lines of Weft, without those of mpirun.
  static func errors(_ result: Command.Result) -> [String] {
    result.errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix("weft: error: ") }
  }
}
