import ArgumentParser
import Foundation
import Fuzzing

/// Runs `weft` on damaged files and reports those that did not end in success or one clean error.
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weft-fuzz", abstract: "Run weft on damaged files of every kind that it reads.")

  @Argument(
    help:
      "Kinds of files to damage: \(Campaign.Target.allCases.map(\.rawValue).joined(separator: ", ")); or folders of files to run unchanged."
  )
  var targets = Campaign.Target.allCases.map(\.rawValue)

  @Option(help: "Files per kind.") var count = 2000
  @Option(help: "Number of the first file, to run one again.") var first = 0
  @Option(help: "The same seed gives the same files.") var seed: UInt64 = 1
  @Option(help: "Files in parallel.") var jobs = ProcessInfo.processInfo.activeProcessorCount
  @Option(help: "The program.") var weft = ".build/release/weft"
  @Option(help: "The folder of Seeds and Hostile.") var corpus = "Tests/Fuzz/Corpus"
  @Option(help: "Folder for files that cause a failure.") var found = ".build/fuzz-found"

  func run() throws {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "weft-fuzz-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let campaign = try Campaign(absolute(weft), Corpus(absolute(corpus)), scratch: scratch)
    var isClean = true
    for target in targets {
      let start = Date()
      let outcome =
        if let kind = Campaign.Target(rawValue: target) {
          campaign.run(kind, seed: seed, first: first, count: count, jobs: jobs, onFile: progress)
        } else { try campaign.runFiles(in: absolute(target), jobs: jobs, onFile: progress) }
      let seconds = Int(Date().timeIntervalSince(start))
      write(
        "\(target): \(outcome.files) files, \(outcome.runs) runs, \(outcome.successes) successes,"
          + " \(outcome.finds.count) finds, \(seconds) s")
      isClean = isClean && outcome.finds.isEmpty
    }
    if !isClean { throw ExitCode.failure }
  }

  private func progress(_ outcome: Campaign.Outcome) {
    if let find = outcome.latest {
      write("\n\(find)")
      do { try find.save(in: found) } catch { write("\(error)") }
    }
    guard outcome.files % 100 == 0 else { return }
    FileHandle.standardError.write(Data("\(outcome.files) files, \(outcome.finds.count) finds\n".utf8))
  }

  /// Unbuffered, also if the output is a file.
  private func write(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
  }

  private func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }
}

Fuzz.main()
