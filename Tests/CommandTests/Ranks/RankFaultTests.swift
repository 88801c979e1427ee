import Foundation
import Testing

/// Ranks that are killed, stopped, started differently, or without room on their disk.
@Suite(.enabled(if: MPIRun.program != nil, Comment(rawValue: MPIRun.absence)), .serialized)
struct RankFaultTests {
  @Test func everyFaultEndsOrGoesOnAsDocumented() throws {
    let script = Command.packageFolder.appending(path: "Tests/Cluster/rank_faults.py").path
    let result = try Command.start(
      ["python3", script, try #require(MPIRun.program).path], program: URL(filePath: "/usr/bin/env"),
      in: Command.packageFolder
    ).finish()
    print(result.output)
    #expect(result.status == 0, "\(result.output)\n\(result.errors)")
  }
}
