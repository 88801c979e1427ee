import WeftConfiguration
import WeftData
import WeftLayers
import WeftModels

/// Everything a training run is determined by, besides the data itself.
///
/// A configuration is read from a YAML file, may be changed by `key=value` overrides, and is stored as YAML in
/// every checkpoint. ``reference`` documents every key.
public struct Configuration: Equatable, Sendable {
  /// What to train on.
  public var data = DataConfiguration()
  /// The network.
  public var model = ModelConfiguration()
  /// The part of the network that writes sequences, if it has one.
  public var decoder = DecoderConfiguration()
  /// How it writes once it is trained.
  public var decoding = DecodingConfiguration()
  /// What to minimise.
  public var loss = LossConfiguration()
  /// How long and in what portions to train, and what to record.
  public var training = TrainingConfiguration()
  /// The rule that updates the parameters.
  public var optimizer = OptimizerConfiguration()
  /// The learning rate over time.
  public var schedule = ScheduleConfiguration()

  /// A configuration of defaults. Required keys are not filled in: see ``validate()``.
  public init() {}

}

extension Configuration: ConfigurationRoot {
  /// All keys, in the order in which they are written and documented.
  package static let keys: [ConfigurationKey<Configuration>] =
    DataConfiguration.keys.map { $0.placed(in: "data", \.data) }
    + ModelConfiguration.keys.map { $0.placed(in: "model", \.model) }
    + DecoderConfiguration.keys.map { $0.placed(in: "decoder", \.decoder) }
    + LossConfiguration.keys.map { $0.placed(in: "loss", \.loss) }
    + TrainingConfiguration.keys.map { $0.placed(in: "training", \.training) }
    + OptimizerConfiguration.keys.map { $0.placed(in: "optimizer", \.optimizer) }
    + ScheduleConfiguration.keys.map { $0.placed(in: "schedule", \.schedule) }
    + DecodingConfiguration.keys.map { $0.placed(in: "decoding", \.decoding) }

  package static let documentRules: [ConfigurationRule<Configuration>] = [
    ConfigurationRule("data.file", "is missing; name the HDF5 file here, or several in 'files'") {
      $0.data.file.isEmpty && $0.data.files.isEmpty
    }
  ]
}
