import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftText

/// A kind of task as one value: which configurations ask for it, what it wants of the data, and how it is fitted to them.
///
/// A new task is a file with such a value and its ``TrainingTask``, and a line in ``all``.
package struct TaskType: Sendable {
  /// Such as `classification`.
  package let name: String
  /// Whether a configuration asks for it.
  let isWanted: @Sendable (Configuration) -> Bool
  /// What it compares outputs with.
  var targets: @Sendable (Configuration) -> DataRequirements.Targets = { $0.lossTargets }
  /// Makes the task of some data.
  let make: @Sendable (Configuration, FittedData) throws(WeftError) -> any TrainingTask

  /// Every task there is; the first one that a configuration asks for is its task.
  package static let all: [TaskType] = [
    .forecasting, .transcription, .classification, .writing, .reconstruction, .sequence,
  ]
}

/// What a task is fitted to.
package struct FittedData: Sendable {
  /// What the data demand of the model.
  package let shape: ModelShape
  /// The texts of the data's tokens.
  package let vocabularies: Vocabularies
  /// What else must be known of the data.
  package let traits: DataTraits
  /// The data's file, for errors.
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
  /// What the configuration trains for.
  package var taskType: TaskType {
    TaskType.all.first { $0.isWanted(self) } ?? .sequence
  }

  /// The task that the configuration describes, with a model that fits the data.
  ///
  /// - Throws: If the configuration asks for what the data cannot give.
  package func makeTask(fitting data: FittedData) throws(WeftError) -> any TrainingTask {
    try model.checkMemory(
      of: data.shape, carriedRows: training.carryState ? training.batch : 0, file: data.file)
    return try taskType.make(self, data)
  }

  /// What the task asks of its data.
  package var dataRequirements: DataRequirements {
    DataRequirements(
      targets: taskType.targets(self), lossName: loss.kind.name,
      hasOutputPerStep: model.output == .everyStep, batch: training.batch, seed: training.seed,
      carriesState: training.carryState, resetEvery: training.resetStateEvery)
  }

  /// What a loss compares outputs with, where they are not sequences to write.
  var lossTargets: DataRequirements.Targets {
    switch loss.kind.targets {
    case .classes: .classes(count: model.outputSize)
    case .labels: .labels(count: model.outputSize, blank: loss.blank)
    case .values(let range): .values(range)
    }
  }
}

extension DatasetFile {
  /// The data that a configuration describes.
  ///
  /// - Parameters: As `init(_:requirements:threads:scaling:)`.
  /// - Throws: If the file is missing, is no HDF5 file, or its vocabulary cannot be read.
  package init(
    _ configuration: Configuration, threads: Int = AvailableProcessors.count, scaling: Scaling? = nil
  ) throws(WeftError) {
    try self.init(
      configuration.data, requirements: configuration.dataRequirements, threads: threads, scaling: scaling)
  }

  /// What the training split demands of a model.
  ///
  /// - Throws: If the split cannot be read, or does not hold what the task asks for.
  package func modelShape(_ loss: Loss) throws(WeftError) -> ModelShape {
    let shape = try shape()
    return ModelShape(input: shape.inputs, outputs: loss.outputs(for: shape.targets))
  }

  /// What a task is fitted to.
  ///
  /// - Throws: As `modelShape`.
  package func fittedData(_ loss: Loss) throws(WeftError) -> FittedData {
    FittedData(shape: try modelShape(loss), vocabularies: vocabularies, traits: traits, file: path)
  }
}
