import WeftBase

/// Models of series without targets: what comes next, and what is unusual.
extension ConfigurationRecipe {
  /// What a forecast depends on.
  struct Series {
    /// Steps to forecast.
    var horizon: Int
    /// Steps after which the series resemble themselves; nil for none.
    var season: Int?
    /// Whether there are covariates, known in advance.
    var hasCovariates: Bool
    /// Whether there are features of whole series.
    var hasStatics = false
    /// Columns of inputs, covariates and static features that stand for names.
    var categories: [String] = []
    /// The targets; empty if they are all inputs.
    var targets: [String] = []
    /// Whether all numbers are above zero.
    var arePositive: Bool
    /// Whether some numbers are missing.
    var hasMissing = false
    /// The most steps of context; nil for any number.
    var mostContext: Int?
    /// Whether there are validation data.
    var hasValidation = true
    /// Number of steps of all series of the training split; nil if it is not known.
    var steps: Int?
    /// Number of steps of each of several series; empty if there is one.
    var lengths: [Int] = []
    /// Whether the value a season ago is nearly right, so that only the difference from it is to be forecast.
    var repeatsSeasons = false
    /// Whether the changes are nearly those of a season ago.
    var hasStrongSeason = false
    /// Whether the values are exactly those of a season ago.
    var isPeriodic = false
    /// Whether most values are zero.
    var areMostlyZero = false
  }

  /// Steps from which on there are enough for a linear function of the context, whether or not there is a season.
  private static let manySteps = 5000
  /// Steps from which on there are enough for twice the units, for layers that combine what they tell, and for longer contexts.
  private static let mostSteps = 50_000
  /// The most targets that the title names.
  private static let mostNamed = 3
  /// The most steps that the linear function reads, because its cost grows with their square.
  private static let mostWidth = 256

  static func forecasting(_ facts: DatasetFacts, _ path: String) throws(WeftError) -> ConfigurationRecipe {
    guard facts.window >= 4 else {
      throw .data(
        "\(facts.file): a group has no series of at least 4 steps, too few to learn a forecast from")
    }
    if facts.targets == .none, let name = facts.categories.first {
      let numbers = facts.targetNames.filter { !facts.categories.contains($0) }
      throw .data(
        "\(facts.file): '\(name)' is the number of a name, which cannot be forecast as a quantity; weft data table"
          + (numbers.isEmpty
            ? " --next \(name.shellQuoted) makes the name in the next row the target"
            : " --targets \(numbers.joined(separator: ",").shellQuoted) --horizon N --configuration FILE.yaml forecasts the numbers,"
              + " with '\(name)' as an input"))
    }
    let season =
      facts.sample.areWorkdays
      ? 5
      : (facts.sample.secondsPerStep ?? facts.secondsPerStep).flatMap(seasonSteps) ?? facts.sample.season
    // What the file asks for, or a season ahead, where the shortest split has room for it and what precedes it.
    let wanted = facts.horizon ?? (season ?? 12).limited(1, 96)
    let horizon = wanted.limited(1, Swift.max(facts.window / (facts.horizon == nil ? 4 : 2), 1))
    var recipe = forecasting(
      Series(
        horizon: horizon, season: season, hasCovariates: facts.sample.hasCovariates,
        hasStatics: facts.sample.hasStatics, categories: facts.categories + facts.sample.categories,
        targets: facts.targets == .none ? [] : facts.targetNames,
        arePositive: facts.sample.arePositive,
        hasMissing: facts.sample.hasMissingInputs || facts.sample.hasMissingTargets,
        mostContext: mostContext(window: facts.window, horizon: horizon),
        hasValidation: facts.validation != nil, steps: facts.steps,
        lengths: facts.lengths,
        repeatsSeasons: facts.sample.repeatsSeasons(of: season),
        hasStrongSeason: facts.sample.hasStrongSeason(of: season),
        isPeriodic: facts.sample.isPeriodic(of: season), areMostlyZero: facts.sample.areMostlyZero),
      path)
    facts.arrays?.set(in: &recipe)
    // Steps before its own are of use to a split after the first.
    if horizon < wanted, facts.horizon == nil, facts.window < facts.longest {
      recipe.notes.append(
        "The shortest split has \(facts.window) steps, too few for forecasts of \(wanted); --lead-in of weft data table, of weft"
          + " data split --by-time and of weft data wide --split-by time gives it the steps before its own as context."
      )
    }
    return recipe
  }

