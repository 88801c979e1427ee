import Foundation
import HDF5
import WeftBase
import WeftData
import WeftModels
import WeftTasks
import WeftText

extension Checkpoint {
  /// Reads a complete checkpoint and verifies all checksums.
  ///
  /// - Throws: If the file is missing, damaged, truncated, or not a checkpoint of this version.
  package init(reading path: String) throws(WeftError) {
    do {
      try self.init(file: File(opening: path))
    } catch let error as HDF5Error {
      throw WeftError(error)
    } catch let error as WeftError {
      throw .failure("\(path): \(error.message)")
    } catch {
      throw .failure("\(path): \(error)")
    }
  }

  private init(file: File) throws {
    let attributes = file.attributes
    guard try attributes.contains("weft_format"),
      try attributes.value("weft_format", as: String.self) == Checkpoint.format
    else { throw WeftError.failure("is not a Weft checkpoint") }
    let version = try attributes.value("weft_format_version", as: Int.self)
    guard version == Checkpoint.formatVersion else {
      throw WeftError.failure(
        "has checkpoint format \(version); this version of Weft reads format \(Checkpoint.formatVersion)")
    }
    configuration = try Configuration(
      yaml: String(decoding: Checkpoint.read("configuration", as: UInt8.self, file).values, as: UTF8.self),
      name: "/configuration")
    shape = ModelShape(
      input: try attributes.contains("input_tokens")
        ? .tokens(attributes.value("input_tokens", as: Int.self))
        : .features(attributes.value("input_features", as: Int.self)),
      outputs: try attributes.value("outputs", as: Int.self))
    guard shape.outputs > 0, shape.inputSize > 0 else {
      throw WeftError.failure("is damaged: a model cannot have \(shape)")
    }
    vocabularies = try Vocabularies(in: file, check: Checkpoint.checkWholeness)
    preparation =
      try attributes.contains("preparation") ? attributes.value("preparation", as: String.self) : nil
    fingerprint = try Checkpoint.fingerprint(in: file)
    state = try Checkpoint.state(in: file)
    var arrays: [String: Array] = [:]
    try file.root.visit { visit in
      guard visit.child.isDataset else { return }
      let path = String(visit.child.path.dropFirst())
      guard ["scaling", "weights", "average", "optimizer", "state"].contains(path.prefix { $0 != "/" }) else {
        return
      }
      let (values, shape) = try Checkpoint.read(path, as: Float.self, file)
      arrays[path] = Array(values: values, shape: shape)
    }
    self.arrays = arrays.filter { !$0.key.hasPrefix("scaling/") }
    traits = try DataTraits(in: file, scaling: Scaling(arrays)) { try Checkpoint.checkWholeness($0) }
  }

  private static func read<Element: HDF5Element>(
    _ name: String, as type: Element.Type, _ file: File
  ) throws -> (values: [Element], shape: [Int]) {
    let dataset = try file.dataset(name)
    let values = try dataset.read(as: type)
    try checkWholeness(dataset)
    return (values, try dataset.shape)
  }

  /// Checks that all chunks are present. Their index has no checksum, and HDF5 reads missing chunks as zeros.
  private static func checkWholeness(_ dataset: Dataset) throws {
    guard let chunk = dataset.chunkShape else { return }
    let starts = zip(try dataset.shape, chunk).reduce([[]]) { starts, dimension in
      starts.flatMap { start in
        stride(from: 0, to: dimension.0, by: dimension.1).map { start + [$0] }
      }
    }
    for start in starts where try dataset.chunkByteCount(offset: start) == 0 {
      throw WeftError.failure("dataset \(dataset.path): is damaged: the part at \(start) is missing")
    }
  }

  private static func state(in file: File) throws -> TrainingState {
    let attributes = file.attributes
    var state = TrainingState()
    state.step = try attributes.value("step")
    state.epoch = try attributes.value("epoch")
    state.batch = try attributes.value("batch")
    state.hasCarriedState = try attributes.value("has_carried_state", as: Int.self) != 0
    state.reductions = try attributes.value("schedule_reductions")
    state.stalled = try attributes.value("schedule_stalled")
    state.evaluationsWithoutImprovement = try attributes.value("evaluations_without_improvement")
    state.bestLoss = try attributes.value("best_validation_loss")
    state.bestMetric = try attributes.contains("best_metric") ? attributes.value("best_metric") : nil
    state.bestStep = try attributes.value("best_step")
    state.lossSum = try attributes.value("loss_sum")
    state.lossCount = try attributes.value("loss_count")
    state.scheduledStep =
      try attributes.contains("scheduled_step") ? attributes.value("scheduled_step") : state.step
    state.rollbacks = try rollbacks(in: file)
    state.dataChanges = try dataChanges(in: file)
    guard try file.contains("history") else { return state }
    let steps = try read("history/step", as: Int.self, file).values
    let training = try read("history/training_loss", as: Double.self, file).values
    let validation = try read("history/validation_loss", as: Double.self, file).values
    guard training.count == steps.count, validation.count == steps.count else {
      throw WeftError.failure("group /history: its datasets differ in length")
    }
    let metric =
      try file.contains("history/metric") ? read("history/metric", as: Double.self, file).values : nil
    guard metric == nil || metric?.count == steps.count else {
      throw WeftError.failure("group /history: its datasets differ in length")
    }
    state.history = steps.indices.map {
      TrainingState.HistoryEntry(
        step: steps[$0], trainingLoss: training[$0], validationLoss: validation[$0], metric: metric?[$0])
    }
    return state
  }

  private static func rollbacks(in file: File) throws -> [TrainingState.Rollback] {
    guard try file.contains("rollbacks") else { return [] }
    let steps = try read("rollbacks/step", as: Int.self, file).values
    let checkpoints = try read("rollbacks/checkpoint", as: Int.self, file).values
    let scales = try read("rollbacks/learning_rate_scale", as: Double.self, file).values
    guard checkpoints.count == steps.count, scales.count == steps.count else {
      throw WeftError.failure("group /rollbacks: its datasets differ in length")
    }
    return steps.indices.map {
      TrainingState.Rollback(step: steps[$0], checkpoint: checkpoints[$0], learningRateScale: scales[$0])
    }
  }

  private static func fingerprint(in file: File) throws -> DataFingerprint? {
    guard try file.contains("data_fingerprint") else { return nil }
    let text = try read("data_fingerprint", as: UInt8.self, file).values
    guard let fingerprint = try? JSONDecoder().decode(DataFingerprint.self, from: Data(text)) else {
      throw WeftError.failure("dataset /data_fingerprint: is not a fingerprint of data")
    }
    return fingerprint
  }

  private static func dataChanges(in file: File) throws -> [TrainingState.DataChange] {
    guard try file.contains("data_changes") else { return [] }
    let steps = try read("data_changes/step", as: Int.self, file).values
    let dataset = try file.dataset("data_changes/difference")
    let differences = try dataset.read(as: String.self)
    try checkWholeness(dataset)
    guard differences.count == steps.count else {
      throw WeftError.failure("group /data_changes: its datasets differ in length")
    }
    return zip(steps, differences).map { TrainingState.DataChange(step: $0, difference: $1) }
  }
}
