import WeftBase

/// The inputs of a model that has several, as one sequence: what is there at every step, and after it what is there once
/// for each sequence, which Weft's networks read at every step.
///
/// The first block reads the numeric features, in their order, and after them the embeddings of tokens.
struct KerasInputs {
  /// An input layer.
  struct Input {
    let layer: String
    /// The dataset with its values.
    let dataset: String
    /// Whether it has one vector for each sequence, rather than one for each step.
    let isStatic: Bool
    /// Numbers at a step; tokens that are embedded if there are embeddings.
    let width: Int
    /// Steps, if the model tells them; nil of a static input.
    let steps: Int?
    /// Matrices `[tokens, features]` of the layers that embed it.
    let embeddings: [(layer: String, matrix: WeightMatrix)]
    /// Columns of the first block's inputs that are its numbers; empty if it is embedded.
    fileprivate(set) var columns: [Int] = []
    /// The same of each layer that embeds it.
    fileprivate(set) var embedded: [String: [Int]] = [:]

    var isEmbedded: Bool { !embeddings.isEmpty }
  }

  /// Those at every step before the static ones.
  private(set) var inputs: [Input]
  /// Embeddings of the columns that are tokens.
  private(set) var categories: [CategoryTable] = []
  /// Features of a step of the dataset.
  let rawWidth: Int
  /// Features that the first block reads.
  private(set) var width: Int
  /// Steps of all sequences, if the model tells them.
  let steps: Int?

  /// Features of all inputs, and of their embeddings.
  private static let maximumWidth = 1 << 20
  /// Numbers in the embeddings of an input.
  private static let maximumWeights = 1 << 28

  /// - Parameters:
  ///   - layers: The input layers, in the order of the model.
  ///   - model: The layers of the model, with their weights.
  ///   - file: For errors.
  /// - Returns: Nil for a model with one input that one layer reads.
  /// - Throws: If the inputs are not one sequence with what belongs to it; the message names them.
  init?(_ layers: [KerasLayer], of model: [KerasLayer], file: String) throws(WeftError) {
    var uses = Uses()
    uses.collect(model)
    if layers.count < 2, uses.byInput.values.allSatisfy({ $0.embeddings.count < 2 }) { return nil }
    var names: Set<String> = []
    var all: [Input] = []
    for layer in layers {
      guard let use = uses.byInput[layer.name] else { continue }
      do { all.append(try Self.input(layer, use, names: &names)) } catch {
        throw .model("\(file): layer '\(layer.name)': \(error.message)")
      }
    }
    let sequences = all.filter { !$0.isStatic }
    guard let first = sequences.first else {
      throw .model(
        "\(file): none of its inputs is a sequence; Weft reads sequences, with what each has once beside them"
      )
    }
    let known = sequences.first { $0.steps != nil }
    if let known, let other = sequences.first(where: { $0.steps != known.steps }),
      other.steps != nil || known.steps == 1
    {
      func steps(_ input: Input) -> String {
        input.steps.map { $0 == 1 ? "one step" : "\($0) steps" } ?? "any number"
      }
      throw .model(
        "\(file): layer '\(other.layer)': has \(steps(other)), and '\(known.layer)' has \(steps(known)); Weft reads one"
          + " sequence, all inputs of which have as many steps")
    }
    inputs = [first] + sequences.dropFirst() + all.filter(\.isStatic)
    steps = known?.steps
    rawWidth = inputs.reduce(0) { $0 + $1.width }
    width = 0
    let features = inputs.map { input in
      [input.width, max(input.embeddings.reduce(0) { $0 + $1.matrix.columns }, 1)].boundedProduct ?? .max
    }
    let weights = inputs.map { input in
      [input.width, input.embeddings.reduce(0) { $0 + $1.matrix.values.count }].boundedProduct ?? .max
    }
    guard features.allSatisfy({ $0 <= Self.maximumWidth }), weights.allSatisfy({ $0 <= Self.maximumWeights })
    else {
      throw .model(
        "\(file): its inputs have more than \(Self.maximumWidth) features, or too large embeddings")
    }
    arrange()
  }

  /// Whether there is one input, of tokens that several layers embed.
  var isOneOfTokens: Bool { inputs.count == 1 && inputs[0].isEmbedded && !inputs[0].isStatic }

  subscript(name: String) -> Input? { inputs.first { $0.layer == name } }

  /// Numbers the columns.
  private mutating func arrange() {
    for index in inputs.indices where !inputs[index].isEmbedded {
      inputs[index].columns = Array(width..<width + inputs[index].width)
      width += inputs[index].width
    }
    var column = 0
    for index in inputs.indices {
      let input = inputs[index]
      let joined = input.embeddings.dropFirst().reduce(input.embeddings.first?.matrix) {
        $0?.beside($1.matrix)
      }
      for token in 0..<input.width {
        guard let joined else { break }
        for (layer, matrix) in input.embeddings {
          inputs[index].embedded[layer, default: []] += Array(width..<width + matrix.columns)
          width += matrix.columns
        }
        let name = input.width == 1 ? input.dataset : "\(input.dataset)/\(token)"
        categories.append(CategoryTable(column: column + token, name: name, embedding: joined))
      }
      column += input.width
    }
  }