  /// The most steps of context in a window of so many, which leaves room for as many windows as there are steps to forecast:
  /// one forecast alone tells little.
  private static func mostContext(window: Int, horizon: Int) -> Int {
    Swift.max(window - 2 * horizon + 1, Swift.min(window - horizon, horizon))
  }

  static func forecasting(_ series: Series, _ path: String) -> ConfigurationRecipe {
    // Such a function of short series without a season, or of covariates of many steps, would learn their noise.
    let hasMany = (series.steps ?? 0) >= manySteps
    let isSeasonal = series.hasStrongSeason && !series.repeatsSeasons
    let addsLinear = (hasMany || isSeasonal) && !series.hasCovariates && !series.hasStatics
    let (least, context) = contexts(series, ofMany: hasMany && addsLinear)
    let text = least < context ? "\(least) to \(context)" : "\(context)"
    let named = series.targets.isEmpty || series.targets.count > mostNamed
    let what = named ? "" : " of \(series.targets.map(\.abridged).joined(separator: ", "))"
    var recipe = ConfigurationRecipe(
      "Forecasts of \(NumberText.counted(series.horizon, "steps"))\(what) from the \(text) before them")
    if series.isPeriodic, let season = series.season {
      recipe.notes.append(
        "The series repeats exactly after \(season) steps: the value a season ago is a forecast without any error."
      )
    }
    recipe.set(text: "data.file", path, "the dataset, relative to this file")
    recipe.set("data.context", context, "steps that a forecast is computed from: two seasons or more")
    if least < context {
      recipe.set("data.least_context", least, "fewest steps of it, at the beginning of a series")
    }
    recipe.set("data.horizon", series.horizon, "steps to forecast")
    recipe.set("data.evaluation_stride", 1, "steps from one evaluated forecast to the next")
    if series.hasCovariates {
      recipe.set("data.covariates", "[covariates]", "what is known in advance, such as the day of the week")
    }
    if series.hasStatics {
      recipe.set("data.static", "[static]", "what each series has as a whole, such as the type of a shop")
    }
    if let categories = series.categories.configurationText, !series.categories.isEmpty {
      recipe.set(
        "data.categories", categories,
        "columns of numbers that stand for names, each read through an embedding")
    }
    recipe.set("data.standardize", true, "subtract the mean of each feature and divide by its deviation")
    let repeated = series.season.flatMap { series.repeatsSeasons && $0 <= context ? $0 : nil }
    if let season = repeated {
      recipe.set(
        "data.season", season,
        "forecast the difference from the value this many steps ago, which is nearly right")
    }
    // The mean is surer than a single value, but many steps are needed to learn how the series go on from it.
    let level = hasMany && addsLinear ? "mean" : "last"
    if repeated == nil || level == "mean" {
      recipe.set(
        "data.relative_to", level,
        (level == "mean" ? "differences from the mean of the context" : "changes since the last value")
          + ", alike at any level; none for series that keep theirs")
    }
    // A context that lacks all of a feature has no level to divide by.
    if repeated == nil, series.arePositive, !series.hasMissing {
      recipe.set(
        "data.ratios", true, "changes as ratios, for positive series that grow; false for differences")
    }
    if series.hasMissing {
      recipe.set(
        "data.missing_inputs", "forward", "a missing number is the one before it; mean is another way")
      recipe.set("data.missing_targets", true, "missing numbers are left out of the loss and the metrics")
    }
    if addsLinear {
      let width = Swift.min(context, mostWidth)
      let hasMost = (series.steps ?? 0) >= mostSteps
      let units = hasMost ? 128 : 64
      let dense = hasMost ? ["{dense: \(units), activation: silu, residual: true}"] : []
      recipe.set(
        "model.blocks",
        list: [
          "{convolution: \(units), width: \(width), padding: causal}",
          "{cell: gru, hidden: \(units), residual: true}", "{pool: last}",
        ] + dense + dense, "a linear function of the context, to which a GRU adds what is not linear")
    } else {
      recipe.set("model.cell", "gru", "lstm is about as good")
      recipe.set("model.hidden", hasMany ? 64 : 32, "units; few, because series are short and noisy")
      recipe.set(
        "model.output", "last-step",
        "all steps at once; every-step feeds each forecast back to the next step")
    }
    if series.areMostlyZero {
      recipe.set(
        "loss.kind", "squared-error",
        "forecasts the mean; most values are 0, which is what absolute-error forecasts")
    } else {
      recipe.set("loss.kind", "absolute-error", "quantile and student-t give intervals")
    }
    if addsLinear, !hasMany {
      recipe.set("optimizer.kind", "adamw", "its weight decay bounds the linear function")
      recipe.set("optimizer.weight_decay", 1, "more if the training error is far below that of validation")
    }
    recipe.set("optimizer.learning_rate", 0.003, "a third if the loss jumps, three times if it crawls")
    recipe.setSchedule(steps: 3000)
    recipe.set("training.batch", addsLinear && hasMany ? 128 : 32, "windows per minibatch")
    recipe.set("training.steps", 3000, "minibatches")
    if series.hasValidation {
      recipe.set("training.evaluate_every", 100, "steps between evaluations on the validation data")
      recipe.set(
        "training.early_stopping_patience", 10, "end after this many evaluations without improvement")
    }
    recipe.set("training.clip_norm", 1, "bounds the gradient, so that no single minibatch spoils the weights")
    recipe.set(
      "training.average_decay", 0.99, "evaluates an average of the latest weights, which is steadier")
    return recipe
  }

