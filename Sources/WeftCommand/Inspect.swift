import ArgumentParser
import Foundation
import WeftBase

/// Shows what an HDF5 file or a run holds and whether it is intact.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what an HDF5 file or a run holds, and read all of it to find damage.",
    discussion: """
      Of a file, every dataset is read once, which verifies the checksums of those that have them; of a run, every \
      checkpoint. Ends with status 1 when something is damaged.

      Example:
        weft inspect datasets/shakespeare/shakespeare.h5
        weft inspect runs/shakespeare --gradients
      """)

  @Argument(
    help: "An HDF5 file, such as a dataset or a checkpoint, or a run's folder.", completion: .file())
  var path: String

  @Flag(help: "Show how gradients flowed back through time in a run.")
  var gradients = false

  @Flag(help: "Print JSON instead of text.")
  var json = false

  func run() throws {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let isRun = exists && isFolder.boolValue
    if gradients {
      guard exists else { throw WeftError.failure("\(path): there is no such file or folder") }
      guard isRun else { throw WeftError.usage("--gradients needs a run's folder, not \(path)") }
      let report = try GradientReport(folder: path)
      print(json ? try report.json : report.text, terminator: "")
    } else if isRun {
      let report = try RunReport(path)
      print(json ? try report.json : report.text, terminator: "")
      try fail(for: report.damaged)
    } else {
      let report = try FileReport(path)
      print(json ? try report.json : report.text, terminator: "")
      try fail(for: report.damaged)
    }
  }

  private func fail(for damaged: [String]) throws(WeftError) {
    if let first = damaged.first {
      let rest = damaged.count > 1 ? " (and \(damaged.count - 1) more)" : ""
      throw WeftError.failure("\(first)\(rest)")
    }
  }
}
