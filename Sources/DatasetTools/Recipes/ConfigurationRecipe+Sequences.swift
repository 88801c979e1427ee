/// Models that read whole sequences, or streams in windows, and compare with targets that the data give.
extension ConfigurationRecipe {
  static func classification(_ facts: DatasetFacts, _ path: String) -> ConfigurationRecipe {
    var count = 2
    if case .classes(let classes) = facts.targets { count = classes }
    let place = facts.hasTargetPerStep ? "each step" : "each sequence"
    var recipe = ConfigurationRecipe(
      facts.areNextInputs
        ? "Which of \(count) classes comes next, at each step" : "Which of \(count) classes \(place) is of")
    recipe.setReader(facts, path)
    recipe.set("loss.kind", "cross-entropy", "of one class among several")
    recipe.set("loss.label_smoothing", 0.1, "keeps probabilities away from 0 and 1; 0 for none")
    recipe.setRemainder(facts)
    if facts.validation != nil {
      recipe.set(
        "training.metric", "loss", "selects the best checkpoint; accuracy, macro_f1 with many sequences")
    }
    return recipe
  }

  static func labels(_ facts: DatasetFacts, _ path: String) -> ConfigurationRecipe {
    var count = 1
    if case .labels(let width) = facts.targets { count = width }
    let place = facts.hasTargetPerStep ? "each step" : "each sequence"
    var recipe = ConfigurationRecipe(
      count == 1 ? "Whether \(place) is positive" : "Which of \(count) labels \(place) has")
    recipe.setReader(facts, path)
    recipe.set("loss.kind", "binary-cross-entropy", "of labels that do not exclude each other")
    recipe.setRemainder(facts)
    return recipe
  }

  static func regression(_ facts: DatasetFacts, _ path: String) -> ConfigurationRecipe {
    var count = 1
    if case .values(let width) = facts.targets { count = width }
    let place = facts.hasTargetPerStep ? "each step" : "each sequence"
    var recipe = ConfigurationRecipe("\(count == 1 ? "A number" : "\(count) numbers") for \(place)")
    recipe.setReader(facts, path, isOfNumbers: true)
    recipe.set(
      "loss.kind", "squared-error",
      "absolute-error and huber bear outliers; gaussian, student-t and quantile give intervals")
    recipe.setRemainder(facts)
    return recipe
  }

  /// Examples per pass: sequences, or windows of a stream.
  private static func examples(_ facts: DatasetFacts) -> Int {
    facts.isStream ? Swift.max(2 * facts.steps / window(facts), 1) : facts.sequences
  }

  /// Steps per window of a stream.
  private static func window(_ facts: DatasetFacts) -> Int {
    Swift.min(128, Swift.max(facts.window / 2, 2))
  }

  /// Data and model.
  private mutating func setReader(_ facts: DatasetFacts, _ path: String, isOfNumbers: Bool = false) {
    let examples = Self.examples(facts)
    setData(facts, path, missing: facts.hasTargetPerStep || facts.isStream ? "forward" : "mean")
    if facts.sample.hasStatics {
      set("data.static", "[static]", "what each sequence has as a whole, such as the age of a patient")
    }
    let names = facts.categories + (facts.sample.hasStatics ? facts.sample.staticCategories : [])
    if let categories = names.configurationText, !names.isEmpty {
      set(
        "data.categories", categories,
        "columns of numbers that stand for names, each read through an embedding")
    }
    if facts.isStream {
      set("data.window", Self.window(facts), "steps that are read together: as many as matter to a target")
      set(
        "data.stride", Swift.max(Self.window(facts) / 2, 1),
        "from one window to the next; those of training overlap")
    }
    set("model.cell", "gru", "lstm remembers a little longer; min-gru and lru are faster on long sequences")
    set(
      "model.layers", examples >= 20_000 ? 2 : 1, "of recurrent cells, one over the other; 1 to 3")
    set("model.hidden", examples >= 1000 ? 128 : 64, "units of a layer; twice as many with more data")
    if case .tokens(let count, _) = facts.inputs {
      set("model.embedding", count > 200 ? 128 : 32, "numbers that stand for a token")
    }
    let seesLater = facts.readsLaterSteps
    set(
      "model.bidirectional", seesLater,
      seesLater
        ? "reads backward too; false where a prediction must not see later steps"
        : facts.areNextInputs
          ? "a prediction sees no later step: the next one tells the target"
          : "a prediction sees no later step; true where a sequence is known as a whole before the first prediction"
    )
    if !seesLater, !facts.areNextInputs {
      notes.append(
        "Each prediction is made of the steps up to its own; if sequences are known as a whole before, add --set"
          + " model.bidirectional=true.")
    }
    setDropout(facts, examples: examples, isOfNumbers: isOfNumbers)
    if facts.hasTargetPerStep {
      set("model.output", "every-step", "one for each step, as the targets are")
    } else {
      set("model.output", "mean", "of all steps; last-step and attention are others")
    }
  }

  /// Dropout, by what was measured: docs/starting.md#dropout.
  private mutating func setDropout(_ facts: DatasetFacts, examples: Int, isOfNumbers: Bool) {
    if isOfNumbers {
      return set("model.dropout", 0, "share of outputs left out in training; numbers are mostly best without")
    }
    if case .tokens = facts.inputs {
      let rate = examples < 1000 ? 0.5 : examples < 20_000 ? 0.3 : 0.1
      return set("model.dropout", rate, "share of outputs left out in training; more with little text")
    }
    let rate = facts.hasTargetPerStep ? "0" : examples < 20_000 ? "0.2" : "0.1"
    set("model.dropout", rate, "share of outputs left out in training; more where it overfits")
  }

  /// Optimizer and training.
  private mutating func setRemainder(_ facts: DatasetFacts) {
    let examples = Self.examples(facts)
    setTraining(
      facts, examples: examples, batch: (examples / 16).powerOfTwo(from: 8, to: 64), steps: 1500, most: 300)
    set("training.average_decay", 0.99, "evaluates an average of the latest weights, which is steadier")
    setOptimizer(rate: 0.003, decay: 0.01)
  }
}
