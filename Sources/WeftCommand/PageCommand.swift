import ArgumentParser
import Foundation
import WeftBase
import WeftTraining

/// Creates a web page of one or several runs.
struct PageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Create a web page of one or several runs: curves, gradient flow, configuration, samples.",
    discussion: """
      The page is one self-contained file. Several runs are overlaid, and a table shows the differences between \
      their configurations. Samples are computed from the test data by the best model.

      Example:
        weft report runs/shakespeare --open
        weft report runs/small runs/large --output compared.html
      """)

  @Argument(help: ArgumentHelp("Runs' folders.", valueName: "run"), completion: .directory)
  var paths: [String]

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The page. (default: report.html in the first run's folder)", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output: String?

  @Flag(inversion: .prefixedNo, help: "Include samples, which runs the models on their data.")
  var samples = true

  @Flag(help: "Open the page in the web browser.")
  var open = false

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    let file = try makePage()
    printText(file)
    if open { show(file) }
  }

  /// Writes the page; returns its path.
  @discardableResult
  func makePage() throws -> String {
    if let output { try RunFolder.checkIsFree(output: output) }
    let runs = RecordedRun.named(try paths.map { path throws(WeftError) in try RecordedRun(path) })
    for note in runs.flatMap(\.notes) { printNote(note) }
    let page = RunPage(
      runs: runs,
      samples: runs.map { run in
        if !samples { return [] }
        if let damage = run.damage { return [.note("No readable checkpoint: \(damage)")] }
        return RunSamples.samples(of: run.folder, threads: threads.count)
      })
    let file = output ?? "\(paths[0])/report.html"
    try TextFile.replace(file, with: try page.html())
    return file
  }

  /// Opens the page with the system's opener. The path has already been printed.
  private func show(_ file: String) {
    #if os(macOS)
      let opener = "open"
    #else
      let opener = "xdg-open"
    #endif
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [opener, URL(filePath: file).standardizedFileURL.path]
    process.standardError = FileHandle.nullDevice
    try? process.run()
    process.waitUntilExit()
    if process.terminationStatus != 0 {
      printNote("\(opener) failed; open the file in a web browser")
    }
  }
}
