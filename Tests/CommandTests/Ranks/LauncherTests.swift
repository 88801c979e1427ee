import Foundation
import Testing

@testable import WeftBase
@testable import WeftCommand
@testable import WeftParallel

/// Handling of the environment variables of MPI launchers.
@Suite struct LauncherTests {
  private static let two = ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"]

  @Test func oneProcessTrainsAlone() throws {
    for environment in [[:], ["PMI_SIZE": "1"]] {
      #expect(try Launcher.join(environment, connect: nil).count == 1)
    }
  }

  @Test func aProgramWithoutMPIRefusesToBeStartedTwice() {
    let error = #expect(throws: WeftError.self) { try Launcher.join(Self.two, connect: nil) }
    #expect(
      error?.message
        == "2 processes were started, but this weft was built without MPI; build it with --traits MPI")
    #expect(error?.exitCode == 2)
  }

  @Test func anotherMPIThanTheLaunchersIsRefused() {
    let error = #expect(throws: WeftError.self) { try Launcher.join(Self.two) { SingleRank() } }
    #expect(error?.message.contains("another MPI than the launcher's") == true)
  }
}
