import Foundation
import Fuzzing
import TestSupport
import Testing

@Suite("Damaged files of every kind end in success or one clean error")
struct FuzzTests {
  /// The program is beside the test bundle.
  private static let program = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return URL(filePath: bundle).deletingLastPathComponent().appending(path: "weft").path
  }()

  private static let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fuzz/Corpus").path

  private func withCampaign(_ body: (Campaign) throws -> Void) throws {
    let scratch = try TemporaryFolder()
    try withExtendedLifetime(scratch) {
      try body(Campaign(Self.program, Corpus(Self.corpus), scratch: scratch.path))
    }
  }

  private func expectClean(_ outcome: Campaign.Outcome, files: Int) {
    #expect(outcome.files >= files)
    for find in outcome.finds { Issue.record("\(find)") }
  }

  /// The same files each time; `make fuzz` runs thousands.
  @Test(arguments: [
    (Campaign.Target.datasets, 60), (.checkpoints, 40), (.configurations, 60), (.models, 100), (.arrays, 40),
    (.tables, 40), (.hierarchies, 40), (.translations, 40), (.media, 40), (.subwords, 40), (.logs, 40),
  ])
  func mutants(_ target: Campaign.Target, _ count: Int) throws {
    try withCampaign { expectClean($0.run(target, seed: 0, count: count, jobs: 2), files: count) }
  }

  /// Files that once caused failures, and well-formed files with false claims.
  @Test func hostileFiles() throws {
    try withCampaign { expectClean($0.runHostileFiles(jobs: 2), files: 60) }
  }

  /// The check itself must be able to fail.
  @Test func crashesAndHangsAndGreedAreSeen() throws {
    func complaint(_ script: String) throws -> String? {
      try BoundedProcess(
        "/bin/sh", ["-c", script], in: FileManager.default.temporaryDirectory.path, addressSpace: 1 << 30,
        timeout: 1
      ).complaint(memory: 100 << 20)
    }
    #expect(try complaint("exit 0") == nil)
    #expect(try complaint("echo 'weft: error: no' >&2; exit 1") == nil)
    #expect(try complaint("exit 1")?.hasPrefix("status 1 with 0 errors") == true)
    #expect(try complaint("echo 'weft: error: no' >&2; exit 3")?.hasPrefix("status 3") == true)
    #expect(try complaint("kill -SEGV $$")?.hasPrefix("it crashes: signal 11") == true)
    #expect(try complaint("sleep 30") == "it hangs")
    // A sanitizer needs more memory than that.
    if Sanitizer.isOn { return }
    #expect(try complaint("x=$(head -c 200000000 /dev/zero | tr '\\0' a); echo ${#x}")?.isEmpty == false)
  }
}