  /// The fewest and the most steps of context.
  ///
  /// Two seasons tell what changes from one to the next, three tell it better; what has a window of two should have one
  /// of three. With most steps, series that have more are read as far back as five.
  private static func contexts(_ series: Series, ofMany: Bool) -> (least: Int, most: Int) {
    let span = Swift.max(series.horizon, series.season ?? 1)
    let usable = series.lengths.filter { $0 >= 2 * span + series.horizon }
    let hasThree = ofMany && (usable.min() ?? 0) >= 3 * span + series.horizon
    let wanted = (hasThree ? 3 : 2) * span
    let least = wanted.limited(1, series.mostContext ?? wanted)
    guard hasThree, (series.steps ?? 0) >= mostSteps, let longest = usable.max() else {
      return (least, least)
    }
    return (
      least, Swift.min(5 * span, longest - series.horizon, series.mostContext ?? .max).limited(least, .max)
    )
  }

  /// Steps of context for forecasts of a single series.
  static func context(horizon: Int, season: Int?) -> Int {
    contexts(
      Series(horizon: horizon, season: season, hasCovariates: false, arePositive: false), ofMany: false
    ).most
  }

  /// Steps of context for forecasts of a single series with the longest season.
  static func mostContext(horizon: Int) -> Int {
    contexts(
      Series(horizon: horizon, season: SeasonSearch.longest, hasCovariates: false, arePositive: false),
      ofMany: false
    ).most
  }

  static func detection(_ facts: DatasetFacts, _ path: String) -> ConfigurationRecipe {
    var recipe = ConfigurationRecipe(
      "The next step of a series with its distribution; what is unlikely is an anomaly")
    let window = Swift.min(128, Swift.max((facts.window - 1) / 2, 2))
    recipe.setData(facts, path, missing: "forward")
    recipe.set("data.window", window, "steps that gradients flow back through")
    recipe.set(
      "data.stride", Swift.max(window / 32, 1), "from one window to the next; those of training overlap")
    recipe.set("model.cell", "lstm", "gru is about as good")
    recipe.set("model.hidden", 32, "units; few, so that anomalies in training are not learned")
    recipe.set("model.output", "every-step", "each step is compared with what was expected of it")
    recipe.set("loss.kind", "student-t", "bears outliers in training; gaussian does not")
    recipe.setTraining(
      facts, examples: Swift.max(facts.steps / Swift.max(window / 32, 1), 1), batch: 32, steps: 1500, most: 60
    )
    recipe.setOptimizer(rate: 0.003)
    return recipe
  }

  /// Steps per season that series with such steps usually have; nil for none of a size that can be learned.
  static func seasonSteps(secondsPerStep: Double) -> Int? {
    let day = 86_400.0
    let steps: Double? =
      switch secondsPerStep {
      case 1..<day: (day / secondsPerStep).rounded()
      case day: 7
      case 7 * day: 52
      case 28 * day...31 * day: 12
      case 89 * day...92 * day: 4
      default: nil
      }
    guard let steps, steps <= Double(SeasonSearch.longest) else { return nil }
    return Int(steps)
  }
}
