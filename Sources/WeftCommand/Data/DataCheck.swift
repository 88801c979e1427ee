import ArgumentParser
import DatasetTools
import Foundation
import WeftBase
import WeftTasks

/// Checks all data of a file.
struct DataCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read all data of a file and report every fault with its place.",
    discussion: """
      Reports missing and infinite values, labels and tokens out of range, offsets and lengths that are wrong, and \
      damaged chunks. Exits with status 1 if there is a fault.

      Example:
        weft data check series.h5 --config train.yaml
      """)

  @Argument(
    help: ArgumentHelp("The dataset. (default: the files of --config)", valueName: "file"),
    completion: .file())
  var file: String?

  @Option(
    help: ArgumentHelp(
      "Check what this configuration reads. (default: what names and types of the datasets suggest)",
      valueName: "file.yaml"),
    completion: .file(extensions: ["yaml"]))
  var config: String?

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print JSON instead of text.")
  var json = false

  func validate() throws {
    if file == nil, config == nil {
      throw WeftError.usage("give a file, or a configuration with --config")
    }
  }

  func run() throws {
    let progress = ProgressReporter()
    let count = threads.count ?? AvailableProcessors.count
    let check: DatasetCheck
    do {
      check =
        if let config {
          try DatasetCheck(
            ConfigurationFile.read(config), file: file, threads: count, progress: progress)
        } else {
          try DatasetCheck(file ?? "", threads: count, progress: progress)
        }
    } catch {
      progress.finish()
      throw error
    }
    progress.finish()
    printText(
      json ? try CheckReport(check: check).json : CheckReport(check: check).text, terminator: "")
    guard check.faultCount == 0 else {
      let kinds = check.faultCount
      throw WeftError.failure(
        "\(check.files.first ?? ""): \(kinds == 1 ? "a fault was" : "\(kinds) kinds of faults were") found"
      )
    }
  }
}

/// The report of `data check`.
struct CheckReport: Report {
  let check: DatasetCheck

  func encode(to encoder: any Encoder) throws { try check.encode(to: encoder) }

  var text: String {
    let size = NumberText.abbreviated(Double(check.bytes))
    let rate = NumberText.abbreviated(Double(check.bytes) / max(check.seconds, 1e-3))
    let end =
      "checked \(size)B in \(String(format: "%.1f", check.seconds)) s (\(rate)B/s)"
      + (check.faultCount == 0 ? "; no faults" : "")
    return (check.splits + [end] + check.faultLines).map { $0.printable() + "\n" }.joined()
  }
}
