import Foundation
import MPI
import WeftBase

/// What a launcher of several processes says in the environment of each.
struct LaunchEnvironment {
  /// Number of processes; 1 without a launcher, nil if there is a launcher that does not say.
  let count: Int?
  /// The number of this process, from 0; nil if it is not said.
  let rank: Int?
  /// What its processes may communicate through, the likeliest first.
  let implementations: [MPIImplementation]
  /// Whether the processes can find each other: `srun` helps them only if it is asked to.
  let hasManager: Bool

  /// The variable that chooses an MPI, where the launcher leaves a choice.
  static let choice = "WEFT_MPI"

  init(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
    func number(_ name: String) -> Int? { environment[name].flatMap(Int.init) }
    var managers = environment.keys.filter { $0.hasPrefix("PMI_") || $0.hasPrefix("PMIX_") }
    if let count = number("OMPI_COMM_WORLD_SIZE") {
      // Open MPI's mpirun, also inside a job of Slurm, whose variables are about its own steps.
      (self.count, rank, implementations) = (count, number("OMPI_COMM_WORLD_RANK"), [.openMPI])
      managers = ["mpirun"]
    } else if let count = number("PMI_SIZE") {
      // Hydra, which starts processes of the MPICH family, and `srun --mpi=pmi2`, which Open MPI may know, too.
      let isSlurm = environment["SLURM_STEP_ID"] != nil
      (self.count, rank) = (count, number("PMI_RANK"))
      implementations = isSlurm ? [.mpich, .openMPI] : [.mpich]
    } else if let count = number("SLURM_STEP_NUM_TASKS") {
      (self.count, rank, implementations) = (count, number("SLURM_PROCID"), [.openMPI, .mpich])
    } else if environment["PMIX_NAMESPACE"] != nil {
      (self.count, rank, implementations) = (nil, number("PMIX_RANK"), [.openMPI, .mpich])
    } else {
      (self.count, rank, implementations) = (1, nil, [])
    }
    hasManager = !managers.isEmpty
  }
}
