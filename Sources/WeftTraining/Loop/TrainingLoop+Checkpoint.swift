import WeftBase
import WeftTensor

extension TrainingLoop {
  /// A checkpoint of the current state, to which every rank contributes its part; nil on ranks other than 0.
  package func checkpoint() -> Checkpoint? {
    state.reductions = schedule.reductions
    state.stalled = schedule.stalled
    state.hasCarriedState = carried != nil && state.batch > 0
    var arrays = model.layout.arrays(of: executor.parameters, group: "weights")
    for (name, tensor) in optimizer.tensors {
      guard let whole = executor.collect(tensor) else { continue }
      arrays.merge(model.layout.arrays(of: whole, group: name.checkpointGroup)) { $1 }
    }
    if let carried, state.hasCarriedState {
      executor.shareRows(of: carried)
      arrays.merge(carried.arrays) { $1 }
    }
    guard ranks.isFirst else { return nil }
    return Checkpoint(
      configuration: configuration, shape: task.shape, vocabularies: dataset.vocabularies,
      preparation: dataset.preparation, traits: dataset.traits, fingerprint: fingerprint,
      state: state, arrays: arrays)
  }

  /// Restores the state of a checkpoint.
  ///
  /// - Parameters:
  ///   - path: Path of the checkpoint, for messages.
  ///   - acceptsChangedData: Whether to go on with other data, from the start of the checkpoint's epoch.
  /// - Throws: If the checkpoint belongs to another model or other data.
  package func restore(
    _ checkpoint: Checkpoint, from path: String, acceptsChangedData: Bool = false
  ) throws(WeftError) {
    let differences = try dataDifferences(from: checkpoint, path: path)
    if let first = differences.first, !acceptsChangedData {
      throw .data(
        "\(first.file): \(first.description); restore the data, or add --data-changed to go on deliberately")
    }
    var state = checkpoint.state
    if !differences.isEmpty { state.change(to: differences, validation: configuration.data.split.validation) }
    guard state.batch < batchesPerEpoch else {
      throw .data(
        "\(path): continues with minibatch \(state.batch + 1) of an epoch, but \(dataset.path) has"
          + " \(batchesPerEpoch)")
    }
    try checkpoint.restore("weights", into: executor.parameters, layout: model.layout, file: path)
    for (name, tensor) in optimizer.tensors {
      let whole = ranks.count == 1 ? tensor : Tensor(rows: 1, columns: model.layout.count)
      try checkpoint.restore(name.checkpointGroup, into: whole, layout: model.layout, file: path)
      if ranks.count > 1 { tensor.values = whole.elements(at: optimizer.places) }
    }
    if let carried, state.hasCarriedState {
      try checkpoint.restore(into: carried, file: path)
    }
    executor.parametersChanged()
    optimizer.restore(steps: state.step)
    continueFrom(state)
  }
}

extension TrainingLoop {
  /// Restores rank 0's checkpoint on all ranks; each reads it by itself.
  ///
  /// - Parameters:
  ///   - found: The checkpoint and its file, on rank 0; nil for none.
  ///   - acceptsChangedData: Whether to go on with other data.
  /// - Returns: The file's path, on all ranks.
  /// - Throws: If a rank cannot read it, or it belongs to another model or other data; on all ranks.
  @discardableResult
  package func restoreTogether(
    _ found: (path: String, checkpoint: Checkpoint)?, acceptsChangedData: Bool
  ) throws(WeftError) -> String? {
    let path = ranks.gather(found?.path ?? "")[0]
    if path.isEmpty { return nil }
    try ranks.together { () throws(WeftError) in
      let checkpoint = if let found { found.checkpoint } else { try Checkpoint(reading: path) }
      try restore(checkpoint, from: path, acceptsChangedData: acceptsChangedData)
    }
    return path
  }
}

extension Checkpoint {
  /// Whether all values are finite, which they are not after divergence.
  var isFinite: Bool {
    arrays.values.allSatisfy { array in
      array.blocks(of: 1 << 16).allSatisfy { array.values(of: $0).allSatisfy(\.isFinite) }
    }
  }
}

extension String {
  /// Path of an optimizer tensor in a checkpoint.
  package var checkpointGroup: String { self == "average" ? "average" : "optimizer/\(self)" }
}
