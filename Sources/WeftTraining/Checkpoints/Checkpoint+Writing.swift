import Foundation
import HDF5
import WeftBase
import WeftData

extension Checkpoint {
  /// Writes the checkpoint atomically, also across crashes.
  ///
  /// - Throws: If the disk is full or the folder is not writable; no partial file is left.
  package func write(to path: String) throws(WeftError) {
    try OutputFile.replace(path) { try writeContents(to: $0) }
  }

  private func writeContents(to file: File) throws {
    let attributes = file.attributes
    try attributes.set("weft_format", toFixedLength: Checkpoint.format)
    try attributes.set("weft_format_version", to: Checkpoint.formatVersion)
    try attributes.set("weft_version", toFixedLength: weftVersion)
    try attributes.set("step", to: state.step)
    try attributes.set("epoch", to: state.epoch)
    try attributes.set("batch", to: state.batch)
    try attributes.set("has_carried_state", to: state.hasCarriedState ? 1 : 0)
    try attributes.set("schedule_reductions", to: state.reductions)
    try attributes.set("schedule_stalled", to: state.stalled)
    try attributes.set("evaluations_without_improvement", to: state.evaluationsWithoutImprovement)
    try attributes.set("best_validation_loss", to: state.bestLoss)
    if let metric = state.bestMetric { try attributes.set("best_metric", to: metric) }
    try attributes.set("best_step", to: state.bestStep)
    try attributes.set("loss_sum", to: state.lossSum)
    try attributes.set("loss_count", to: state.lossCount)
    try attributes.set("logged_loss_sum", to: state.loggedLossSum)
    try attributes.set("logged_loss_count", to: state.loggedLossCount)
    try attributes.set("scheduled_step", to: state.scheduledStep)
    if let source = state.startedFrom { try attributes.set("started_from", toFixedLength: source) }
    switch shape.input {
    case .tokens(let count): try attributes.set("input_tokens", to: count)
    case .features(let count): try attributes.set("input_features", to: count)
    }
    try attributes.set("outputs", to: shape.outputs)
    if !shape.categories.isEmpty { try writeJSON(shape.categories, as: "input_categories", to: file) }
    if let preparation { try attributes.set("preparation", toFixedLength: preparation) }
    try file.write("configuration", Swift.Array(configuration.yaml.utf8), filters: [.fletcher32])
    // HDF5 has no checksums for variable-length text.
    try vocabularies.write(to: file, hasChecksums: true)
    if !traits.classes.isEmpty {
      try file.write("classes", fixedLength: traits.classes, filters: [.fletcher32])
    }
    if !state.history.isEmpty {
      try file.write("history/step", state.history.map { Int64($0.step) }, filters: [.fletcher32])
      try file.write("history/training_loss", state.history.map(\.trainingLoss), filters: [.fletcher32])
      try file.write("history/validation_loss", state.history.map(\.validationLoss), filters: [.fletcher32])
      if state.history.contains(where: { $0.metric != nil }) {
        try file.write("history/metric", state.history.map { $0.metric ?? .nan }, filters: [.fletcher32])
      }
    }
    let rollbacks = state.rollbacks
    if !rollbacks.isEmpty {
      try file.write("rollbacks/step", rollbacks.map { Int64($0.step) }, filters: [.fletcher32])
      try file.write("rollbacks/checkpoint", rollbacks.map { Int64($0.checkpoint) }, filters: [.fletcher32])
      try file.write(
        "rollbacks/learning_rate_scale", rollbacks.map(\.learningRateScale), filters: [.fletcher32])
    }
    try writeData(to: file)
    for (name, array) in arrays.merging(traits.scaling.arrays, uniquingKeysWith: { $1 }).sorted(by: {
      $0.key < $1.key
    }) {
      try write(array, as: name, to: file)
    }
  }

  /// Writes an array in blocks of whole chunks, so that copies of live memory stay small.
  private func write(_ array: Array, as name: String, to file: File) throws {
    let dataset = try file.createDataset(name, of: Float.self, shape: array.shape, filters: [.fletcher32])
    let rest = array.shape.dropFirst()
    for block in array.blocks(of: dataset.chunkShape?.reduce(1, *) ?? 1) {
      try dataset.write(
        array.values(of: block), offset: [block.lowerBound] + rest.map { _ in 0 },
        count: [block.count] + rest)
    }
  }

  private func writeJSON(_ value: some Encodable, as name: String, to file: File) throws {
    let encoder = JSONEncoder()
    // Equal contents give equal bytes.
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try file.write(name, Swift.Array(try encoder.encode(value)), filters: [.fletcher32])
  }

  /// Writes the fingerprint of the data and their changes.
  private func writeData(to file: File) throws {
    if let names = traits.scaling.series?.names, !names.isEmpty {
      try writeJSON(names, as: "series_names", to: file)
    }
    if !traits.features.isEmpty { try writeJSON(traits.features, as: "input_names", to: file) }
    if !traits.targetNames.isEmpty { try writeJSON(traits.targetNames, as: "target_names", to: file) }
    if let fingerprint { try writeJSON(fingerprint, as: "data_fingerprint", to: file) }
    for (group, changes) in [
      ("data_changes", state.dataChanges), ("configuration_changes", state.configurationChanges),
    ] where !changes.isEmpty {
      try file.write("\(group)/step", changes.map { Int64($0.step) }, filters: [.fletcher32])
      try file.write(
        "\(group)/difference", fixedLength: changes.map(\.difference), filters: [.fletcher32])
    }
  }
}
