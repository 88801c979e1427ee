import WeftConfiguration

/// Sequence generation with a trained decoder.
public struct DecodingConfiguration: Equatable, Sendable {
  /// Beam width; 1 is greedy decoding. Evaluations during training are greedy.
  public var beam = 5
  /// α of the length penalty ((5 + length) / 6)^α by which log-probabilities are divided (Wu et al. 2016); 0 disables
  /// it.
  public var lengthPenalty = 0.6
  /// Maximum output length in tokens.
  public var maximumLength = 100
  /// Number of validation sequences decoded at each evaluation, from the start of the split; 0 for all.
  public var validationSequences = 500

  /// The widest beam; memory and time grow with it.
  package static let maximumBeam = 4096

  /// The defaults.
  public init() {}

  package static let keys: [ConfigurationKey<DecodingConfiguration>] = [
    ConfigurationKey(
      "beam", \.beam, .from(1, atMost: maximumBeam), changesResult: false,
      "Beam width; 1 is greedy decoding. Evaluations during training are greedy."),
    ConfigurationKey(
      "length_penalty", \.lengthPenalty, .atLeast(0), changesResult: false,
      "α of the length penalty ((5 + length) / 6)^α by which log-probabilities are divided (Wu et al."
        + " 2016); 0 disables it."),
    ConfigurationKey(
      "maximum_length", \.maximumLength, .from(1, atMost: 1_000_000), "Maximum output length in tokens."),
    ConfigurationKey(
      "validation_sequences", \.validationSequences, .atLeast(0),
      "Number of validation sequences decoded at each evaluation, from the start of the split; 0 for"
        + " all."),
  ]
}