  private static func input(
    _ layer: KerasLayer, _ use: Uses.Use, names: inout Set<String>
  ) throws(WeftError) -> Input {
    let dataset = datasetName(layer.name, isEmbedded: !use.embeddings.isEmpty, &names)
    guard let shape = layer.inputShape.map({ Array($0.dropFirst()) }) else {
      throw .model("does not say the shape of its inputs")
    }
    func input(isStatic: Bool, width: Int?, steps: Int?) throws(WeftError) -> Input {
      guard let width, (1...maximumWidth).contains(width) else {
        throw .model("does not say how many features it has")
      }
      return Input(
        layer: layer.name, dataset: dataset, isStatic: isStatic, width: width, steps: steps,
        embeddings: use.embeddings)
    }
    guard shape.count <= 2 else {
      throw .model("the inputs have \(shape.count) axes; Weft reads steps of features")
    }
    guard let first = use.embeddings.first else {
      if let target = use.steps {
        return try input(
          isStatic: false, width: target[1], steps: target[0] == -1 ? shape.first ?? nil : target[0])
      }
      return shape.count == 2
        ? try input(isStatic: false, width: shape[1], steps: shape[0])
        : try input(isStatic: true, width: shape.first ?? 1, steps: nil)
    }
    if use.isRead {
      throw .model("is read as numbers and by '\(first.layer)' as tokens, which is not supported")
    }
    guard shape.count < 2 || shape == [1, 1] else {
      throw .model("'\(first.layer)' embeds \(shape.count) axes of it; one token for each step is supported")
    }
    if let other = use.embeddings.first(where: { $0.matrix.rows != first.matrix.rows }) {
      throw .model(
        "is embedded as one of \(first.matrix.rows) tokens by '\(first.layer)' and of \(other.matrix.rows) by"
          + " '\(other.layer)'")
    }
    return use.isFlat == true || shape.isEmpty
      ? try input(isStatic: true, width: shape.first ?? 1, steps: nil)
      : try input(isStatic: false, width: 1, steps: shape[0])
  }

  /// A dataset for an input, which no other has and that means nothing else in a dataset.
  private static func datasetName(_ layer: String, isEmbedded: Bool, _ names: inout Set<String>) -> String {
    var name = String(layer.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
    let taken = [
      "targets", "target_offsets", "target_lengths", "offsets", "lengths", "names", "mask", "weights",
    ]
    if name.isEmpty || taken.contains(name) || name == "tokens" && !isEmbedded { name += "_input" }
    while !names.insert(name).inserted { name += "_" }
    return name
  }
}

/// What reads the inputs of a model.
private struct Uses {
  struct Use {
    var embeddings: [(layer: String, matrix: WeightMatrix)] = []
    /// Whether embeddings of all tokens are one vector, wherever they are read; nil before the first.
    var isFlat: Bool?
    /// Whether it is read as numbers.
    var isRead = false
    /// Steps and features that a list of numbers is arranged in.
    var steps: [Int]?
  }

  private(set) var byInput: [String: Use] = [:]

  mutating func collect(_ chain: [KerasLayer], from input: String? = nil) {
    var input = input
    for (index, layer) in chain.enumerated() {
      if layer.className == "InputLayer", layer.owners.isEmpty {
        input = layer.name
        byInput[layer.name, default: Use()].isRead = byInput[layer.name]?.isRead ?? false
        continue
      }
      guard let name = input else {
        for branch in layer.branches { collect(branch) }
        continue
      }
      switch layer.className {
      case let kind? where KerasLayer.classesWithoutEffect.contains(kind) || kind == "Masking": continue
      case "Reshape" where layer.branches.isEmpty:
        let target = layer.config["target_shape"]?.list?.compactMap(\.integer) ?? []
        if target.count == 2, target[1] > 0 { byInput[name]?.steps = target }
        continue
      case "Embedding":
        if let matrix = layer.variables.first.flatMap({ WeightMatrix($0.array) }),
          byInput[name]?.embeddings.contains(where: { $0.layer == layer.name }) == false
        {
          byInput[name]?.embeddings.append((layer.name, matrix))
        }
        let isFlat = flattens(chain[(index + 1)...])
        let wasFlat = byInput[name]?.isFlat ?? true
        byInput[name]?.isFlat = isFlat && wasFlat
      default:
        if layer.branches.isEmpty { byInput[name]?.isRead = true }
        for branch in layer.branches { collect(branch, from: name) }
      }
      input = nil
    }
    if let input { byInput[input]?.isRead = true }
  }

  /// Whether layers make one vector of all steps.
  private func flattens(_ layers: ArraySlice<KerasLayer>) -> Bool {
    let next = layers.first { !KerasLayer.classesWithoutEffect.contains($0.className ?? "") }
    return next?.className == "Flatten"
      || next?.className == "Reshape" && next?.config["target_shape"]?.list?.count == 1
  }
}
