import WeftBase
import WeftData
import WeftParallel
import WeftTasks
import WeftTensor
import WeftText

/// A model from a checkpoint, to evaluate or to generate with.
public final class TrainedModel {
  /// The configuration it was trained with.
  public let configuration: Configuration
  /// The tokens that it reads; nil if it reads numbers.
  public var vocabulary: Vocabulary? { vocabularies.inputs }
  /// How its inputs were made from images or sounds, as its dataset told; nil where nothing is known of that.
  public let preparation: String?
  /// Optimizer steps it was trained for.
  public let step: Int
  /// The checkpoint's file.
  public let path: String
  package let vocabularies: Vocabularies
  package let traits: DataTraits
  package let task: any TrainingTask
  package let executor: Executor

  /// Reads a checkpoint.
  ///
  /// - Parameters:
  ///   - path: A checkpoint's file, or a run's folder for its best one.
  ///   - threads: Workers; nil for as many as there are processors that the process may use.
  /// - Throws: If there is no checkpoint, or it is damaged.
  public init(_ path: String, threads: Int? = nil) throws(WeftError) {
    let file = try RunFolder.checkpointPath(path)
    let checkpoint = try Checkpoint(reading: file)
    self.path = file
    configuration = checkpoint.configuration
    vocabularies = checkpoint.vocabularies
    preparation = checkpoint.preparation
    traits = checkpoint.traits
    step = checkpoint.state.step
    task = try configuration.makeTask(
      fitting: FittedData(
        shape: checkpoint.shape, vocabularies: checkpoint.vocabularies, traits: checkpoint.traits, file: file)
    )
    let model = task.model
    let parameters = Tensor(rows: 1, columns: model.layout.count)
    let group = configuration.training.averageDecay > 0 ? "average" : "weights"
    try checkpoint.restore(group, into: parameters, layout: model.layout, file: file)
    executor = Executor(
      model, parameters: parameters, engine: try Engine.best(),
      threads: threads ?? AvailableProcessors.count, lanes: configuration.training.lanes)
  }

  /// The losses of a split of the data that the model was trained on.
  ///
  /// - Parameters:
  ///   - split: The group's name.
  ///   - file: Another file of the same layout in place of the configuration's.
  /// - Throws: If the file or the split cannot be read or does not fit the model.
  public func evaluate(split: String, file: String? = nil) throws(WeftError) -> Evaluation {
    let dataset = try openDataset(split: split, file: file)
    let source = Prefetcher(try dataset.batches(split: split, shuffles: false), repeats: false)
    let carried = task.makeCarriedState(configuration.training)
    return Evaluation(
      try task.measure(source, carried: carried, fullEvaluation: true, on: executor),
      isText: vocabularies.ofTargets != nil)
  }
}

extension TrainedModel {
  /// The data that the model was trained on, or others of the same layout, scaled as those were.
  ///
  /// - Parameters:
  ///   - split: A group that must be there.
  ///   - file: Another file in place of the configuration's.
  /// - Throws: If the file or the split cannot be read or does not fit the model.
  package func openDataset(split: String, file: String?) throws(WeftError) -> DatasetFile {
    var configuration = configuration
    if let file { (configuration.data.file, configuration.data.files) = (file, []) }
    let dataset = try DatasetFile(configuration, scaling: traits.scaling)
    guard dataset.contains(split: split) else {
      throw .failure("\(dataset.path): there is no split '\(split)'")
    }
    configuration.data.split.train = split
    let shape = try DatasetFile(configuration, scaling: traits.scaling).modelShape(task.loss)
    guard shape == task.shape, dataset.vocabularies == vocabularies else {
      throw .failure("\(dataset.path): its inputs and targets are not those that \(path) was trained on")
    }
    return dataset
  }
}
