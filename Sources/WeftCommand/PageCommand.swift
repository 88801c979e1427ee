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

      With --serve, the page is served to browsers on this machine and follows runs while they train; samples appear \
      when a run has ended. Ctrl-C ends it.

      Example:
        weft report runs/shakespeare --open
        weft report runs/small runs/large --output compared.html
        weft report runs/shakespeare --serve
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

  @Flag(help: "Serve the page to this machine and keep it up to date, instead of writing a file.")
  var serve = false

  @Option(
    help: ArgumentHelp("The port of --serve, or 0 for any free one. (default: 8350)", valueName: "port"))
  var port: Int?

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if serve, output != nil { throw WeftError.usage("--serve cannot be combined with --output") }
    if let port {
      guard serve else { throw WeftError.usage("--port needs --serve") }
      guard (0...65535).contains(port) else {
        throw WeftError.usage("--port must be from 0 to 65535, not \(port)")
      }
    }
  }

  func run() throws {
    if serve { return try servePage() }
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

  /// Serves the page until Ctrl-C.
  private func servePage() throws {
    let page = LivePage(paths, hasSamples: samples, threads: threads.count)
    let server = try LocalServer(port: port ?? 8350)
    Interruption.listen()
    try page.prepare()
    let address = "http://127.0.0.1:\(server.port)/"
    printText("\(address) (Ctrl-C ends)")
    if open { show(address) }
    server.run(until: { Interruption.isRequested }) { page.answer(path: $0, query: $1) }
    throw ExitCode(Interruption.exitCode ?? 0)
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
    process.arguments = [
      opener, file.hasPrefix("http:") ? file : URL(filePath: file).standardizedFileURL.path,
    ]
    process.standardError = FileHandle.nullDevice
    try? process.run()
    process.waitUntilExit()
    if process.terminationStatus != 0 {
      printNote("\(opener) failed; open it in a web browser")
    }
  }
}
