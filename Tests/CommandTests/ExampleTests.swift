import Foundation
import TestSupport
import Testing

/// The programs in `Examples`, which see no more of Weft than programs in other packages do.
@Suite struct ExampleTests {
  private static func run(_ name: String, in folder: URL) throws -> String {
    let program = Command.program.deletingLastPathComponent().appending(path: name)
    let result = try Command.start([], program: program, in: folder).finish()
    #expect(result.status == 0, "\(name): \(result.errors)")
    return result.output
  }

  @Test("A cell, a loss and a task of one's own train a model") func ownCell() throws {
    let folder = try TemporaryFolder()
    let output = try Self.run("OwnCell", in: folder.url)
    let shares = output.split(separator: "\n").compactMap { line in
      line.split(separator: " ").compactMap { Double($0) }.last.map { $0 / 100 }
    }
    try #require(shares.count == 2, "\(output)")
    // Of noise that is uniform from −1 to 1, half is above the mean; a third is above the point x at which an error
    // below costs four times as much: 4(1 − x)² = (1 + x)².
    #expect(abs(shares[0] - 1.0 / 2) < 0.08)
    #expect(abs(shares[1] - 1.0 / 3) < 0.08)
    let settings = try String(
      contentsOf: folder.url.appending(path: "runs/asymmetric-error/configuration.yaml"), encoding: .utf8)
    #expect(settings.contains("cell: update-gate") && settings.contains("kind: asymmetric-error"))
    // The program does not have them.
    let refusal = try Command.run("evaluate", "runs/asymmetric-error", in: folder.url)
    #expect(refusal.status == 1 && refusal.errors.contains("update-gate"))
  }

  @Test("A classifier is trained on data in memory") func inMemory() throws {
    let folder = try TemporaryFolder()
    let output = try Self.run("InMemory", in: folder.url)
    #expect(output.contains("square ") || output.contains("sawtooth "))
  }
}
