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

  /// Whether targets are sequences with lengths of their own.
  package var wantsTargetSequences: Bool {
    loss.kind == .temporalClassification || model.kind == .encoderDecoder
  }

  /// All keys, in the order in which they are written and documented.
  static let keys: [ConfigurationKey] =
    DataConfiguration.keys + ModelConfiguration.keys + DecoderConfiguration.keys + LossConfiguration.keys
    + TrainingConfiguration.keys + OptimizerConfiguration.keys + ScheduleConfiguration.keys
    + DecodingConfiguration.keys
}
