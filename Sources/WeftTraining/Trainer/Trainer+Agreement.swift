import WeftBase
import WeftData
import WeftParallel
import WeftTasks

/// Ranks must be started alike: otherwise they wait for each other for ever, or sum gradients of different models.
extension Trainer {
  /// Checks that all ranks have the same version, configuration and options, before the first of them acts on it.
  ///
  /// Only the paths of data may differ, because machines may have copies of their own.
  ///
  /// - Parameter options: The options of the command line that are set.
  /// - Throws: If those of a rank differ from those of rank 0; on all ranks.
  static func checkSameStart(
    _ configuration: Configuration, options: String, _ ranks: any Communicator
  ) throws(WeftError) {
    if ranks.count == 1 { return }
    let versions = ranks.gather(weftVersion)
    let configurations = ranks.gather(configuration.yaml)
    let allOptions = ranks.gather(options)
    try ranks.together { () throws(WeftError) in
      let advice = "; start all ranks with the same program, configuration and options"
      guard versions[0] == weftVersion else {
        throw .usage("is Weft \(weftVersion), but rank 0 is \(versions[0])\(advice)")
      }
      let differences = configuration.differences(from: try Configuration(yaml: configurations[0])).filter {
        !["data.file", "data.files"].contains($0.key)
      }
      if let first = differences.first {
        throw .usage(
          "\(first.key) is \(first.new ?? "not set"), but \(first.old ?? "not set") on rank 0\(advice)")
      }
      guard allOptions[0] == options else {
        func text(_ options: String) -> String { options.isEmpty ? "no options" : options }
        throw .usage("has \(text(options)), but rank 0 has \(text(allOptions[0]))\(advice)")
      }
    }
  }

  /// Checks that all ranks read the same data.
  ///
  /// - Throws: If those of a rank differ from those of rank 0; on all ranks.
  static func checkSameData(_ loop: TrainingLoop) throws(WeftError) {
    let ranks = loop.ranks
    if ranks.count == 1 { return }
    let fingerprint = ranks.gather(encoding: loop.fingerprint)[0]
    // Sizes of vocabularies and of classes, and means and standard deviations, which the fingerprint does not cover.
    let description = "\(loop.task.shape) \(loop.dataset.traits)"
    let descriptions = ranks.gather(description)
    try ranks.together { () throws(WeftError) in
      guard loop.fingerprint == fingerprint, description == descriptions[0] else {
        let file = loop.fingerprint.differences(from: fingerprint, files: loop.dataset.paths).first?.file
        throw .data(
          "\(file ?? loop.dataset.path): differs from the data of rank 0; give all ranks the same data")
      }
    }
  }
}
