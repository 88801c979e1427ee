import Foundation
import Testing

/// A Python whose packages are the tests' outside witnesses: `WEFT_PYTHON`, which `make test` sets, or `python3`.
public enum Python {
  /// The program, which may be a name to be found in `PATH`.
  public static let path = ProcessInfo.processInfo.environment["WEFT_PYTHON"] ?? "python3"

  /// Runs a program; the output is that of both streams.
  ///
  /// - Parameter folder: Where it runs; nil for where the tests do.
  public static func run(
    _ program: String, _ arguments: String..., in folder: URL? = nil
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

  /// Whether all of some modules can be imported.
  public static func has(_ modules: String...) -> Bool {
    (try? run("import \(modules.joined(separator: ", "))").status == 0) ?? false
  }

  /// What a test that is skipped for want of modules says.
  public static let missing: Comment =
    "this Python lacks a module; run 'make test', or set WEFT_PYTHON to one that has it"
}
