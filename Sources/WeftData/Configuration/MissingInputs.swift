import WeftConfiguration

/// What replaces missing inputs, which are NaN or marked by the conventions of NetCDF.
public enum MissingInputs: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// They are an error.
  case error
  /// Zero, in the units of the file.
  case zero
  /// The mean of the feature over the training split.
  case mean
  /// The feature's latest earlier value in the sequence; before the first, its mean.
  case forward
  /// The mean, and for each feature another one that is 1 where the value is missing and otherwise 0.
  case mask

  /// Whether means are needed.
  package var needsMeans: Bool { [.mean, .forward, .mask].contains(self) }
}
