import WeftConfiguration

/// What to train on.
public struct DataConfiguration: Equatable, Sendable {
  /// The HDF5 file. Once read from a configuration file, the path is relative to the working directory.
  public var file = ""
  /// Several HDF5 files as one dataset, in the order of their names; `*` and `?` stand for any characters.
  public var files: [String] = []
  /// How sequences are laid out in the file.
  public var format = DataFormat.auto
  /// Names of the input datasets within a split; empty for those the format implies.
  public var inputs: [String] = []
  /// Name of the target dataset within a split.
  public var targets: String?
  /// Name of the dataset that holds where each ragged sequence begins.
  public var offsets: String?
  /// Name of the dataset that holds the length of each padded sequence.
  public var lengths: String?
  /// Name of the dataset that holds where the targets of each sequence begin.
  public var targetOffsets: String?
  /// Name of the dataset that holds the number of targets of each sequence.
  public var targetLengths: String?
  /// Whether targets of NaN are missing rather than an error.
  public var allowsMissingTargets = false
  /// Whether numbers are brought to a mean of 0 and a deviation of 1.
  public var standardizes = false
  /// Steps that a forecast looks back on.
  public var context: Int?
  /// Steps that are forecast; nil for no forecast.
  public var horizon: Int?
  /// Steps after which a series that is forecast repeats itself; nil to forecast its values as they are.
  public var season: Int?
  /// Names of the datasets that are known in advance, beside the series.
  public var covariates: [String] = []
  /// Time steps in a window of a stream.
  public var window: Int?
  /// Steps from the start of one training window of a stream to that of the next; nil for a window's length.
  public var stride: Int?
  /// Whether sequences are visited in a new order in each epoch.
  public var shuffle = true
  /// Minibatches among which shuffled sequences are dealt by length; 0 for none.
  public var bucketMinibatches = 0
  /// Memory for what is read ahead, and with it the number of sequences that are shuffled at a time.
  public var memoryBudget = ByteCount(256 << 20)
  /// Names of the groups that hold the splits.
  public var split = SplitConfiguration()

  /// The defaults.
  public init() {}

  package static let keys: [ConfigurationKey<DataConfiguration>] =
    [
      ConfigurationKey(
        "file", \.file, changesResult: false,
        "The HDF5 file, relative to the configuration file. This or `data.files` is required."),
      ConfigurationKey(
        "files", \.files, changesResult: false,
        "Several HDF5 files as one dataset, such as `data/*.h5`, in the order of their names."),
      ConfigurationKey(
        "format", \.format,
        "How sequences are laid out: `dense` [sequences, time, features]; `ragged`, values one after the other"
          + " with offsets; `stream`, one long sequence. `auto` looks at the file."),
      ConfigurationKey(
        "inputs", \.inputs,
        "The input datasets within a split, side by side when there are several; or their paths from the root, as"
          + " `/features`, with `{split}` for the split's name. Left out: those that the format implies."),
      ConfigurationKey(
        "targets", \.targets,
        "The target dataset within a split. Left out: `targets` where the split holds it, else the next input."
      ),
      ConfigurationKey(
        "offsets", \.offsets,
        "Where each ragged sequence begins, and the end of the last."),
      ConfigurationKey(
        "lengths", \.lengths, "The length of each sequence of a padded dense dataset."),
      ConfigurationKey(
        "target_offsets", \.targetOffsets,
        "Where each sequence's targets begin, and the end of the last, of target sequences with lengths of their own."
          + " Left out: `target_offsets` where the split holds it."),
      ConfigurationKey(
        "target_lengths", \.targetLengths,
        "The number of each sequence's targets, of target sequences in a padded dense dataset. Left out:"
          + " `target_lengths` where the split holds it."),
      ConfigurationKey(
        "missing_targets", \.allowsMissingTargets,
        "Take targets of NaN to be missing: they do not count. Otherwise they are an error."),
      ConfigurationKey(
        "standardize", \.standardizes,
        "Subtract each feature's mean from inputs and targets that are numbers, and divide by its deviation, both over"
          + " the training split. Forecasts are given in the series' own units."),
      ConfigurationKey(
        "horizon", \.horizon, .atLeast(1),
        "Steps to forecast of a stream, or of each of several ragged series. With `model.output: every-step` forecasts are fed back step by step, otherwise"
          + " all steps are forecast at once."),
      ConfigurationKey(
        "context", \.context, .atLeast(1), "Steps that a forecast looks back on."),
      ConfigurationKey(
        "season", \.season, .atLeast(1),
        "Forecast how a series differs from what it was so many steps before, such as 24 of hours, in place of its values."
          + " Only where all steps are forecast at once."),
      ConfigurationKey(
        "covariates", \.covariates,
        "Datasets beside the series that are known in advance, such as the hour of the day: a step reads those of the next"
          + " one. They are not standardised."),
      ConfigurationKey(
        "window", \.window, .atLeast(1),
        "Time steps in one window of a stream, the reach of its back-propagation through time."),
      ConfigurationKey(
        "stride", \.stride, .atLeast(1),
        "Steps from the start of one training window of a stream to that of the next, fewer than `window` to see steps in"
          + " several places. Left out: `window`."),
      ConfigurationKey("shuffle", \.shuffle, "Visit the sequences in a new order in each epoch."),
      ConfigurationKey(
        "bucket_minibatches", \.bucketMinibatches, .atLeast(0),
        "Deal the shuffled sequences of so many minibatches to them by length, and visit these in random order; 0 for"
          + " by chance alone."),
      ConfigurationKey(
        "memory_budget", \.memoryBudget, .atLeast(ByteCount(1 << 20)),
        "Memory for what is read ahead. Three sixteenths of it hold what is shuffled together, so it changes the order"
          + " of data that are larger than that."),
    ] + SplitConfiguration.keys.map { $0.placed(in: "split", \.split) }
}

/// Names of the groups that hold the splits.
public struct SplitConfiguration: Equatable, Sendable {
  /// The group to train on.
  public var train = "train"
  /// The group to validate on.
  public var validation = "validation"
  /// The group that is kept for the final evaluation.
  public var test = "test"

  /// The defaults.
  public init() {}

  static let keys: [ConfigurationKey<SplitConfiguration>] = [
    ConfigurationKey("train", \.train, "The group to train on."),
    ConfigurationKey(
      "validation", \.validation,
      "The group to validate on; a file without it trains without validation."),
    ConfigurationKey("test", \.test, "The group that is kept for the final evaluation."),
  ]
}

/// How sequences are laid out in a file.
public enum DataFormat: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Whatever the file looks like.
  case auto
  /// One dataset [sequences, time, features].
  case dense
  /// Values of all sequences one after the other, with offsets.
  case ragged
  /// One long sequence, cut into windows.
  case stream
}
