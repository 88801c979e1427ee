import ArgumentParser
import Foundation
import WeftBase

/// Shows the contents of an HDF5 file or a run, and verifies them.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the contents of an HDF5 file or a run, and verify them.",
    discussion: """
      Reads every dataset of a file, or every checkpoint of a run, once, and verifies the checksums. Exits with \
      status 1 if anything is damaged.

      Example:
        weft inspect datasets/shakespeare/shakespeare.h5
        weft inspect runs/shakespeare --gradients
      """)

  @Argument(
    help: "An HDF5 file, such as a dataset or a checkpoint, or a run's folder.", completion: .file())
  var path: String

  @Flag(help: "Show the gradient flow through time of a run.")
  var gradients = false

  @Flag(help: "Print JSON instead of text.")
  var json = false

  func run() throws {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let isRun = exists && isFolder.boolValue
    if gradients {
      guard exists else { throw WeftError.failure("\(path): no such file or folder") }
      guard isRun else { throw WeftError.usage("--gradients needs a run's folder, not \(path)") }
      let report = try GradientReport(folder: path)
      printText(json ? try report.json : report.text, terminator: "")
    } else if isRun {
      let report = try RunReport(path)
      printText(json ? try report.json : report.text, terminator: "")
      try fail(for: report.damaged)
    } else {
      let report = try FileReport(path)
      printText(json ? try report.json : report.text, terminator: "")
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
