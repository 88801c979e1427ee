import Foundation
import WeftBase
import WeftTasks

/// A run's folder: its checkpoints by step, the best of them, the configuration and the metrics.
package struct RunFolder: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  package var best: String { "\(path)/best.h5" }
  package var metrics: String { "\(path)/metrics.jsonl" }
  package var gradients: String { "\(path)/gradients.jsonl" }
  package var times: String { "\(path)/times.jsonl" }
  package var configuration: String { "\(path)/configuration.yaml" }

  package func checkpoint(step: Int) -> String {
    let digits = String(step)
    return "\(path)/checkpoint-\(String(repeating: "0", count: max(0, 9 - digits.count)))\(digits).h5"
  }

  /// Whether a run is at work in it.
  package var isAtWork: Bool { RunLock.isHeld(folder: path) }

  /// - Throws: If it holds no metrics.
  package func checkMetrics() throws(WeftError) {
    guard access(metrics, F_OK) == 0 else {
      throw .failure("\(path): holds no metrics; is it the folder of a run?")
    }
  }

  /// The configuration of its run.
  ///
  /// - Throws: If there is none, or it cannot be read.
  package func readConfiguration() throws(WeftError) -> Configuration {
    try Configuration(yaml: TextFile.contents(of: configuration), name: configuration)
  }

  /// Makes the folder and those above it.
  package func create() throws(WeftError) {
    // Foundation keeps the system's reason to itself.
    var folder = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      folder += "\(part)/"
      if mkdir(folder, 0o777) != 0, errno != EEXIST {
        throw .system("\(path): cannot be created", errno)
      }
    }
  }

  /// Steps of the checkpoints in the folder, newest first.
  package var checkpointSteps: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix("checkpoint-"), name.hasSuffix(".h5") else { return nil }
      return Int(name.dropFirst(11).dropLast(3))
    }.sorted(by: >)
  }

  /// All that a run could go on from: the checkpoints, newest first, and last the best one.
  package var checkpoints: [String] {
    checkpointSteps.map(checkpoint) + (access(best, F_OK) == 0 ? [best] : [])
  }

  /// The newest checkpoint that is whole; the best one where none of the others is.
  ///
  /// - Parameters:
  ///   - last: The step of the newest that will do.
  ///   - isWanted: Whether one will do that can be read.
  ///   - onSkip: Called with the reason for each newer one that is damaged.
  /// - Throws: If there is none; the message tells the reasons.
  package func newestCheckpoint(
    upTo last: Int = .max, where isWanted: (Checkpoint) -> Bool = { _ in true }, onSkip: (String) -> Void
  ) throws(WeftError) -> (path: String, checkpoint: Checkpoint) {
    var reasons: [String] = []
    let newer = checkpointSteps.prefix { $0 > last }.count
    for path in checkpoints.dropFirst(newer) {
      do {
        let checkpoint = try Checkpoint(reading: path)
        if isWanted(checkpoint) { return (path, checkpoint) }
      } catch {
        onSkip(error.message)
        reasons.append(error.message)
      }
    }
    throw .failure(
      "\(path): holds no checkpoint that can be read (\(reasons.joined(separator: "; "))); to start anew, name"
        + " another --output")
  }

  /// Removes checkpoints up to a step but for the newest of them. Those of later steps were found damaged by a run
  /// that goes on from before them, and will be written anew.
  ///
  /// - Parameter spared: The step of one more to keep.
  package func prune(keep: Int, upTo step: Int, sparing spared: Int? = nil) {
    for step in checkpointSteps.filter({ $0 <= step }).dropFirst(keep) where step != spared {
      unlink(checkpoint(step: step))
    }
  }

  /// Removes checkpoints of later steps, which belong to a way that was given up.
  package func removeCheckpoints(after step: Int) {
    for later in checkpointSteps where later > step { unlink(checkpoint(step: later)) }
  }

  /// Removes files that writes which were cut off left behind.
  package func removePartialFiles() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where name.hasSuffix(".partial") { unlink("\(path)/\(name)") }
  }

  /// The checkpoint meant by a path: a file itself, or a run's best one, or its newest where there is no best.
  ///
  /// - Throws: If the path is neither.
  package static func checkpointPath(_ path: String) throws(WeftError) -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .failure("\(path): there is no such file or folder")
    }
    guard isFolder.boolValue else { return path }
    let folder = RunFolder(path)
    if FileManager.default.fileExists(atPath: folder.best) { return folder.best }
    guard let newest = folder.checkpointSteps.first else {
      throw .failure("\(path): holds no checkpoint; is it the folder of a run?")
    }
    return folder.checkpoint(step: newest)
  }
}
