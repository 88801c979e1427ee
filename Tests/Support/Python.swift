import Foundation
import Testing

/// The Python with the reference packages of the tests: `WEFT_PYTHON`, which `make test` sets, or `python3`.
public enum Python {
  /// The program, or its name in `PATH`.
  public static let path = ProcessInfo.processInfo.environment["WEFT_PYTHON"] ?? "python3"

  /// Runs a program; the output is that of both streams.
  ///
  /// - Parameters:
  ///   - folder: Working folder; nil for that of the tests.
  ///   - path: Another Python.
  public static func run(
    _ program: String, _ arguments: String..., in folder: URL? = nil, with path: String = path
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [path, "-c", program] + arguments
    process.currentDirectoryURL = folder ?? process.currentDirectoryURL
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  /// Whether all of the modules can be imported.
  public static func has(_ modules: String...) -> Bool {
    (try? run("import \(modules.joined(separator: ", "))").status == 0) ?? false
  }

  /// Message of tests skipped because of missing modules.
  public static let missing: Comment =
    "this Python lacks a module; run 'make test', or set WEFT_PYTHON to one that has it"
}
