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
      throw error.message.hasPrefix("\(path): ") ? error : .model("\(path): \(error.message)")
    } catch {
      throw .model("\(path): \(error)")
    }
  }

  private init(file: File) throws {
    let attributes = file.attributes
    guard try attributes.contains("weft_format"),
      try attributes.value("weft_format", as: String.self) == Checkpoint.format
    else { throw WeftError.model("is not a Weft checkpoint") }
    let version = try attributes.value("weft_format_version", as: Int.self)
    guard version == Checkpoint.formatVersion else {
      throw WeftError.model(
        "has checkpoint format \(version); this version of Weft reads format \(Checkpoint.formatVersion)")
    }
    let budget = FileBudget(of: file.path, expansion: FileBudget.compressedExpansion)
    configuration = try Configuration(
      yaml: String(
        decoding: Checkpoint.read("configuration", as: UInt8.self, file, budget).values, as: UTF8.self),
      name: "/configuration")
    var shape = ModelShape(
      input: try attributes.contains("input_tokens")
        ? .tokens(attributes.value("input_tokens", as: Int.self))
        : .features(attributes.value("input_features", as: Int.self)),
      outputs: try attributes.value("outputs", as: Int.self))
    let sizes = 1...BoundedInteger.maximum
    guard sizes.contains(shape.outputs), sizes.contains(shape.inputSize) else {
      throw WeftError.model("is damaged: a model cannot have \(shape)")
    }
    shape.categories = try Checkpoint.categories(in: file, budget, width: shape.inputSize)
    self.shape = shape
    vocabularies = try Vocabularies(in: file) { try Checkpoint.checkWholeness($0, budget) }
    preparation =
      try attributes.contains("preparation") ? attributes.value("preparation", as: String.self) : nil
    fingerprint = try Checkpoint.fingerprint(in: file, budget)
    state = try Checkpoint.state(in: file, budget)
    var arrays: [String: Array] = [:]
    try file.root.visit { visit in
      try budget.take(objects: 1)
      guard visit.child.isDataset else { return }
      let path = String(visit.child.path.dropFirst())
      guard ["scaling", "weights", "average", "optimizer", "state"].contains(path.prefix { $0 != "/" }) else {
        return
      }
      let (values, shape) = try Checkpoint.read(path, as: Float.self, file, budget)
      arrays[path] = Array(values: values, shape: shape)
    }
    self.arrays = arrays.filter { !$0.key.hasPrefix("scaling/") }
    let scaling = try Checkpoint.scaling(arrays, configuration.data, in: file, budget)
    var traits = try DataTraits(in: file, scaling: scaling) { try Checkpoint.checkWholeness($0, budget) }
    traits.features = try Checkpoint.features(in: file, budget)
    traits.targetNames = try Checkpoint.targetNames(in: file, budget)
    self.traits = traits
  }

  static func scaling(
    _ arrays: [String: Array], _ data: DataConfiguration, in file: File, _ budget: FileBudget
  ) throws -> Scaling {
    Scaling(
      arrays, names: try seriesNames(in: file, budget), seriesKind: data.scalesSeries ? data.scalingKind : nil
    )
  }

  private static func seriesNames(in file: File, _ budget: FileBudget) throws -> [String] {
    guard try file.contains("series_names") else { return [] }
    let text = try read("series_names", as: UInt8.self, file, budget).values
    guard let names = try? JSONDecoder().decode([String].self, from: Data(text)),
      Set(names).count == names.count
    else {
      throw WeftError.model("dataset /series_names: is not a list of different names")
    }
    return names
  }

  static func read<Element: HDF5Element>(
    _ name: String, as type: Element.Type, _ file: File, _ budget: FileBudget
  ) throws -> (values: [Element], shape: [Int]) {
    let dataset = try file.dataset(name)
    let shape = try dataset.shape
    try budget.take(elements: shape, of: MemoryLayout<Element>.stride)
    let values = try dataset.read(as: type)
    try checkWholeness(dataset, budget)
    return (values, shape)
  }

  /// Checks that all chunks are present. Their index has no checksum, and HDF5 reads missing chunks as zeros.
  private static func checkWholeness(_ dataset: Dataset, _ budget: FileBudget) throws {
    guard let chunk = dataset.chunkShape else { return }
    let counts = zip(try dataset.shape, chunk).map { $0 / $1 + ($0.isMultiple(of: $1) ? 0 : 1) }
    guard let count = counts.boundedProduct, count <= maximumChunkCount else {
      throw WeftError.model("dataset \(dataset.path): is in more than \(maximumChunkCount) chunks")
    }
    try budget.take(objects: count)
    if count == 0 { return }
    let starts = zip(try dataset.shape, chunk).reduce([[]]) { starts, dimension in
      starts.flatMap { start in
        stride(from: 0, to: dimension.0, by: dimension.1).map { start + [$0] }
      }
    }
    for start in starts where try dataset.chunkByteCount(offset: start) == 0 {
      throw WeftError.model("dataset \(dataset.path): is damaged: the part at \(start) is missing")
    }
  }

  /// Each chunk is looked up; Weft writes one per array.
  private static let maximumChunkCount = 1 << 16

  private static func state(in file: File, _ budget: FileBudget) throws -> TrainingState {
    let attributes = file.attributes
    func count(_ name: String) throws -> Int {
      try BoundedInteger.checked(attributes.value(name), "is damaged: attribute '\(name)'")
    }
    var state = TrainingState()
    state.step = try count("step")
    state.epoch = try count("epoch")
    state.batch = try count("batch")
    state.hasCarriedState = try attributes.value("has_carried_state", as: Int.self) != 0
    state.reductions = try count("schedule_reductions")
    state.stalled = try count("schedule_stalled")
    state.evaluationsWithoutImprovement = try count("evaluations_without_improvement")
    state.bestLoss = try attributes.value("best_validation_loss")
    state.bestMetric = try attributes.contains("best_metric") ? attributes.value("best_metric") : nil
    state.bestStep = try count("best_step")
    state.lossSum = try attributes.value("loss_sum")
    state.lossCount = try count("loss_count")
    if try attributes.contains("logged_loss_count") {
      state.loggedLossSum = try attributes.value("logged_loss_sum")
      state.loggedLossCount = try count("logged_loss_count")
    }
    state.scheduledStep = try attributes.contains("scheduled_step") ? count("scheduled_step") : state.step
    state.rollbacks = try rollbacks(in: file, budget)
    state.dataChanges = try changes("data_changes", in: file, budget)
    state.configurationChanges = try changes("configuration_changes", in: file, budget)
    if try attributes.contains("started_from") {
      state.startedFrom = try attributes.value("started_from", as: String.self)
    }
    guard try file.contains("history") else { return state }
    let steps = try steps("history/step", in: file, budget)
    let training = try read("history/training_loss", as: Double.self, file, budget).values
    let validation = try read("history/validation_loss", as: Double.self, file, budget).values
    guard training.count == steps.count, validation.count == steps.count else {
      throw WeftError.model("group /history: its datasets differ in length")
    }
    let metric =
      try file.contains("history/metric") ? read("history/metric", as: Double.self, file, budget).values : nil
    guard metric == nil || metric?.count == steps.count else {
      throw WeftError.model("group /history: its datasets differ in length")
    }
    state.history = steps.indices.map {
      TrainingState.HistoryEntry(
        step: steps[$0], trainingLoss: training[$0], validationLoss: validation[$0], metric: metric?[$0])
    }
    return state
  }

  private static func steps(_ name: String, in file: File, _ budget: FileBudget) throws -> [Int] {
    try read(name, as: Int.self, file, budget).values.map { step throws(WeftError) in
      try BoundedInteger.checked(step, "is damaged: a step of /\(name)")
    }
  }

  private static func rollbacks(in file: File, _ budget: FileBudget) throws -> [TrainingState.Rollback] {
    guard try file.contains("rollbacks") else { return [] }
    let steps = try steps("rollbacks/step", in: file, budget)
    let checkpoints = try self.steps("rollbacks/checkpoint", in: file, budget)
    let scales = try read("rollbacks/learning_rate_scale", as: Double.self, file, budget).values
    guard checkpoints.count == steps.count, scales.count == steps.count else {
      throw WeftError.model("group /rollbacks: its datasets differ in length")
    }
    return steps.indices.map {
      TrainingState.Rollback(step: steps[$0], checkpoint: checkpoints[$0], learningRateScale: scales[$0])
    }
  }

  static func categories(
    in file: File, _ budget: FileBudget, width: Int
  ) throws -> [CategoricalFeature] {
    guard try file.contains("input_categories") else { return [] }
    let text = try read("input_categories", as: UInt8.self, file, budget).values
    guard let categories = try? JSONDecoder().decode([CategoricalFeature].self, from: Data(text)),
      CategoricalFeature.areValid(categories, of: width)
    else {
      throw WeftError.model("dataset /input_categories: does not describe categories of the inputs")
    }
    return categories
  }

  private static func features(in file: File, _ budget: FileBudget) throws -> [NamedFeature] {
    guard try file.contains("input_names") else { return [] }
    let text = try read("input_names", as: UInt8.self, file, budget).values
    guard let features = try? JSONDecoder().decode([NamedFeature].self, from: Data(text)),
      features.count <= NamedFeature.maximumCount
    else {
      throw WeftError.model("dataset /input_names: does not name the features of the inputs")
    }
    return features
  }

  /// The names of the columns of the targets; empty without any.
  static func targetNames(in file: File, _ budget: FileBudget) throws -> [String] {
    guard try file.contains("target_names") else { return [] }
    let text = try read("target_names", as: UInt8.self, file, budget).values
    guard let names = try? JSONDecoder().decode([String].self, from: Data(text)),
      names.count <= NamedFeature.maximumCount
    else {
      throw WeftError.model("dataset /target_names: does not name the columns of the targets")
    }
    return names
  }

  static func fingerprint(in file: File, _ budget: FileBudget) throws -> DataFingerprint? {
    guard try file.contains("data_fingerprint") else { return nil }
    let text = try read("data_fingerprint", as: UInt8.self, file, budget).values
    guard let fingerprint = try? JSONDecoder().decode(DataFingerprint.self, from: Data(text)) else {
      throw WeftError.model("dataset /data_fingerprint: is not a fingerprint of data")
    }
    return fingerprint
  }

  private static func changes(
    _ group: String, in file: File, _ budget: FileBudget
  ) throws -> [TrainingState.DataChange] {
    guard try file.contains(group) else { return [] }
    let steps = try steps("\(group)/step", in: file, budget)
    let dataset = try file.dataset("\(group)/difference")
    try budget.take(elements: dataset.shape, of: MemoryLayout<String>.stride)
    let differences = try dataset.read(as: String.self)
    try checkWholeness(dataset, budget)
    guard differences.count == steps.count else {
      throw WeftError.model("group /\(group): its datasets differ in length")
    }
    return zip(steps, differences).map { TrainingState.DataChange(step: $0, difference: $1) }
  }
}
