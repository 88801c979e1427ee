import Foundation
import HDF5
import TestSupport
import Testing

/// A run that writes a checkpoint at every step, and its output without disturbance.
struct SurvivalRun {
  let folder: URL
  private let undisturbed: [String: Data]

  /// Trains undisturbed in `folder`, which must be one of `SmallRun`.
  init(in folder: URL, steps: Int = 120) throws {
    self.folder = folder
    arguments = [
      "train", "small.yaml", "--set", "training.steps=\(steps)", "--set", "training.checkpoint_every=1",
      "--keep", "3",
    ]
    let result = try Command.run(arguments + ["--output", "undisturbed"], in: folder)
    #expect(result.status == 0)
    undisturbed = try Self.files(folder.appending(path: "undisturbed"))
    #expect(undisturbed.count == 7, "three checkpoints, the best, the configuration and two logs")
  }

  /// Arguments of the subcommand, except the folder.
  let arguments: [String]

  func start(_ name: String, _ more: String...) throws -> Command.Running {
    try Command.start(arguments + ["--output", name] + more, in: folder)
  }

  /// Checks that a folder contains exactly the files of the undisturbed run: weights, history, and nothing else.
  func expectSame(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let files = try Self.files(folder.appending(path: name))
    #expect(files.keys.sorted() == undisturbed.keys.sorted(), sourceLocation: sourceLocation)
    for (file, bytes) in undisturbed {
      #expect(files[file] == bytes, "\(file)", sourceLocation: sourceLocation)
    }
  }

  /// The finished checkpoints of a folder.
  func checkpoints(_ name: String) throws -> [URL] {
    let folder = folder.appending(path: name)
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "h5" }
  }

  /// Whether a write was interrupted.
  func hasPartialFile(_ name: String) throws -> Bool {
    let folder = folder.appending(path: name)
    guard FileManager.default.fileExists(atPath: folder.path) else { return false }
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).contains {
      $0.hasSuffix(".partial")
    }
  }

  /// All files except those with times.
  private static func files(_ folder: URL) throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0 != "times.jsonl" && !$0.hasPrefix("events.out.tfevents.") }
    return try names.reduce(into: [:]) { $0[$1] = try Data(contentsOf: folder.appending(path: $1)) }
  }
}

/// h5py as a reference: reads checkpoints completely, which verifies every checksum.
final class PythonReader {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  /// Nil if there is no h5py.
  init?() throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      Python.path, "-u", "-c",
      """
      import sys, h5py
      def read(name, item):
          if isinstance(item, h5py.Dataset): item[()]
      print("ready")
      for line in sys.stdin:
          try:
              with h5py.File(line.rstrip("\\n")) as file:
                  file.visititems(read)
                  print("step", file.attrs["step"])
          except Exception as error:
              print("error", repr(error))
      """,
    ]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    guard readLine() == "ready" else { return nil }
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// `step 12`, or the problem.
  func read(_ file: URL) -> String {
    try? input.fileHandleForWriting.write(contentsOf: Data("\(file.path)\n".utf8))
    return readLine()
  }

  private func readLine() -> String {
    var line: [UInt8] = []
    while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
      line.append(byte)
    }
    return String(decoding: line, as: UTF8.self)
  }
}

/// Reads a complete file with Weft's HDF5.
func expectIntact(_ file: URL, sourceLocation: SourceLocation = #_sourceLocation) {
  #expect(throws: Never.self, "\(file.lastPathComponent)", sourceLocation: sourceLocation) {
    let file = try File(opening: file.path)
    try file.visit { visit in
      if visit.child.isDataset { try file.dataset(visit.child.path).verify() }
    }
  }
}
