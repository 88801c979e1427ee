import ArgumentParser
import Foundation
import Weft

/// Shows what an HDF5 file holds and whether it is intact.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what an HDF5 file holds, and read all of it to find damage.",
    discussion: """
      Every dataset is read once, which verifies the checksums of those that have them. Ends with status 1 when \
      something is damaged.

      Example:
        weft inspect datasets/shakespeare/shakespeare.h5
      """)

  @Argument(help: "An HDF5 file: a dataset, or a checkpoint.", completion: .file())
  var file: String

  @Flag(help: "Print JSON instead of text.")
  var json = false

  func run() throws {
    let report = try FileReport(file)
    print(json ? try report.json : report.text, terminator: "")
    let damaged = report.damaged
    if let first = damaged.first {
      let rest = damaged.count > 1 ? " (and \(damaged.count - 1) more)" : ""
      throw WeftError.failure("\(first)\(rest)")
    }
  }
}
