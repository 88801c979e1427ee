import ArgumentParser
import Foundation
import MPI
import Testing

@testable import WeftBase
@testable import WeftBenchmarks
@testable import WeftCommand
@testable import WeftParallel

/// Handling of the environment variables of MPI launchers.
@Suite struct LauncherTests {
  private static let two = ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"]
  private static let step = ["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "0"]

  /// A connection that must not be made.
  private static func refuse(_: [MPIImplementation]) throws(WeftError) -> any Communicator {
    throw .failure("MPI was loaded")
  }

  @Test func oneProcessTrainsWithoutMPI() throws {
    for environment in [
      [:], ["PMI_SIZE": "1"], ["OMPI_COMM_WORLD_SIZE": "1"], ["SLURM_STEP_NUM_TASKS": "1", "PMIX_RANK": "0"],
      ["OMPI_COMM_WORLD_SIZE": "two"], ["SLURM_NTASKS": "4"],
    ] {
      #expect(try Launcher.join(environment, connect: Self.refuse).count == 1)
    }
  }

  @Test(arguments: [
    (two, [MPIImplementation.openMPI]),
    // Variables of Slurm in a process that mpirun started are about other steps.
    (two.merging(step) { $1 }, [.openMPI]),
    (["PMI_SIZE": "2", "PMI_RANK": "0"], [.mpich]),
    (step.merging(["PMI_SIZE": "2", "PMI_RANK": "0"]) { $1 }, [.mpich, .openMPI]),
    (step.merging(["PMIX_RANK": "0"]) { $1 }, [.openMPI, .mpich]),
    (["PMIX_NAMESPACE": "prterun-1", "PMIX_RANK": "0"], [.openMPI, .mpich]),
    (two.merging(["WEFT_MPI": "mpich"]) { $1 }, [.mpich]),
    (step.merging(["WEFT_MPI": "openmpi"]) { $1 }, [.openMPI]),
  ])
  func theLaunchersMPIIsLoaded(_ environment: [String: String], _ expected: [MPIImplementation]) throws {
    var asked: [MPIImplementation] = []
    _ = try Launcher.join(environment) {
      asked = $0
      return SoloRank(of: 2)
    }
    #expect(asked == expected)
  }

  @Test(arguments: [
    (
      step,
      "2 processes were started, but srun does not let them find each other; start them with srun --mpi=pmix (Open MPI)"
        + " or --mpi=pmi2 (MPICH)"
    ),
    (
      two.merging(["WEFT_MPI": "intel"]) { $1 },
      "2 processes were started, but WEFT_MPI is 'intel', not openmpi or mpich"
    ),
  ])
  func whatCannotCommunicateIsRefused(_ environment: [String: String], _ message: String) {
    let error = #expect(throws: WeftError.self) { try Launcher.join(environment, connect: Self.refuse) }
    #expect(error?.message == message)
    #expect(error?.exitCode == 2)
  }

  @Test func anotherMPIThanTheLaunchersIsRefused() {
    let error = #expect(throws: WeftError.self) { try Launcher.join(Self.two) { _ in SingleRank() } }
    #expect(error?.message.contains("another than the launcher's") == true)
    #expect(error?.exitCode == 2)
  }

  @Test func aMissingLibraryIsAFailureOfAllThatOneReports() {
    let error = #expect(throws: WeftError.self) { try Launcher.join(Self.two, connect: Self.refuse) }
    #expect(error == .failure("2 processes were started, but MPI was loaded"))
    let other = ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "1"]
    let silent = #expect(throws: ExitCode.self) { try Launcher.join(other, connect: Self.refuse) }
    #expect(silent?.rawValue == 1)
  }
}
