import ArgumentParser
import Foundation
import WeftBase
import WeftParallel

#if MPI
  import MPI
#endif

/// Detection of an MPI launcher, which sets environment variables.
enum Launcher {
  /// Variables with the number of processes: of Open MPI's mpirun, the MPICH family, and Slurm's srun.
  private static let countVariables = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"]
  /// Variables with the rank of the process.
  private static let rankVariables = ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID"]

  /// Number of processes started by the launcher; 1 without a launcher.
  static func count(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Int {
    countVariables.compactMap { environment[$0].flatMap(Int.init) }.max() ?? 1
  }

  /// Whether another process reports errors for all of them.
  static func isSilent(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Bool {
    guard count(environment) > 1 else { return false }
    return rankVariables.compactMap { environment[$0].flatMap(Int.init) }.first.map { $0 > 0 } ?? false
  }

  /// Waits until the process that reports the error for all of them must have done so.
  ///
  /// Launchers terminate all processes as soon as one fails; when the first has reported, they end this wait too.
  static func awaitReport() { Thread.sleep(forTimeInterval: 3) }

  /// Connects to the other processes, if their MPI supports threads; nil if the program was built without MPI.
  static var connect: (() -> (any Communicator)?)? {
    #if MPI
      { MessagePassing() }
    #else
      nil
    #endif
  }

  /// This process's communicator.
  ///
  /// - Throws: If there are other processes, but the program was built without MPI or MPI does not find them.
  static func join(
    _ environment: [String: String] = ProcessInfo.processInfo.environment,
    connect: (() -> (any Communicator)?)? = Launcher.connect
  ) throws -> any Communicator {
    let count = count(environment)
    if count == 1 { return SingleRank() }
    // One of the processes reports the error for all.
    func refusal(_ reason: String) -> any Error {
      let error = WeftError.usage("\(count) processes were started, \(reason)")
      guard isSilent(environment) else { return error }
      awaitReport()
      return ExitCode(error.exitCode)
    }
    guard let connect else {
      throw refusal("but this weft was built without MPI; build it with --traits MPI")
    }
    guard let ranks = connect() else {
      throw refusal("but their MPI has no thread support (MPI_THREAD_SERIALIZED)")
    }
    guard ranks.count > 1 else {
      throw refusal(
        "but MPI finds only one: weft was built with another MPI than the launcher's, or srun needs"
          + " --mpi=pmix"
      )
    }
    ProcessName.prefix.withLock { $0 = "rank \(ranks.rank) on \(ProcessInfo.processInfo.hostName): " }
    return ranks
  }

  /// Calls `body` on all ranks. A failure known to all ranks is reported only by rank 0; any other is reported by the
  /// failing rank, which terminates the others.
  static func run(_ ranks: any Communicator, _ body: () throws -> Void) throws {
    if ranks.count == 1 { return try body() }
    do { try body() } catch {
      let failure = CommandFailure(error)
      let isShared = (error as? WeftError)?.isShared ?? (error is ExitCode)
      guard isShared else {
        let line = "weft: error: \(ProcessName.prefix.withLock { $0 })\(failure.line ?? "\(error)")\n"
        StandardStreams.report(line)
        ranks.abort(status: failure.exitCode)
      }
      if ranks.isFirst, let line = failure.line {
        StandardStreams.report("weft: error: \(line)\n")
      }
      ranks.finish()
      throw ExitCode(failure.exitCode)
    }
    ranks.finish()
  }

  /// Number of workers of this rank.
  ///
  /// - Parameter asked: The user's choice; nil for an equal share of the CPUs available to the ranks of a machine,
  ///   whether they are bound or not.
  static func threads(_ asked: Int?, _ ranks: any Communicator) -> Int? {
    if ranks.count == 1 { return asked }
    // All ranks take part, also if only some were asked for a number.
    let places = ranks.gather("\(ProcessInfo.processInfo.hostName) \(AvailableProcessors.affinity)")
    if let asked { return asked }
    let sharers = places.filter { $0 == places[ranks.rank] }.count
    return max(1, AvailableProcessors.count / sharers)
  }
}
