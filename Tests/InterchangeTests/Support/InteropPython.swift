import Foundation
import TestSupport

/// The Python with the programs that exchange models with Weft: `WEFT_INTEROP_PYTHON`, which `make interop` sets.
enum InteropPython {
  static let path = ProcessInfo.processInfo.environment["WEFT_INTEROP_PYTHON"]

  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Runs a script of `Tests/Interop`, or another by its path.
  static func run(_ script: String, _ arguments: [String], in folder: URL = packageFolder) throws -> Result {
    let process = Process()
    let output = Pipe()
    let errors = FileManager.default.temporaryDirectory.appending(path: "weft-python-\(UUID())")
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.executableURL = URL(filePath: path ?? "/usr/bin/python3")
    process.arguments =
      [script.hasPrefix("/") ? script : packageFolder.appending(path: "Tests/Interop/\(script)").path]
      + arguments
    process.currentDirectoryURL = folder
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }
}

/// The root of the package.
let packageFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()
