/// Models that write text: the next token, a translation, a transcript, a caption.
extension ConfigurationRecipe {
  static func languageModel(_ facts: DatasetFacts, _ path: String) -> ConfigurationRecipe {
    var (count, isCharacters, unit) = (0, true, "token")
    if case .tokens(let tokens, let kind) = facts.inputs {
      count = tokens
      isCharacters = tokens <= 1000
      unit = kind?.rawValue ?? unit
    }
    var recipe = ConfigurationRecipe("The next of \(count) \(unit)s of a text: a language model")
    recipe.setData(facts, path)
    let steps = facts.steps
    let isLarge = steps >= 1_000_000
    let window = Swift.min(isCharacters ? 100 : 50, Swift.max((facts.window - 1) / 2, 2))
    recipe.set(
      "data.window", window, "tokens that gradients flow back through; the state is carried on beyond them")
    let hidden = isLarge ? 256 : 128
    recipe.set("model.cell", "lstm", "gru is smaller and faster, about as good")
    recipe.set("model.layers", isLarge ? 2 : 1, "more with millions of tokens, and dropout between them")
    recipe.set("model.hidden", hidden, "units of a layer; 512 with tens of millions of tokens and hours")
    if isCharacters {
      recipe.set("model.embedding", Swift.min(64, Swift.max(16, count)), "numbers that stand for a token")
    } else {
      recipe.set("model.embedding", hidden, "numbers that stand for a token")
      recipe.set(
        "model.tie_weights", true, "the outputs share them: fewer weights, which large vocabularies need")
    }
    let dropout = steps < 200_000 ? 0.3 : isCharacters && isLarge ? 0 : 0.2
    if dropout > 0 { recipe.set("model.dropout", dropout, "more with little text, 0 with much") }
    // Little text needs many updates rather than large minibatches.
    let batch = (steps / (window * 60)).powerOfTwo(from: 4, to: 64)
    let perPass = Swift.max(steps / (window * batch), 1)
    let total = (20 * perPass).limited(300, isLarge ? 1000 : 1500)
    recipe.set("training.batch", batch, "places of the text that are read at once")
    recipe.set(
      "training.steps", total,
      "minibatches: \(decimal(Double(total) / Double(perPass))) passes; three times as many are worth their time"
    )
    recipe.set("training.carry_state", true, "each window begins where the one before it ended")
    recipe.set("training.reset_state_every", 5, "windows, so that the model also learns to begin")
    recipe.set("training.clip_norm", 1, "bounds the gradient, so that no single minibatch spoils the weights")
    if facts.validation != nil {
      let every = Swift.max(total / (isLarge ? 4 : 20), 1)
      recipe.set("training.evaluate_every", every, "steps between evaluations on the validation text")
      if !isLarge {
        recipe.set(
          "training.early_stopping_patience", 6, "ends when little text is known by heart; 0 for never")
      }
    }
    recipe.set("training.seed", 1, "the same seed gives the same weights")
    recipe.setOptimizer(rate: isLarge ? 0.008 : 0.01)
    recipe.setSchedule(steps: total)
    return recipe
  }

  static func translation(_ facts: DatasetFacts, _ path: String) -> ConfigurationRecipe {
    var recipe = ConfigurationRecipe("Text from text: an encoder-decoder with attention")
    recipe.setData(facts, path)
    let size = facts.sequences < 5000 ? 128 : 256
    recipe.set("model.kind", "encoder-decoder", "reads the source as a whole, then writes")
    recipe.set("model.cell", "lstm", "gru is smaller and faster")
    recipe.set("model.layers", 1, "2 with hundreds of thousands of pairs")
    recipe.set("model.hidden", size, "units of each direction; 512 with more pairs and hours")
    recipe.set("model.embedding", size, "numbers that stand for a token")
    recipe.set("model.bidirectional", true, "each source token is seen with both its sides")
    recipe.set("model.dropout", facts.sequences < 5000 ? 0.4 : 0.2, "more with fewer pairs")
    recipe.set("decoder.attention", "general", "looks back at the source; additive is another kind")
    recipe.set("decoder.input_feeding", true, "the decoder knows where it looked before")
    recipe.set("decoder.tie_weights", true, "outputs and embeddings share their weights")
    recipe.set("loss.label_smoothing", 0.1, "0 for none")
    recipe.setTraining(
      facts, examples: facts.sequences, batch: facts.sequences >= 200 ? 32 : 8, steps: 3000, most: 60)
    recipe.setOptimizer(rate: 0.0015)
    recipe.setDecoding(facts, characters: 2)
    return recipe
  }

  static func captioning(_ facts: DatasetFacts, _ path: String) -> ConfigurationRecipe {
    var recipe = ConfigurationRecipe("Text about a sequence of features, such as the patches of a picture")
    recipe.setData(facts, path)
    recipe.set("model.kind", "encoder-decoder", "reads all patches, then writes")
    recipe.set("model.cell", "lstm", "gru is smaller and faster")
    recipe.set("model.layers", 1, "0 if the features say enough by themselves")
    recipe.set("model.hidden", 128, "units of each direction of the encoder")
    recipe.set("model.bidirectional", true, "each patch is seen with both its sides")
    recipe.set("model.embedding", 64, "numbers that stand for a token of the text")
    recipe.set("model.dropout", facts.sequences < 20_000 ? 0.4 : 0.2, "more with fewer pictures")
    recipe.set("decoder.hidden", 256, "units of the decoder")
    recipe.set("decoder.embedding", 64, "numbers that stand for a token that was written")
    recipe.set("decoder.attention", "additive", "looks at patches while it writes; general is another kind")
    recipe.set("loss.label_smoothing", 0.1, "0 for none")
    recipe.setTraining(
      facts, examples: facts.sequences, batch: facts.sequences >= 200 ? 32 : 8, steps: 1200, most: 60)
    recipe.setOptimizer(rate: 0.002, decay: 0.01)
    recipe.setDecoding(facts, characters: 3)
    return recipe
  }

  static func transcription(_ facts: DatasetFacts, _ path: String) -> ConfigurationRecipe {
    var recipe = ConfigurationRecipe("The labels of a sequence in their order, without their places")
    recipe.setData(facts, path)
    recipe.set("model.cell", "lstm", "gru is smaller and faster")
    recipe.set("model.layers", 2, "3 with tens of hours of speech")
    recipe.set("model.hidden", 128, "units of each direction; 256 with more data")
    recipe.set("model.bidirectional", true, "false where labels are needed while the sequence goes on")
    recipe.set("model.dropout", facts.sequences < 20_000 ? 0.3 : 0.1, "more with less data")
    recipe.set("loss.kind", "ctc", "sums over all places that the labels could have")
    recipe.setTraining(
      facts, examples: facts.sequences, batch: facts.sequences >= 200 ? 16 : 8, steps: 2500, most: 60)
    recipe.setOptimizer(rate: 0.003)
    return recipe
  }

  private mutating func setDecoding(_ facts: DatasetFacts, characters factor: Int) {
    guard case .texts(_, _, let length) = facts.targets else { return }
    set(
      "decoding.maximum_length", (factor * length).limited(10, 500),
      "tokens after which a text ends at the latest")
  }

  private static func decimal(_ value: Double) -> String {
    let tenths = Int((10 * value).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}
