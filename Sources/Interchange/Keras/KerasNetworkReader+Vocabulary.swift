import WeftBase
import WeftText

/// Layers that make numbers of texts, which Weft's datasets already contain.
extension KerasNetworkReader {
  /// `TextVectorization` or `StringLookup` before everything else: Weft's inputs are the tokens that it gives.
  mutating func addVectorization(_ layer: KerasLayer) throws(WeftError) {
    guard chain.blocks.isEmpty, embedding == nil, branchInputs == nil,
      layer.config["output_mode"]?.text ?? "int" == "int",
      layer.config["invert"]?.bool != true
    else {
      throw refuse(layer, "is supported as the first layer, with output_mode 'int'")
    }
    if layer.className == "TextVectorization" {
      // The model's inputs are texts, so that their shape tells no steps.
      inputShape = [nil, layer.number("output_sequence_length")]
    }
    wordLayer = layer
  }

  /// Takes the vocabulary of the layer before the embedding, and notes how texts become its tokens.
  mutating func takeVocabulary() -> Vocabulary? {
    guard let layer = wordLayer, let embedding else { return nil }
    guard let vocabulary = vocabulary(layer, count: embedding.rows) else {
      notes.append("layer '\(layer.name)' is ignored: inputs are the numbers that it gives words")
      return nil
    }
    let strips = layer.config["standardize"]?.text?.contains("strip_punctuation") == true
    notes.append(
      "layer '\(layer.name)' becomes the vocabulary: texts are \(vocabulary.unit.rawValue)s of it"
        + (strips ? "; remove punctuation from them, as the layer does" : "")
        + " (--set data.vocabulary_size=\(embedding.rows) for numbers instead)")
    return vocabulary
  }

  /// The tokens of a layer, as many as the embedding has; nil if the file does not contain them, or they are not words or
  /// characters.
  private func vocabulary(_ layer: KerasLayer, count: Int) -> Vocabulary? {
    let config = layer.config
    // Words are what stands between spaces, with their punctuation.
    var unit = Vocabulary.Unit.token
    var special = ["[UNK]"]
    if layer.className == "TextVectorization" {
      let units: [String?: Vocabulary.Unit] = ["whitespace": .token, "character": .character]
      guard let split = units[config["split"]?.text], config["ngrams"] ?? .null == .null else { return nil }
      unit = split
      special = ["", "[UNK]"]
    } else {
      guard config["num_oov_indices"]?.integer ?? 1 == 1, config["encoding"]?.text ?? "utf-8" == "utf-8"
      else {
        return nil
      }
      let mask = config["mask_token"]?.text
      special = (mask.map { [$0] } ?? []) + [config["oov_token"]?.text ?? "[UNK]"]
    }
    guard let standardize = config["standardize"] ?? .null == .null ? "" : config["standardize"]?.text,
      let words = config["vocabulary"]?.list?.compactMap(\.text), !words.isEmpty
    else { return nil }
    // Those that a program gives need not begin with the special tokens.
    var tokens = words.starts(with: special) ? words : special + words
    guard tokens.count <= count else { return nil }
    tokens[special.count - 1] = Vocabulary.unknownToken
    if special.count > 1 { tokens[0] = Vocabulary.paddingToken }
    tokens += (tokens.count..<count).map { "<unused\($0)>" }
    return try? Vocabulary(tokens: tokens, unit: unit, isLowercase: standardize.hasPrefix("lower"))
  }
}
