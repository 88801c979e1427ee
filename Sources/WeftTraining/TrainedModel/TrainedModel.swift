import Foundation
import WeftBase
import WeftData
import WeftModels
import WeftParallel
import WeftTasks
import WeftTensor
import WeftText

/// A trained model loaded from a checkpoint.
public final class TrainedModel {
  /// The configuration of the training run.
  public let configuration: Configuration
  /// The input vocabulary; nil for numeric inputs.
  public var vocabulary: Vocabulary? { vocabularies.inputs }
  /// Preparation of the inputs from images or audio, from the dataset; nil if unknown.
  public let preparation: String?
  /// Optimizer steps of training.
  public let step: Int
  /// Path of the checkpoint.
  public let path: String
  package let vocabularies: Vocabularies
  package let traits: DataTraits
  /// What the model was trained on; nil if that is unknown.
  private let fingerprint: DataFingerprint?
  /// Whether the data of the configuration were found to be that, which takes reading them.
  private var hasCheckedData = false
  package let task: any TrainingTask
  package let executor: Executor

  /// Reads a checkpoint.
  ///
  /// - Parameters:
  ///   - path: A checkpoint file, or a run's folder for its best checkpoint.
  ///   - threads: Number of workers; nil for all available CPUs.
  ///   - precision: Precision of matrix products; nil for that of training.
  /// - Throws: If there is no checkpoint, or it is damaged.
  public init(
    _ path: String, threads: Int? = nil, precision: Precision? = nil
  ) throws(WeftError) {
    let file = try RunFolder.checkpointPath(path)
    let checkpoint = try Checkpoint(reading: file)
    self.path = file
    var configuration = checkpoint.configuration
    if let precision { configuration.model.precision = precision }
    self.configuration = configuration
    vocabularies = checkpoint.vocabularies
    preparation = checkpoint.preparation
    traits = checkpoint.traits
    fingerprint = checkpoint.fingerprint
    step = checkpoint.state.step
    task = try configuration.makeTask(
      fitting: FittedData(
        shape: checkpoint.shape, vocabularies: checkpoint.vocabularies, traits: checkpoint.traits, file: file)
    )
    let model = task.model
    let parameters = Tensor(rows: 1, columns: model.layout.count)
    try checkpoint.restore(checkpoint.evaluatedGroup, into: parameters, layout: model.layout, file: file)
    executor = Executor(
      model, parameters: parameters, engine: try Engine.best(model.layout.dotAlgorithm),
      threads: threads ?? AvailableProcessors.count, lanes: configuration.training.lanes)
  }

  /// Evaluates the model on a split.
  ///
  /// - Parameters:
  ///   - split: Name of the split.
  ///   - file: Another file of the same layout, instead of the training dataset.
  ///   - onProgress: Called after each minibatch is read, with its number and how many there are.
  /// - Throws: If the file or the split cannot be read or does not match the model.
  public func evaluate(
    split: String, file: String? = nil,
    onProgress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(WeftError) -> Evaluation {
    let dataset = try openDataset(split: split, file: file)
    let source = CountedBatches(
      Prefetcher(try dataset.batches(split: split, shuffles: false), repeats: false), onBatch: onProgress)
    let carried = task.makeCarriedState(configuration.training)
    return Evaluation(
      try task.measure(source, carried: carried, fullEvaluation: true, on: executor),
      isText: task.writesText)
  }
}

extension TrainedModel {
  /// The training dataset or another of the same layout, with the scaling of training.
  ///
  /// - Parameters:
  ///   - split: A required split.
  ///   - file: Another file, instead of the training dataset.
  ///   - needsTargets: Whether data without targets are an error.
  /// - Throws: If the file or the split cannot be read or does not match the model.
  package func openDataset(
    split: String, file: String?, needsTargets: Bool = true
  ) throws(WeftError) -> DatasetFile {
    if file == nil { try checkDataAreThere() }
    var configuration = configuration(for: file)
    let dataset = try open(configuration, needsTargets: needsTargets)
    guard dataset.contains(split: split) else {
      let known = configuration.data.split.groups.filter { dataset.contains(split: $0) }
      let suggestion = split.nearest(among: known).map { "; did you mean '\($0)'?" } ?? ""
      throw .data("\(dataset.path): no split '\(split)'\(suggestion)")
    }
    if file == nil { try checkIsTrainingData() }
    configuration.data.split.train = split
    let opened = try open(configuration, needsTargets: needsTargets)
    let shape = try opened.modelShape(task.loss)
    // Without targets, only the inputs can be compared.
    let lacksTargets = needsTargets ? false : try dataset.openSplit(split).targets == nil
    let trained = task.shape
    func failure(_ difference: String) -> WeftError {
      .data("\(dataset.path): group /\(split): \(difference); prepare the data as those of training")
    }
    if shape.input != trained.input {
      throw failure("its inputs are \(shape.input), but \(path) was trained on \(trained.input)")
    }
    let translated = Set(trained.categories.map(\.name))
    if let difference = opened.traits.features.difference(from: traits.features, translated: translated) {
      throw failure(difference)
    }
    let names = traits.targetNames.map { NamedFeature(name: $0) }
    let own = opened.traits.targetNames.map { NamedFeature(name: $0) }
    if !lacksTargets, let difference = own.difference(from: names, translated: [], noun: "targets") {
      throw failure(difference)
    }
    if shape.categories != trained.categories {
      throw failure("its categorical inputs are not those that \(path) was trained on")
    }
    if !lacksTargets, shape.outputs != trained.outputs {
      throw failure("its targets need \(shape.outputs) outputs, but \(path) has \(trained.outputs)")
    }
    // An imported model may have none; then those of data only have the right size.
    guard dataset.vocabularies == vocabularies || vocabularies == Vocabularies() else {
      throw failure("its vocabulary is not the one that \(path) was trained on")
    }
    // Data may have been prepared by other programs, which leave no record.
    if let preparation, let own = dataset.preparation,
      let difference = PreparationDifference.description(of: own, from: preparation)
    {
      throw failure(
        "its inputs were computed differently from those \(path) was trained on (attribute 'preparation'): \(difference)"
      )
    }
    return dataset
  }

