import WeftBase
import WeftConfiguration

/// The dataset and how it is read.
public struct DataConfiguration: Equatable, Sendable {
  /// The HDF5 file.
  ///
  /// Once read from a configuration file, the path is relative to the working directory.
  public var file = ""
  /// Several HDF5 files as one dataset, such as `data/*.h5`, in the order of their names; `*` and `?` are
  /// wildcards.
  public var files: [String] = []
  /// Sequence layout.
  public var format = DataFormat.auto
  /// The input datasets within a split, concatenated if there are several.
  public var inputs: [String] = []
  /// Datasets with one row for each sequence, which all its steps have as further inputs.
  public var staticInputs: [String] = []
  /// Inputs that are numbers of categories, each read through an embedding of its own.
  public var categories: [String] = []
  /// Number of tokens, where the file has no `/vocabulary`.
  public var vocabularySize: Int?
  /// The target dataset within a split, or in another file.
  public var targets: String?
  /// The dataset of ragged offsets: the start of each sequence, followed by the end of the last.
  public var offsets: String?
  /// The dataset of lengths in a padded dense layout: the number of steps of each sequence.
  public var lengths: String?
  /// The number that fills the steps after the end of a dense sequence in all features, such as 0 or -1, or the token
  /// that does.
  public var padding: Double?
  /// The dataset of the name of each sequence, texts or integers. (default: `names` if the split contains it)
  public var names: String?
  /// The dataset of offsets of ragged target sequences.
  public var targetOffsets: String?
  /// The dataset of lengths of padded target sequences. (default: `target_lengths` if the split contains it)
  public var targetLengths: String?
  /// Treat NaN targets as missing and ignore them; otherwise they are an error.
  public var allowsMissingTargets = false
  /// The dataset of 1 or 0 for each target, or Booleans.
  public var mask: String?
  /// The dataset of weights of the targets in training: one for each sequence or each step, as there are targets.
  public var weights: String?
  /// Draw the sequences of an epoch at random, with replacement.
  public var sampling: String?
  /// What replaces missing numeric inputs (NaN).
  public var missingInputs = MissingInputs.error
  /// Standardize numeric inputs and targets.
  public var standardizes = false
  /// Scaling of numeric inputs and targets, by numbers of the training split.
  public var scaling: ScalingKind?
  /// Whether scaling is the same for all `data`, or each `series` (a sequence, such as a sensor or a recording) is scaled
  /// by its own values.
  public var scalingBy = ScalingExtent.data
  /// The level of each window's context that forecasts and their inputs are relative to: its mean or last value.
  public var relativeTo = WindowLevel.none
  /// Take ratios to the level of `relative_to`, for positive series, rather than differences from it.
  public var ratios = false
  /// Normalization of forecasts and their inputs by each window's context.
  public var normalization = WindowNormalization.none
  /// Steps of history that a forecast is computed from.
  public var context: Int?
  /// Fewest steps of history, of forecasts near the beginning of a series.
  public var leastContext: Int?
  /// Steps to forecast, of a stream or of each ragged series.
  public var horizon: Int?
  /// Season length: forecast the difference from the value this many steps earlier.
  public var season: Int?
  /// Datasets known in advance, such as the hour of the day.
  public var covariates: [String] = []
  /// Steps between the forecasts that an evaluation makes. (default: `horizon`)
  public var evaluationStride: Int?
  /// Later steps whose covariates each step reads. (default: `horizon` if all steps are forecast at once, otherwise 1)
  public var knownAhead: Int?
  /// Time steps per window of a stream; the length of truncated backpropagation through time.
  public var window: Int?
  /// Steps between the starts of consecutive training windows.
  public var stride: Int?
  /// Visit the sequences in a new order each epoch.
  public var shuffle = true
  /// Bucket size, in minibatches, for grouping shuffled sequences of similar length; 0 disables bucketing.
  public var bucketMinibatches = 0
  /// Memory for prefetching.
  public var memoryBudget = ByteCount(256 << 20)
  /// Names of the splits' groups.
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
        "Several HDF5 files as one dataset, such as `data/*.h5`, in the order of their names; `*` and"
          + " `?` are wildcards."),
      ConfigurationKey(
        "format", \.format,
        "Sequence layout: `dense` [sequences, time, features]; `ragged`, concatenated sequences with"
          + " offsets; `stream`, one long sequence; `auto` detects it from the file."),
      ConfigurationKey(
        "inputs", \.inputs,
        "The input datasets within a split, concatenated if there are several; or paths from the root,"
          + " such as `/features`, with `{split}` for the name of the split. (default: those of the layout)"),
      ConfigurationKey(
        "static", \.staticInputs,
        "Datasets with one row for each sequence, which all its steps have as further inputs."),
      ConfigurationKey(
        "categories", \.categories,
        "Inputs that are numbers of categories, each read through an embedding of its own (`model.embeddings`):"
          + " datasets among `inputs`, `static` and `covariates`, or the names of columns of a table. Tokens beside"
          + " other inputs are categories in any case."),
      ConfigurationKey(
        "vocabulary_size", \.vocabularySize, .from(1, atMost: CategoricalFeature.maximumCount),
        "Number of tokens, where the file has no `/vocabulary`."),
      ConfigurationKey(
        "targets", \.targets,
        "The target dataset within a split, or in another file: `labels.h5:/y`, relative to the data file, where"
          + " `{file}` stands for the data file's name without its ending. (default: `targets` if the split"
          + " contains it, otherwise the next input)"),
      ConfigurationKey(
        "offsets", \.offsets,
        "The dataset of ragged offsets: the start of each sequence, followed by the end of the last."),
      ConfigurationKey(
        "lengths", \.lengths,
        "The dataset of lengths in a padded dense layout: the number of steps of each sequence."),
      ConfigurationKey(
        "padding", \.padding,
        "The number that fills the steps after the end of a dense sequence in all features, such as 0 or -1, or the token"
          + " that does. Lengths follow from it, as Keras's masks do. (default: missing numbers alone, NaN)"),
      ConfigurationKey(
        "names", \.names,
        "The dataset of the name of each sequence, texts or integers. (default: `names` if the split contains it)"
      ),
      ConfigurationKey(
        "target_offsets", \.targetOffsets,
        "The dataset of offsets of ragged target sequences: the start of each, followed by the end of"
          + " the last. (default: `target_offsets` if the split contains it)"),
      ConfigurationKey(
        "target_lengths", \.targetLengths,
        "The dataset of lengths of padded target sequences. (default: `target_lengths` if the split"
          + " contains it)"),
      ConfigurationKey(
        "missing_targets", \.allowsMissingTargets,
        "Treat NaN targets as missing and ignore them; otherwise they are an error."),
      ConfigurationKey(
        "mask", \.mask,
        "The dataset of 1 or 0 for each target, or Booleans: targets with 0 are ignored. Like `targets`, it may"
          + " be in another file: `masks.h5:/mask`."),
      ConfigurationKey(
        "weights", \.weights,
        "The dataset of weights of the targets in training: one for each sequence or each step, as there are targets."
          + " Evaluations are not weighted. (default: 1)"),
      ConfigurationKey(
        "sampling", \.sampling,
        "Draw the sequences of an epoch at random, with replacement: `balanced`, so that every class is as likely; or the"
          + " name of a dataset with one number for each sequence, to which its probability is proportional. Draws are"
          + " anywhere in the file. (default: visit each sequence once)"),
      ConfigurationKey(
        "missing_inputs", \.missingInputs,
        "What replaces missing numeric inputs (NaN): `error`, nothing; `zero`; `mean`, of the feature in the"
          + " training split; `forward`, the latest earlier value in the sequence; `mask`, the mean, with another"
          + " feature for each that is 1 where it is missing. Missing steps at the end of a dense sequence are"
          + " padding."),
      ConfigurationKey(
        "standardize", \.standardizes,
        "Standardize numeric inputs and targets: subtract each feature's mean and divide by its"
          + " standard deviation, both over the training split. Forecasts are given in the original units."),
      ConfigurationKey(
        "scaling", \.scaling,
        "Scaling of numeric inputs and targets, by numbers of the training split: `standard` as `standardize`; `min-max`,"
          + " to values between 0 and 1; `robust`, by median and interquartile range. (default: `standard` with"
          + " `standardize`, otherwise `none`)"),
      ConfigurationKey(
        "scaling_by", \.scalingBy,
        "Whether scaling is the same for all `data`, or each `series` (a sequence, such as a sensor or a recording) is"
          + " scaled by its own values. One that training knows by its name (`names`) has the scale that it had there,"
          + " any other that of the split it is in. Forecasts are given in the original units."),
      ConfigurationKey(
        "relative_to", \.relativeTo,
        "The level of each window's context that forecasts and their inputs are relative to: its mean or last value."
          + " For series that grow or differ in level. Forecasts are given in the original units."),
      ConfigurationKey(
        "ratios", \.ratios,
        "Take ratios to the level of `relative_to`, for positive series, rather than differences from it."),
      ConfigurationKey(
        "normalization", \.normalization,
        "Normalization of forecasts and their inputs by each window's context: `window` subtracts its mean, or its last"
          + " value with `relative_to: last`, and divides by its standard deviation, each feature by its own. For series"
          + " of different levels and sizes. Forecasts are given in the original units."),
      ConfigurationKey(
        "horizon", \.horizon, .atLeast(1),
        "Steps to forecast, of a stream or of each ragged series. With `model.output: every-step`"
          + " forecasts are fed back step by step; otherwise all steps are forecast at once."),
      ConfigurationKey(
        "context", \.context, .atLeast(1),
        "Steps of history that a forecast is computed from."),
      ConfigurationKey(
        "least_context", \.leastContext, .atLeast(1),
        "Fewest steps of history, of forecasts near the beginning of a series: those before it are left out. For many"
          + " series, of which some are short. Only if all steps are forecast at once. (default: `context`)"),
      ConfigurationKey(
        "season", \.season, .atLeast(1),
        "Season length: forecast the difference from the value this many steps earlier, such as 24 for"
          + " hourly data. Only if all steps are forecast at once."),
      ConfigurationKey(
        "covariates", \.covariates,
        "Datasets known in advance, such as the hour of the day; each step reads those of the steps that are"
          + " forecast from it. `standardize` and `scaling` scale those whose mean or deviation is above 2; others, such"
          + " as flags and sines, stay as they are."),
      ConfigurationKey(
        "evaluation_stride", \.evaluationStride, .atLeast(1),
        "Steps between the forecasts that an evaluation makes. (default: `horizon`)"),
      ConfigurationKey(
        "known_ahead", \.knownAhead, .atLeast(1),
        "Later steps whose covariates each step reads. (default: `horizon` if all steps are forecast at once,"
          + " otherwise 1)"),
      ConfigurationKey(
        "window", \.window, .atLeast(1),
        "Time steps per window of a stream; the length of truncated backpropagation through time."),
      ConfigurationKey(
        "stride", \.stride, .atLeast(1),
        "Steps between the starts of consecutive training windows; less than `window` for overlapping"
          + " windows. (default: `window`)"),
      ConfigurationKey("shuffle", \.shuffle, "Visit the sequences in a new order each epoch."),
      ConfigurationKey(
        "bucket_minibatches", \.bucketMinibatches, .atLeast(0),
        "Bucket size, in minibatches, for grouping shuffled sequences of similar length; 0 disables"
          + " bucketing."),
      ConfigurationKey(
        "memory_budget", \.memoryBudget, .atLeast(ByteCount(1 << 20)),
        "Memory for prefetching. Three sixteenths of it hold the sequences shuffled together, so it"
          + " affects the order of larger datasets."),
    ] + SplitConfiguration.keys.map { $0.placed(in: "split", \.split) }
}

