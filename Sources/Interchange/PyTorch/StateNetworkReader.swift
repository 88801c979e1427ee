import WeftBase
import WeftLayers

/// Makes a network of the weights of a state dictionary.
struct StateNetworkReader {
  let dictionary: StateDictionary
  let hints: NetworkHints
  /// For errors.
  let file: String
  /// The recurrent layers, in the order of the file.
  var levels: [StateLevel]
  /// Arrays that no layer has taken.
  var rest: [String: StateDictionary.Array]
  /// Inputs that the user names, as they are side by side; empty for one input.
  var inputs: [ToldInput] = []
  /// Scores of transitions between classes `[classes + 2, classes]`; nil for none.
  private(set) var transitions: WeightMatrix?
  /// What was assumed.
  var notes: [String]

  /// - Parameters:
  ///   - stored: The arrays as the file has them.
  ///   - hints: What the file does not tell.
  ///   - file: For errors.
  /// - Throws: If there are no recurrent layers, or their weights do not match.
  init(_ stored: StateDictionary, _ hints: NetworkHints, file: String) throws(WeftError) {
    dictionary = try stored.unwrapped(file: file)
    (self.hints, self.file) = (hints, file)
    (rest, notes) = (dictionary.arrays, dictionary.notes)
    let ignored = rest.keys.filter { [rest] in Self.isOfLoss($0, rest[$0]?.shape ?? []) }.sorted()
    for name in ignored { rest[name] = nil }
    if !ignored.isEmpty {
      notes.append(
        "ignores \(Self.list(ignored)), which \(ignored.count == 1 ? "belongs" : "belong") to the loss")
    }
    let cells = hints.blocks.map { $0.compactMap(\.cell) } ?? [hints.cell].compactMap(\.self)
    levels = try dictionary.takeLevels(of: dictionary.recurrentModules, from: &rest, cells, file: file)
    takeInitialStates()
    takeTransitions()
    try takeToldInputs()
  }

  /// Takes the transitions of a conditional random field that has those of pytorch-crf and AllenNLP.
  private mutating func takeTransitions() {
    for name in rest.keys where name.hasLastComponent("transitions") {
      let prefix = name.dropLast("transitions".count)
      let parts = [name, "\(prefix)start_transitions", "\(prefix)end_transitions"]
      let arrays = parts.compactMap { rest[$0] }
      guard arrays.count == 3, let count = arrays[0].shape.first, count > 1,
        arrays[0].shape == [count, count],
        arrays[1].shape == [count], arrays[2].shape == [count]
      else { continue }
      for part in parts { rest[part] = nil }
      transitions = WeightMatrix(rows: count + 2, columns: count, values: arrays.flatMap(\.values))
      notes.append(
        "takes \(Self.list(parts)) as those of a conditional random field (model.crf), as pytorch-crf has them: from the"
          + " class of a row to that of a column")
      return
    }
  }

  /// Whether Weft wrote the file.
  var isOwn: Bool { dictionary.metadata["weft_configuration"] != nil }

  /// Whether an array is a weight of classes in a loss, which training programs store along.
  private static func isOfLoss(_ name: String, _ shape: [Int]) -> Bool {
    let parts = name.lowercased().split(separator: ".")
    guard shape.count <= 1, let owner = parts.first, let last = parts.last else { return false }
    if ["class_weight", "class_weights", "pos_weight"].contains(last) { return true }
    return parts.count > 1 && (owner.contains("loss") || owner.contains("criterion"))
  }

  /// At most 20 names, as `'a', 'b' and 'c'`.
  static func list(_ names: [String], _ text: (String) -> String = { "'\($0)'" }) -> String {
    var parts = names.prefix(20).map(text)
    if names.count > 20 { parts.append("\(names.count - 20) more") }
    guard parts.count > 1, let last = parts.popLast() else { return parts.first ?? "" }
    return "\(parts.joined(separator: ", ")) and \(last)"
  }

  func refuse(_ complaint: String) -> WeftError { .model("\(file): \(complaint)") }

  // MARK: - Embeddings

  /// What names of embeddings contain. Other matrices of that width may be those of attention or of linear layers.
  private static let embeddingNames = [
    "emb", "encoder", "wte", "lookup", "lut", "vocab", "word", "token", "char", "glove",
  ]

  /// Modules that are named as embeddings and have no bias, the best names first.
  var embeddings: [String] {
    if !inputs.isEmpty { return [] }
    let names = rest.keys.filter { name in
      guard name.hasLastComponent("weight"), rest[Self.bias(of: name)] == nil, let array = rest[name] else {
        return false
      }
      let isNamed = Self.embeddingNames.contains { name.lowercased().contains($0) } || name == "weight"
      return isNamed && !Self.stem(name).isOfAttention && array.shape.count == 2 && array.shape[0] > 1
        && array.shape[1] > 0
    }
    return names.sorted { first, second in
      let isFirst = first.lowercased().contains("emb")
      return isFirst == second.lowercased().contains("emb") ? first.isNaturallyBefore(second) : isFirst
    }.map(Self.stem)
  }

  /// Takes the embedding of a module.
  mutating func takeEmbedding(_ module: String?) throws(WeftError) -> WeightMatrix? {
    guard let module else { return nil }
    return try dictionary.take(Self.weight(of: module), from: &rest, file: file)
  }

  /// The module of a weight, and back.
  static func stem(_ name: String) -> String { String(name.dropLast("weight".count).dropLast()) }
  static func weight(of module: String) -> String { module.isEmpty ? "weight" : "\(module).weight" }
  static func bias(of name: String) -> String { String(name.dropLast("weight".count)) + "bias" }

  /// The layers of the file that are not taken, without a module that is the embedding.
  func layers(without embedding: String?) -> [StateLayer] {
    let hasVectors = hints.blocks?.flatMap(\.flattened).contains { $0.pool == .attention } ?? false
    return dictionary.layers(levels, rest, hasVectors: hasVectors).filter {
      $0.isRecurrent || $0.name != embedding
    }
  }
}
