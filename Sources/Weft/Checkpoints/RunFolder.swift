import Foundation

/// A run's folder: its checkpoints by step, the best of them, the configuration and the metrics.
package struct RunFolder: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  package var best: String { "\(path)/best.h5" }
  package var metrics: String { "\(path)/metrics.jsonl" }
  package var gradients: String { "\(path)/gradients.jsonl" }
  package var configuration: String { "\(path)/configuration.yaml" }

  package func checkpoint(step: Int) -> String {
    let digits = String(step)
    return "\(path)/checkpoint-\(String(repeating: "0", count: max(0, 9 - digits.count)))\(digits).h5"
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

  /// The newest checkpoint that is whole.
  ///
  /// - Parameter onSkip: Called with the reason for each newer one that is damaged.
  /// - Throws: If there is none.
  package func newestCheckpoint(
    onSkip: (String) -> Void
  ) throws(WeftError) -> (path: String, checkpoint: Checkpoint) {
    for step in checkpointSteps {
      let path = checkpoint(step: step)
      do { return (path, try Checkpoint(reading: path)) } catch { onSkip(error.message) }
    }
    throw .failure("\(path): holds no checkpoint that can be read; start anew without --resume")
  }

  /// Removes all but the newest checkpoints, and what writes that were cut off left behind.
  package func prune(keep: Int) {
    for step in checkpointSteps.dropFirst(keep) { unlink(checkpoint(step: step)) }
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
