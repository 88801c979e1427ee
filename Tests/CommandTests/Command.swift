import Foundation
import Testing

/// The built `weft` program, run as a user runs it.
enum Command {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  /// SwiftPM links programs into the folder of the test bundle.
  static let program = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return URL(filePath: bundle).deletingLastPathComponent().appending(path: "weft")
  }()

  /// The root of the package, where programs run unless told otherwise.
  static let packageFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func run(_ arguments: String..., in folder: URL = packageFolder) throws -> Result {
    try run(arguments, in: folder)
  }

  static func run(_ arguments: [String], in folder: URL = packageFolder) throws -> Result {
    try start(arguments, in: folder).finish()
  }

  /// Runs a command that is expected to succeed.
  ///
  /// - Returns: What it prints.
  @discardableResult
  static func succeed(
    _ arguments: String..., in folder: URL, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let result = try run(arguments, in: folder)
    #expect(result.status == 0, "\(arguments): \(result.errors)", sourceLocation: sourceLocation)
    return result.output
  }

  /// Runs with text on standard input.
  static func run(_ arguments: [String], input: String, in folder: URL) throws -> Result {
    try run(arguments, bytes: Data(input.utf8), in: folder)
  }

  /// Runs with bytes on standard input.
  static func run(_ arguments: [String], bytes: Data, in folder: URL) throws -> Result {
    let path = folder.appending(path: "input-\(UUID())")
    try bytes.write(to: path)
    return try start(arguments, input: FileHandle(forReadingFrom: path), in: folder).finish()
  }

  /// A program that was started and may still run.
  struct Running {
    fileprivate let process: Process
    fileprivate let output: Pipe
    fileprivate let errors: URL

    /// Sends the signal of Ctrl-C.
    func interrupt() { process.interrupt() }

    var isRunning: Bool { process.isRunning }
    var identifier: Int32 { process.processIdentifier }

    /// Sends a signal.
    func send(_ signal: Int32) { if process.isRunning { kill(process.processIdentifier, signal) } }

    /// Waits for its end; kills it after ten minutes.
    func finish() throws -> Result {
      let identifier = process.processIdentifier
      let limit = DispatchWorkItem { kill(identifier, SIGKILL) }
      DispatchQueue.global().asyncAfter(deadline: .now() + 600, execute: limit)
      defer { limit.cancel() }
      let bytes = try Self.contents(of: output.fileHandleForReading.fileDescriptor)
      process.waitUntilExit()
      defer { try? FileManager.default.removeItem(at: errors) }
      return Result(
        status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self),
        errors: try String(contentsOf: errors, encoding: .utf8))
    }

    /// Reads until the end. Foundation would crash if a signal, such as SIGCONT, interrupted reading.
    private static func contents(of descriptor: Int32) throws -> Data {
      var bytes = Data()
      var block = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = read(descriptor, &block, block.count)
        if count > 0 {
          bytes += block[..<count]
        } else if count == 0 {
          return bytes
        } else if errno != EINTR {
          throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
      }
    }
  }

  /// Runs a script of the shell, in which `$WEFT` is the program.
  static func shell(_ script: String, in folder: URL) throws -> Result {
    try start(["-c", script], program: URL(filePath: "/bin/bash"), in: folder).finish()
  }

  static func start(
    _ arguments: [String], program: URL = program, input: FileHandle = .nullDevice, in folder: URL
  ) throws -> Running {
    // Unlike a pipe, a file cannot block the program while its other output is read.
    let errors = FileManager.default.temporaryDirectory.appending(path: "weft-errors-\(UUID())")
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    let process = Process()
    let output = Pipe()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(["WEFT": Self.program.path]) { $1 }
    process.standardInput = input
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    return Running(process: process, output: output, errors: errors)
  }
}