  /// Checks that the data of the configuration are those of training: in another folder, or after a while, the same
  /// path may lead to others.
  private func checkIsTrainingData() throws(WeftError) {
    guard let fingerprint, !hasCheckedData else { return }
    var configuration = configuration
    // Another storage of the same values is as good.
    configuration.data.shuffle = false
    let dataset = try DatasetFile(
      configuration, scaling: traits.scaling, classes: traits.classes, categories: task.shape.categories)
    guard dataset.contains(split: configuration.data.split.train) else { return }
    let found = try dataset.fingerprint().differences(from: fingerprint, files: dataset.paths)
    guard let difference = found.first else {
      hasCheckedData = true
      return
    }
    throw .data(
      "\(difference.file): is not what \(path) was trained on: \(difference.description); to read it anyway, name it"
        + " in the command")
  }

  /// The group of a split by its configured name, such as `test`.
  ///
  /// - Parameters:
  ///   - name: Nil for the test split or, if there is only one group, that.
  ///   - file: Another file, instead of the training dataset.
  /// - Throws: If the file cannot be read, or has several splits without one for tests.
  package func group(named name: String?, of file: String?) throws(WeftError) -> String {
    let splits = configuration.data.split
    if let name { return splits.group(named: name) }
    if file == nil { try checkDataAreThere() }
    let dataset = try open(configuration(for: file), needsTargets: false)
    let found = splits.groups.filter { dataset.contains(split: $0) }
    if found.contains(splits.test) { return splits.test }
    if found.isEmpty { return dataset.onlyGroup ?? splits.test }
    guard found.count == 1 else {
      throw .usage("\(dataset.path): has no split '\(splits.test)'; choose one with --split")
    }
    return found[0]
  }

  /// - Throws: If the file of the training data, whose name is relative to the folder of training, is not there.
  private func checkDataAreThere() throws(WeftError) {
    let data = configuration.data
    guard data.files.isEmpty, !data.file.isEmpty, !data.file.hasPrefix("/"), !OutputFile.exists(data.file)
    else { return }
    let here = FileManager.default.currentDirectoryPath
    throw .data(
      "\(path): was trained on '\(data.file)', which is not in \(here); go to the folder in which it was trained, or name the"
        + " file: weft evaluate RUN --data FILE, weft predict RUN FILE")
  }

  func configuration(for file: String?) -> Configuration {
    var configuration = configuration
    if let file { (configuration.data.file, configuration.data.files) = (file, []) }
    // Only training needs weights.
    (configuration.data.weights, configuration.data.sampling) = (nil, nil)
    // What is to be predicted may be unknown, also where each target of training was known.
    configuration.data.allowsMissingTargets = true
    // Data to apply a model to may have other numbers of classes than those it was trained on.
    if configuration.loss.kind.targets == .classes || configuration.loss.kind.targets == .labels,
      configuration.model.outputSize == nil, traits.classes.isEmpty, vocabularies.ofTargets == nil
    {
      configuration.model.outputSize = task.shape.outputs
    }
    return configuration
  }

  func open(_ configuration: Configuration, needsTargets: Bool) throws(WeftError) -> DatasetFile {
    try DatasetFile(
      configuration, scaling: traits.scaling, classes: traits.classes, categories: task.shape.categories,
      needsTargets: needsTargets)
  }
}
