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
  package var checkedData: String { "\(path)/checked_data.json" }
  package var configuration: String { "\(path)/configuration.yaml" }

  package func checkpoint(step: Int) -> String {
    let digits = String(step)
    return "\(path)/checkpoint-\(String(repeating: "0", count: max(0, 9 - digits.count)))\(digits).h5"
  }

  /// Whether a run is using the folder.
  package var isAtWork: Bool { RunLock.isHeld(folder: path) }

  /// Whether an error is that another process had reserved the folder.
  package func isInUse(_ message: String) -> Bool { message.hasPrefix("\(path): \(RunLock.inUse)") }

  /// Reserves the folder for the calling process, until the result is released.
  ///
  /// - Throws: If a run is using the folder, or it is not writable.
  package func reserve() throws(WeftError) -> RunLock { try RunLock(folder: path) }

  /// Checks that a file is not one of a run that is at work, which writes it itself.
  ///
  /// - Throws: If it is.
  package static func checkIsFree(output path: String) throws(WeftError) {
    let name = PathParts.name(of: path)
    let folder = RunFolder(PathParts.folder(of: path))
    let isOfRun =
      ["best.h5", "configuration.yaml", "run.lock", "checked_data.json"].contains(name)
      || name.hasSuffix(".jsonl")
      || name.hasPrefix("checkpoint-") || name.hasPrefix("events.out.tfevents.")
    if isOfRun, folder.isAtWork {
      throw .file("\(path): belongs to a run that is at work; wait until it ends, or name another file")
    }
  }

  /// - Throws: If it contains no metrics.
  package func checkMetrics() throws(WeftError) {
    guard access(metrics, F_OK) == 0 else {
      throw .model("\(path): contains no metrics; is it a run's folder?")
    }
  }

  /// The configuration of the run.
  ///
  /// - Throws: If it is missing or cannot be read.
  package func readConfiguration() throws(WeftError) -> Configuration {
    try Configuration(yaml: TextFile.contents(of: configuration, atMost: 16 << 20), name: configuration)
  }

  /// Creates the folder and its parents, durably.
  package func create() throws(WeftError) {
    // Foundation does not report the system's error.
    var folder = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      folder += "\(part)/"
      if mkdir(folder, 0o777) == 0 {
        // Otherwise a power failure could take away the folder with all of its checkpoints.
        try? DurableFile.synchronize(folder + "..")
      } else if errno != EEXIST {
        throw .system("\(path): cannot be created", errno)
      }
    }
  }

  /// Steps of the checkpoints in the folder, newest first.
  package var checkpointSteps: [Int] {
    FolderListing.names(in: path).compactMap { name in
      guard name.hasPrefix("checkpoint-"), name.hasSuffix(".h5") else { return nil }
      return Int(name.dropFirst(11).dropLast(3)).flatMap {
        (0...BoundedInteger.maximum).contains($0) ? $0 : nil
      }
    }.sorted(by: >)
  }

  /// All checkpoints that a run could resume from, newest first, followed by the best one.
  package var checkpoints: [String] {
    checkpointSteps.map(checkpoint) + (access(best, F_OK) == 0 ? [best] : [])
  }

  /// The newest intact checkpoint; the best one if no other is intact.
  ///
  /// - Parameters:
  ///   - last: The latest acceptable step.
  ///   - isWanted: Whether a readable checkpoint is acceptable.
  ///   - onSkip: Called with the reason for each newer one that is damaged.
  /// - Throws: If there is none; the message gives the reasons.
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
    throw .model(
      "\(path): contains no readable checkpoint (\(reasons.joined(separator: "; "))); to start over, name"
        + " another --output")
  }

  /// Removes checkpoints up to a step except the newest. Those of later steps are damaged and will be rewritten by the
  /// resumed run.
  ///
  /// - Parameter spared: The step of another checkpoint to keep.
  package func prune(keep: Int, upTo step: Int, sparing spared: Int? = nil) {
    for step in checkpointSteps.filter({ $0 <= step }).dropFirst(keep) where step != spared {
      unlink(checkpoint(step: step))
    }
  }

  /// Removes checkpoints of later steps, which a rollback has abandoned.
  package func removeCheckpoints(after step: Int) {
    for later in checkpointSteps where later > step { unlink(checkpoint(step: later)) }
  }

  /// Removes the record of checked data, once all data were read.
  package func removeCheckedData() { unlink(checkedData) }

  /// Removes files left by interrupted writes.
  package func removePartialFiles() {
    for name in FolderListing.names(in: path)
    where name.hasSuffix(TemporaryName.suffix) && !TemporaryName.isInUse(name) {
      unlink("\(path)/\(name)")
    }
  }

  /// Resolves a path to a checkpoint: the file itself, a run's best checkpoint, or its newest if there is no best.
  ///
  /// - Throws: If there is no checkpoint.
  package static func checkpointPath(_ path: String) throws(WeftError) -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .file("\(path): no such file or folder")
    }
    guard isFolder.boolValue else { return path }
    let folder = RunFolder(path)
    if FileManager.default.fileExists(atPath: folder.best) { return folder.best }
    guard let newest = folder.checkpointSteps.first else {
      throw .model("\(path): contains no checkpoint; is it a run's folder?")
    }
    return folder.checkpoint(step: newest)
  }
}
