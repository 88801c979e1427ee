import ArgumentParser
import Foundation
import MPI
import WeftBase
import WeftParallel

/// Work with the other processes of an MPI launcher.
enum Launcher {
  /// Whether another process reports errors for all of them.
  static func isSilent(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Bool {
    let launch = LaunchEnvironment(environment)
    return launch.count != 1 && launch.rank.map { $0 > 0 } ?? false
  }

  /// Waits until the process that reports the error for all of them must have done so.
  ///
  /// Launchers terminate all processes as soon as one fails; when the first has reported, they end this wait too.
  static func awaitReport() { Thread.sleep(forTimeInterval: 3) }

  /// This process's communicator. MPI is loaded only if a launcher started several processes.
  ///
  /// - Parameter connect: Connects to the other processes through the first MPI that is there.
  /// - Throws: If there are other processes, but no MPI, or one that does not find them.
  static func join(
    _ environment: [String: String] = ProcessInfo.processInfo.environment,
    connect: ([MPIImplementation]) throws(WeftError) -> any Communicator = Launcher.connect
  ) throws -> any Communicator {
    let launch = LaunchEnvironment(environment)
    if launch.count == 1 { return SingleRank() }
    do throws(WeftError) {
      let ranks = try connect(try implementations(launch, chosen: environment[LaunchEnvironment.choice]))
      if ranks.count > 1 {
        ProcessName.prefix.withLock {
          $0 = "rank \(ranks.rank) on \(ProcessInfo.processInfo.hostName): "
        }
        return ranks
      }
      if launch.count != nil {
        throw .usage(
          "MPI finds only one: the MPI that was loaded is another than the launcher's; set"
            + " \(LaunchEnvironment.choice) to openmpi or mpich, or ask srun for --mpi=pmix (Open MPI) or"
            + " --mpi=pmi2 (MPICH)")
      }
      ranks.finish()
      return SingleRank()
    } catch {
      // One of the processes reports the error for all.
      if isSilent(environment) {
        awaitReport()
        throw ExitCode(error.exitCode)
      }
      throw error.saying("\(launch.count.map(String.init) ?? "several") processes were started, but \(error)")
    }
  }

  /// The MPIs to try.
  private static func implementations(
    _ launch: LaunchEnvironment, chosen: String?
  ) throws(WeftError) -> [MPIImplementation] {
    if let chosen, !chosen.isEmpty {
      guard let mpi = MPIImplementation(rawValue: chosen) else {
        throw .usage("\(LaunchEnvironment.choice) is '\(chosen)', not openmpi or mpich")
      }
      return [mpi]
    }
    guard launch.hasManager else {
      throw .usage(
        "srun does not let them find each other; start them with srun --mpi=pmix (Open MPI) or --mpi=pmi2"
          + " (MPICH)")
    }
    return launch.implementations
  }

  /// Loads the first MPI that is there, and connects to the other processes.
  static func connect(_ candidates: [MPIImplementation]) throws(WeftError) -> any Communicator {
    var failures: [WeftError] = []
    for mpi in candidates {
      let library: MPILibrary
      do throws(WeftError) { library = try MPILibrary(mpi, in: libraryFolders) } catch {
        failures.append(error)
        continue
      }
      return try MessagePassing(library)
    }
    throw .failure(failures.map(\.message).joined(separator: "; and "))
  }

  /// Where Weft's libraries for MPI are: in packages, and where the program was built.
  private static var libraryFolders: [String] {
    guard let program = ProgramPath.name else { return [] }
    let folder = URL(filePath: program).deletingLastPathComponent()
    return [folder.deletingLastPathComponent().appending(path: "lib/weft").path, folder.path]
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
