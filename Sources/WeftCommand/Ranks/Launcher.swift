import ArgumentParser
import Foundation
import WeftBase
import WeftParallel

#if MPI
  import MPI
#endif

/// How the program comes to train together with others: a launcher of MPI has started them, and says so in variables
/// of the environment.
enum Launcher {
  /// What Open MPI's mpirun, those of MPICH's family, and Slurm's srun tell of the number of processes.
  private static let countVariables = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"]
  /// And of a process's own number.
  private static let rankVariables = ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID"]

  /// How many processes a launcher has started together; 1 without any.
  static func count(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Int {
    countVariables.compactMap { environment[$0].flatMap(Int.init) }.max() ?? 1
  }

  /// Whether another of the processes speaks for all of them.
  static func isSilent(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Bool {
    guard count(environment) > 1 else { return false }
    return rankVariables.compactMap { environment[$0].flatMap(Int.init) }.first.map { $0 > 0 } ?? false
  }

  /// Connects to the other processes, if their MPI supports threads; nil in a program that was built without MPI.
  static var connect: (() -> (any Communicator)?)? {
    #if MPI
      { MessagePassing() }
    #else
      nil
    #endif
  }

  /// This process among those that were started together.
  ///
  /// - Throws: If there are others, and the program was built without MPI or MPI does not find them.
  static func join(
    _ environment: [String: String] = ProcessInfo.processInfo.environment,
    connect: (() -> (any Communicator)?)? = Launcher.connect
  ) throws -> any Communicator {
    let count = count(environment)
    if count == 1 { return SingleRank() }
    // One of the processes speaks for all of them.
    func refusal(_ reason: String) -> any Error {
      let error = WeftError.usage("\(count) processes were started, \(reason)")
      return isSilent(environment) ? ExitCode(error.exitCode) : error
    }
    guard let connect else {
      throw refusal("but this weft was built without MPI; build it with --traits MPI")
    }
    guard let ranks = connect() else {
      throw refusal("but their MPI was built without support of threads (MPI_THREAD_SERIALIZED)")
    }
    guard ranks.count > 1 else {
      throw refusal(
        "but MPI finds one alone: it is another MPI than the launcher's, or srun needs --mpi=pmix")
    }
    ProcessName.prefix.withLock { $0 = "rank \(ranks.rank) on \(ProcessInfo.processInfo.hostName): " }
    return ranks
  }

  /// Calls `body` on all ranks. A failure that all of them know of is told by rank 0 alone; one that they do not know
  /// of is told by the rank that failed, which ends the others.
  static func run(_ ranks: any Communicator, _ body: () throws -> Void) throws {
    if ranks.count == 1 { return try body() }
    do { try body() } catch {
      let failure = CommandFailure(error)
      let isShared = (error as? WeftError)?.isShared ?? (error is ExitCode)
      guard isShared else {
        let line = "weft: error: \(ProcessName.prefix.withLock { $0 })\(failure.line ?? "\(error)")\n"
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
        ranks.abort(status: failure.exitCode)
      }
      if ranks.isFirst, let line = failure.line {
        try? FileHandle.standardError.write(contentsOf: Data("weft: error: \(line)\n".utf8))
      }
      ranks.finish()
      throw ExitCode(failure.exitCode)
    }
    ranks.finish()
  }

  /// The workers of this rank.
  ///
  /// - Parameter asked: What the user wants; nil for an equal share of the processors that the ranks of a machine may
  ///   use, be they bound to some or not.
  static func threads(_ asked: Int?, _ ranks: any Communicator) -> Int? {
    if asked != nil || ranks.count == 1 { return asked }
    let places = ranks.gather("\(ProcessInfo.processInfo.hostName) \(AvailableProcessors.affinity)")
    let sharers = places.filter { $0 == places[ranks.rank] }.count
    return max(1, AvailableProcessors.count / sharers)
  }
}
