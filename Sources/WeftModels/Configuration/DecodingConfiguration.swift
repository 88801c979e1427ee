import WeftConfiguration

/// How a decoder writes once it is trained.
public struct DecodingConfiguration: Equatable, Sendable {
  /// Sequences that are extended at the same time.
  public var beam = 5
  /// How much longer sequences are favoured.
  public var lengthPenalty = 0.6
  /// Tokens after which a sequence ends.
  public var maximumLength = 100
  /// Sequences of the validation split that are written at each evaluation; 0 for all.
  public var validationSequences = 500

  /// The defaults.
  public init() {}

  package static let keys: [ConfigurationKey<DecodingConfiguration>] = [
    ConfigurationKey(
      "beam", \.beam, .atLeast(1), changesResult: false,
      "Sequences that beam search extends at the same time; 1 always takes the likeliest token. Evaluations during"
        + " training use 1."),
    ConfigurationKey(
      "length_penalty", \.lengthPenalty, .atLeast(0), changesResult: false,
      "α of the length penalty ((5 + length) / 6)^α that log-probabilities are divided by (Wu et al. 2016); 0 for"
        + " none."),
    ConfigurationKey(
      "maximum_length", \.maximumLength, .atLeast(1),
      "Tokens after which a sequence is cut off."),
    ConfigurationKey(
      "validation_sequences", \.validationSequences, .atLeast(0),
      "Sequences of the validation split that are written at each evaluation, from its start; 0 for all."),
  ]
}