/// Names of the splits' groups.
public struct SplitConfiguration: Equatable, Sendable {
  /// The training group.
  public var train = "train"
  /// The validation group; if the file lacks it, there is no validation.
  public var validation = "validation"
  /// The test group, for the final evaluation.
  public var test = "test"

  /// The defaults.
  public init() {}

  static let keys: [ConfigurationKey<SplitConfiguration>] = [
    ConfigurationKey("train", \.train, "The training group."),
    ConfigurationKey(
      "validation", \.validation,
      "The validation group; if the file lacks it, there is no validation."),
    ConfigurationKey("test", \.test, "The test group, for the final evaluation."),
  ]
}

extension SplitConfiguration {
  /// The groups of training, validation and test.
  package var groups: [String] { [train, validation, test] }

  /// The group configured for `train`, `validation` or `test`; other names denote groups directly.
  package func group(named name: String) -> String {
    ["train": train, "validation": validation, "test": test][name] ?? name
  }
}

/// Layout of the sequences in a file.
public enum DataFormat: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Detected from the file.
  case auto
  /// One dataset [sequences, time, features].
  case dense
  /// Concatenated sequences, with offsets.
  case ragged
  /// One long sequence, read in windows.
  case stream
}

/// Scaling of features.
public enum ScalingKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// The numbers themselves.
  case none
  /// By mean and standard deviation.
  case standard
  /// By minimum and maximum.
  case minMax = "min-max"
  /// By median and interquartile range.
  case robust
}

/// What features are scaled by.
public enum ScalingExtent: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// The whole training split.
  case data
  /// Each series by itself.
  case series
}

/// The level of a window.
public enum WindowLevel: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// None: values are what they are.
  case none
  /// The mean of the context.
  case mean
  /// The last value of the context.
  case last
}

/// Normalization of windows.
public enum WindowNormalization: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// None: what differs from the level is not divided by anything of the window.
  case none
  /// By the standard deviation of the window's context (Kim et al. 2022, without the affine map).
  case window
}

extension DataConfiguration {
  /// The value of `sampling` by which every class is as likely.
  static let balancedSampling = "balanced"

  /// Scaling of numeric inputs and targets.
  package var scalingKind: ScalingKind { scaling ?? (standardizes ? .standard : .none) }

  /// The level that windows are relative to: of those that are normalized the mean, unless another is chosen.
  package var windowLevel: WindowLevel {
    normalization == .window && relativeTo == .none ? .mean : relativeTo
  }

  /// Whether windows are scaled by values of their own contexts.
  package var scalesWindows: Bool { windowLevel != .none }

  /// Whether each series is scaled by its own values.
  package var scalesSeries: Bool { scalingBy == .series && scalingKind != .none }
}
