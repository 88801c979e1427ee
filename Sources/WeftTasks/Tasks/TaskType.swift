import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftText

/// A type of task: the configurations that select it, its requirements on the data, and how it is created.
///
/// A new task is a file with such a value and its ``TrainingTask``, and an entry in ``all``.
package struct TaskType: Sendable {
  /// For example `classification`.
  package let name: String
  /// Whether a configuration selects it.
  let isWanted: @Sendable (Configuration) -> Bool
  /// Kind of targets.
  var targets: @Sendable (Configuration) -> DataRequirements.Targets = { $0.lossTargets }
  /// Creates the task for a dataset.
  let make: @Sendable (Configuration, FittedData) throws(WeftError) -> any TrainingTask

  /// All tasks; the first one that a configuration selects is its task.
  package static let all: [TaskType] = [
    .forecasting, .transcription, .classification, .writing, .reconstruction, .sequence,
  ]
}

/// Properties of a dataset from which a task is created.
package struct FittedData: Sendable {
  /// Input and output sizes of the model.
  package let shape: ModelShape
  /// Vocabularies of the data.
  package let vocabularies: Vocabularies
  /// Class names and scaling.
  package let traits: DataTraits
  /// The file of the dataset, for errors.
  package let file: String

  package init(
    shape: ModelShape, vocabularies: Vocabularies, traits: DataTraits = DataTraits(), file: String
  ) {
    self.shape = shape
    self.vocabularies = vocabularies
    self.traits = traits
    self.file = file
  }
}

extension Configuration {
  /// The task type of the configuration.
  package var taskType: TaskType {
    TaskType.all.first { $0.isWanted(self) } ?? .sequence
  }

  /// Creates the task of the configuration, with a model for the data.
  ///
  /// - Throws: If the configuration does not fit the data.
  package func makeTask(fitting data: FittedData) throws(WeftError) -> any TrainingTask {
    try model.checkMemory(
      of: data.shape, carriedRows: training.carryState ? training.batch : 0, file: data.file)
    return try taskType.make(self, data)
  }

  /// Requirements of the task on its data.
  package var dataRequirements: DataRequirements {
    DataRequirements(
      targets: taskType.targets(self), lossName: loss.kind.name,
      hasOutputPerStep: model.hasOutputPerStep, batch: training.batch, seed: training.seed,
      carriesState: training.carryState, resetEvery: training.resetStateEvery)
  }

  /// Targets of the loss, except for decoders.
  var lossTargets: DataRequirements.Targets {
    switch loss.kind.targets {
    case .classes: .classes(count: model.outputSize)
    case .labels: .labels(count: model.outputSize, blank: loss.blank)
    case .values(let range): .values(range)
    }
  }
}

extension DatasetFile {
  /// Opens the dataset of a configuration.
  ///
  /// - Parameters: As `init(_:requirements:threads:scaling:classes:categories:)`; whether data without targets are an
  ///   error; called as all data are read, to scale them.
  /// - Throws: If the file is missing, is not an HDF5 file, or its vocabulary cannot be read.
  package init(
    _ configuration: Configuration, threads: Int = AvailableProcessors.count, scaling: Scaling? = nil,
    classes: [String]? = nil, categories: [CategoricalFeature]? = nil, needsTargets: Bool = true,
    onProgress: @escaping (DataProgress) -> Void = { _ in }
  ) throws(WeftError) {
    var requirements = configuration.dataRequirements
    requirements.needsTargets = needsTargets
    try self.init(
      configuration.data, requirements: requirements, threads: threads, scaling: scaling, classes: classes,
      categories: categories, onProgress: onProgress)
  }

  /// Input and output sizes of a model for the training split.
  ///
  /// - Throws: If the split cannot be read, or does not meet the task's requirements.
  package func modelShape(_ loss: Loss) throws(WeftError) -> ModelShape {
    let shape = try shape()
    return ModelShape(
      input: shape.inputs, outputs: loss.outputs(for: shape.targets), categories: shape.categories)
  }

  /// Properties from which a task is created.
  ///
  /// - Throws: As `modelShape`.
  package func fittedData(_ loss: Loss) throws(WeftError) -> FittedData {
    FittedData(shape: try modelShape(loss), vocabularies: vocabularies, traits: traits, file: path)
  }
}
