import Foundation
import Testing

/// Ranks on several hosts, each a network namespace with a name, an address and a cable of its own.
@Suite(.enabled(if: MPIRun.program != nil, Comment(rawValue: MPIRun.absence)), .serialized)
struct NamespaceTests {
  /// Exit status of the script if the system forbids namespaces.
  private static let isForbidden: Int32 = 77

  private static let script = Command.packageFolder.appending(path: "Tests/CommandTests/Ranks/hosts")

  /// Trains on three hosts; if `cuts`, one of them is disconnected during the run.
  private func train(_ run: SurvivalRun, _ name: String, cuts: Bool) throws -> Command.Result? {
    let program = try #require(MPIRun.program).path
    let result = try Command.start(
      [Self.script.path, "3", cuts ? "\(name)" : "", program] + run.arguments + [
        "--output", name, "--threads", "1",
      ],
      program: URL(filePath: "/bin/bash"), in: run.folder
    ).finish()
    if result.status != Self.isForbidden { return result }
    print("not tested: \(result.errors.split(separator: "\n").last ?? "hosts cannot be made here")")
    return nil
  }

  @Test func threeHostsTrainAsOneProcess() throws {
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder, steps: 12)
      guard let result = try train(run, "run", cuts: false) else { return }
      #expect(result.status == 0, "\(result.errors)")
      try run.expectSame("run")
    }
  }

  @Test func aDisconnectedHostEndsTheRunAndTheOthersResume() throws {
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder, steps: 200)
      guard let result = try train(run, "run", cuts: true) else { return }
      #expect(result.status != 0)
      // The script prints how long the run continued after the disconnection.
      let seconds = try #require(result.errors.firstMatch(of: /ended (\d+) s after the cut/)?.output.1)
      #expect(Int(seconds) ?? .max <= 30)
      #expect(result.errors.contains("lost communication") && result.errors.contains("10.77.0.3"))
      #expect(try MPIRun.ranks(of: "run").isEmpty, "no rank is left, here or there")
      let resumed = try MPIRun.run(2, run.arguments + ["--output", "run", "--resume"], in: folder)
      #expect(resumed.status == 0, "\(resumed.errors)")
      try run.expectSame("run")
    }
  }
}
