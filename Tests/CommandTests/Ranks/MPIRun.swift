import Foundation
import MPI
import TestSupport
import Testing

/// The built program, started by the launcher of an MPI on this machine.
enum MPIRun {
  /// The program; nil where the libraries between it and MPI were not made.
  static let program: URL? = {
    let libraries = MPIImplementation.allCases.map {
      Command.program.deletingLastPathComponent().appending(path: $0.weftLibrary).path
    }
    return libraries.allSatisfy(FileManager.default.fileExists) ? Command.program : nil
  }()

  static let absence =
    "there are no libraries for MPI beside the program; make them with Scripts/mpi-libraries"

  /// The MPIs whose launcher connects processes at all. That of MPICH in Ubuntu 24.04 does not, whatever the program.
  static let working: [MPIImplementation] = MPIImplementation.allCases.filter { mpi in
    let text = """
      #include <mpi.h>
      #include <stdio.h>
      int main(void) {
        int count;
        MPI_Init(NULL, NULL);
        MPI_Comm_size(MPI_COMM_WORLD, &count);
        printf("%d\\n", count);
        return MPI_Finalize();
      }
      """
    var works = false
    try? TemporaryFolder.use { folder in
      try Data(text.utf8).write(to: folder.appending(path: "count.c"))
      let compiler = name("mpicc", of: mpi)
      let script = "\(compiler) count.c -o count && \(launcher(of: mpi).joined(separator: " ")) -n 2 ./count"
      works = try Command.shell(script, in: folder).output.split(separator: "\n") == ["2", "2"]
    }
    return works
  }

  static let deafness: Comment = "the MPICH of this machine starts processes that do not find each other"

  /// Starts `n` ranks on this machine, whatever its number of CPUs; Open MPI's over loopback like a network.
  static func launcher(of mpi: MPIImplementation = .openMPI) -> [String] {
    switch mpi {
    case .openMPI: [name("mpirun", of: mpi)] + options
    case .mpich: [name("mpiexec", of: mpi)]
    }
  }

  /// Where several MPIs are installed, as on Debian, the programs of each have a name of their own.
  private static func name(_ program: String, of mpi: MPIImplementation) -> String {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let own = "\(program).\(mpi.rawValue)"
    return folders.contains { access("\($0)/\(own)", X_OK) == 0 } ? own : program
  }

  private static let options = [
    "--oversubscribe", "--allow-run-as-root", "--mca", "btl", "self,tcp", "--mca", "btl_tcp_if_include", "lo",
    "--mca", "oob_tcp_if_include", "lo",
  ]

  /// Starts ranks that run the same command.
  ///
  /// - Parameter more: Options of the launcher.
  static func start(
    _ ranks: Int, _ arguments: [String], over mpi: MPIImplementation = .openMPI, options more: [String] = [],
    program: URL? = program, in folder: URL
  ) throws -> Command.Running {
    guard let program else { throw CancellationError() }
    // Test threads block signals, which mpirun would inherit and never receive.
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try Command.start(
      launcher(of: mpi) + more + ["-n", "\(ranks)", program.path] + arguments,
      program: URL(filePath: "/usr/bin/env"),
      in: folder)
  }

  static func run(
    _ ranks: Int, _ arguments: [String], over mpi: MPIImplementation = .openMPI, options: [String] = [],
    program: URL? = program, in folder: URL
  ) throws -> Command.Result {
    try start(ranks, arguments, over: mpi, options: options, program: program, in: folder).finish()
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
