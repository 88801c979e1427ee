import WeftBase
import WeftData
import WeftTasks

extension TrainingLoop {
  /// Opens the dataset of a configuration, with its fingerprint.
  ///
  /// - Parameters:
  ///   - known: What a checkpoint tells of its data: if they are the same, they need not be read to be scaled.
  ///   - onProgress: Called as all data are read, to scale them.
  /// - Throws: If the data cannot be read.
  static func open(
    _ configuration: Configuration, threads: Int, known: TrainedData?,
    _ onProgress: @escaping (DataProgress) -> Void
  ) throws(WeftError) -> (DatasetFile, DataFingerprint) {
    if let known {
      let dataset = try DatasetFile(
        configuration, threads: threads, scaling: known.scaling, categories: known.categories)
      let fingerprint = try dataset.fingerprint()
      if fingerprint.differences(from: known.fingerprint, files: dataset.paths).isEmpty {
        return (dataset, fingerprint)
      }
    }
    let dataset = try DatasetFile(configuration, threads: threads, onProgress: onProgress)
    try dataset.checkTargetsAreNumbers()
    return (dataset, try dataset.fingerprint())
  }

  /// Differences between the data and those of a checkpoint.
  ///
  /// A checkpoint without a fingerprint, of an earlier version, is compared by its number of minibatches and the scaling.
  ///
  /// - Throws: If the model cannot go on with the data: another vocabulary, other classes, or another preparation.
  func dataDifferences(from checkpoint: Checkpoint, path: String) throws(WeftError) -> [DataDifference] {
    guard checkpoint.vocabularies == dataset.vocabularies else {
      throw .data("\(dataset.path): its vocabulary differs from the one \(path) was trained on")
    }
    guard checkpoint.preparation == dataset.preparation else {
      throw .data(
        "\(dataset.path): its inputs were computed differently from those \(path) was trained on (attribute"
          + " 'preparation')")
    }
    guard checkpoint.traits.classes == dataset.traits.classes else {
      throw .data("\(dataset.path): its class names differ from those \(path) was trained on")
    }
    var differences =
      checkpoint.fingerprint.map { fingerprint.differences(from: $0, files: dataset.paths) } ?? []
    func add(_ description: String) {
      differences.append(DataDifference(split: nil, file: dataset.path, description))
    }
    if differences.isEmpty, checkpoint.traits.scaling != dataset.traits.scaling {
      add("the means and standard deviations of its features differ from those the run was trained on")
    }
    if differences.isEmpty, !isPossible(checkpoint) {
      add(
        "has \(batchesPerEpoch) minibatches per epoch, with which no run is at minibatch"
          + " \(checkpoint.state.batch + 1) of epoch \(checkpoint.state.epoch + 1) after"
          + " \(checkpoint.state.step) steps")
    }
    return differences
  }

  /// Whether a run on these data can be where a checkpoint is.
  private func isPossible(_ checkpoint: Checkpoint) -> Bool {
    let state = checkpoint.state
    guard (0..<batchesPerEpoch).contains(state.batch), state.step >= state.batch, state.epoch >= 0 else {
      return false
    }
    // Epochs on earlier data had other numbers of minibatches.
    if !state.dataChanges.isEmpty { return true }
    let (steps, overflow) = state.epoch.multipliedReportingOverflow(by: batchesPerEpoch)
    return !overflow && state.step - state.batch == steps
  }
}

extension TrainingState {
  /// Goes on with other data: the current epoch starts anew, and evaluations on other validation data count no more.
  mutating func change(to differences: [DataDifference], validation: String) {
    batch = 0
    hasCarriedState = false
    dataChanges += differences.map { DataChange(step: step, difference: $0.description) }
    guard differences.contains(where: { $0.split == nil || $0.split == validation }) else { return }
    (bestLoss, bestMetric, bestStep) = (.infinity, nil, 0)
    (evaluationsWithoutImprovement, stalled) = (0, 0)
  }
}
