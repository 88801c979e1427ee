import WeftConfiguration
import WeftData
import WeftLayers
import WeftModels

/// All settings of a training run. Together with the data, they determine its result.
///
/// A configuration is read from a YAML file and `key=value` overrides, and is stored as YAML in every checkpoint.
/// ``reference`` documents every key.
public struct Configuration: Equatable, Sendable {
  /// The dataset and how it is read.
  public var data = DataConfiguration()
  /// The network.
  public var model = ModelConfiguration()
  /// The decoder, in encoder-decoders and autoencoders.
  public var decoder = DecoderConfiguration()
  /// Sequence generation with a trained decoder.
  public var decoding = DecodingConfiguration()
  /// The loss.
  public var loss = LossConfiguration()
  /// Length of training, minibatches, evaluation and logging.
  public var training = TrainingConfiguration()
  /// The optimizer.
  public var optimizer = OptimizerConfiguration()
  /// The learning-rate schedule.
  public var schedule = ScheduleConfiguration()

  /// The defaults. Keys that a file requires have no meaningful default.
  public init() {}
}

extension Configuration: ConfigurationRoot {
  /// All keys, in the order of the reference.
  package static let keys: [ConfigurationKey<Configuration>] =
    DataConfiguration.keys.map { $0.placed(in: "data", \.data) }
    + ModelConfiguration.keys.map { $0.placed(in: "model", \.model) }
    + DecoderConfiguration.keys.map { $0.placed(in: "decoder", \.decoder) }
    + LossConfiguration.keys.map { $0.placed(in: "loss", \.loss) }
    + TrainingConfiguration.keys.map { $0.placed(in: "training", \.training) }
    + ModelConfiguration.trainingKeys.map { $0.placed(in: "training", \.model) }
    + OptimizerConfiguration.keys.map { $0.placed(in: "optimizer", \.optimizer) }
    + ScheduleConfiguration.keys.map { $0.placed(in: "schedule", \.schedule) }
    + DecodingConfiguration.keys.map { $0.placed(in: "decoding", \.decoding) }

  package mutating func setDefaults(given: Set<String>) {
    if training.defaults < 2, !given.contains("model.embedding_initialization") {
      model.embeddingInitialization = .scaled
    }
  }

  package static let documentRules: [ConfigurationRule<Configuration>] = [
    ConfigurationRule("data.file", "missing; set it to the HDF5 file, or set 'files'") {
      $0.data.file.isEmpty && $0.data.files.isEmpty
    }
  ]
}
