import WeftBase

extension ConfigurationRecipe {
  /// A configuration for a dataset, by what it contains.
  ///
  /// The sizes are those with which the repository's recipes and small sets of every kind train well in minutes; see
  /// docs/starting.md.
  ///
  /// - Parameters:
  ///   - facts: What the dataset is.
  ///   - path: The dataset, as the configuration names it.
  ///   - task: What to learn; nil for what the data suggest.
  /// - Throws: If that cannot be learned from the data.
  public init(_ facts: DatasetFacts, path: String, task: RecipeTask? = nil) throws(WeftError) {
    let wanted: RecipeTask
    if let task {
      try facts.check(task)
      wanted = task
    } else {
      wanted = try facts.suggestedTask()
    }
    switch wanted {
    case .languageModel: self = .languageModel(facts, path)
    case .classification: self = .classification(facts, path)
    case .labels: self = .labels(facts, path)
    case .regression: self = .regression(facts, path)
    case .forecasting: self = try .forecasting(facts, path)
    case .detection: self = .detection(facts, path)
    case .translation: self = .translation(facts, path)
    case .transcription: self = .transcription(facts, path)
    case .captioning: self = .captioning(facts, path)
    }
    if task == nil, wanted == .regression, facts.targets == .values(1), facts.sample.areWhole {
      notes.append("The targets are whole numbers; if they are classes, add --task classification.")
    }
    if facts.mayBeExchanged, case .features(let width) = facts.inputs {
      notes.append(
        "Sequences have \(facts.longest) steps of \(width) features; if these are \(width) steps of \(facts.longest)"
          + " channels, 'weft data hdf5 FILE --inputs ARRAY --axes NCT' exchanges them before the file is divided."
      )
    }
    if facts.validation == nil {
      notes.append(
        "Without \(facts.arrays == nil ? "a group 'validation'" : "arrays for validation") nothing tells when to stop, and no"
          + " checkpoint is the best; 'weft data split' makes \(facts.arrays == nil ? "one" : "them").")
    }
  }

  /// The dataset, and how its numbers are read.
  mutating func setData(_ facts: DatasetFacts, _ path: String, missing: String = "mean") {
    set(text: "data.file", path, "the dataset, relative to this file")
    facts.arrays?.set(in: &self)
    if case .features = facts.inputs {
      set("data.standardize", true, "subtract the mean of each feature and divide by its deviation")
      if facts.sample.hasMissingInputs {
        set("data.missing_inputs", missing, "what replaces missing numbers: zero, mean, forward or mask")
      }
    }
    if facts.sample.hasMissingTargets {
      set("data.missing_targets", true, "steps without a target are left out of the loss")
    }
    if facts.layout == .ragged || facts.layout == .dense, facts.longest > 2 * facts.median,
      facts.sequences >= 500
    {
      set(
        "data.bucket_minibatches", 8,
        "sequences of similar length are trained together; 0 for any order")
    }
  }

  /// The length of training, its evaluations and their end.
  ///
  /// - Parameters:
  ///   - examples: Sequences or windows per pass.
  ///   - batch: Sequences per minibatch.
  ///   - steps: Optimizer steps that a small dataset should have.
  ///   - most: The most passes.
  mutating func setTraining(
    _ facts: DatasetFacts, examples: Int, batch: Int, steps: Int, most: Int
  ) {
    let perPass = Swift.max((examples + batch - 1) / batch, 1)
    let passes = ((steps + perPass - 1) / perPass).limited(5, most)
    set("training.batch", batch, "sequences per minibatch; more are faster and need a higher learning rate")
    set("training.epochs", passes, "passes over the data; twice as many if the loss still falls at the end")
    let total = passes * perPass
    if facts.validation != nil {
      set(
        "training.evaluate_every", Swift.max(total / 30, 1),
        "steps between evaluations on the validation data: thirty in all")
      set(
        "training.early_stopping_patience", 10,
        "end after this many evaluations without improvement; 0 for never")
    }
    set("training.clip_norm", 1, "bounds the gradient, so that no single minibatch spoils the weights")
    set("training.seed", 1, "the same seed gives the same weights; others show how much chance matters")
    setSchedule(steps: total)
  }

  /// The schedule of the learning rate.
  mutating func setSchedule(steps: Int) {
    set("schedule.kind", "cosine", "falls to zero at the end; constant, step and plateau are others")
    set("schedule.warmup_steps", (steps / 20).limited(1, 100), "the rate rises over these steps")
  }

  /// The optimizer.
  mutating func setOptimizer(rate: Double, decay: Double = 0) {
    set("optimizer.kind", decay > 0 ? "adamw" : "adam", "sgd, rmsprop, adagrad, adam or adamw")
    set(
      "optimizer.learning_rate", rate,
      "the first to tune: a third if the loss jumps, three times if it crawls")
    if decay > 0 { set("optimizer.weight_decay", decay, "keeps weights small; 0.1 if training overfits") }
  }
}
