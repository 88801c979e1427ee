import Foundation
import WeftBase
import WeftLayers

extension StateDictionary {
  /// The network of these weights.
  ///
  /// Recurrent modules are recognized by `weight_ih_l0` and so on, with any prefix; several of them are stacked in the
  /// order of the file or, where it tells none, of their names. Of the remaining matrices, one that matches the first
  /// layer is the embedding, one that matches the last layer the output.
  /// - Parameters:
  ///   - hints: Whether `nn.RNN` is of ReLU, and whether only the last step has an output.
  ///   - file: For errors.
  /// - Throws: If modules are missing, do not match, or are not supported.
  package func network(_ hints: NetworkHints, file: String) throws(WeftError) -> NetworkDescription {
    try imported(hints, file: file).network
  }

  /// The network of these weights, with notes of what was assumed.
  ///
  /// - Throws: As ``network(_:file:)``.
  func imported(_ hints: NetworkHints, file: String) throws(WeftError) -> ImportedNetwork {
    let dictionary = try unwrapped(file: file)
    var rest = dictionary.arrays
    var notes = dictionary.notes
    let ignored = rest.keys.filter { Self.isOfLoss($0, rest[$0]?.shape ?? []) }.sorted()
    for name in ignored { rest[name] = nil }
    if !ignored.isEmpty { notes.append("ignores \(Self.list(ignored)), which belongs to the loss") }

    let modules = dictionary.recurrentModules
    let levels = try dictionary.takeLevels(of: modules, from: &rest, hints, file: file)
    guard let first = levels.first?.first, let last = levels.last else {
      throw .model(
        "\(file): contains no weight_ih_l0; is it the state dictionary of a network with nn.LSTM, GRU or RNN?"
      )
    }
    var blocks: [NetworkBlock]?
    if let told = hints.blocks {
      blocks = try dictionary.takeBlocks(told, levels, from: &rest, file: file)
    }
    let states =
      blocks.map { BlockConfiguration.size(of: $0.map(\.configuration), inputs: first.inputs).outputs }
      ?? last.reduce(0) { $0 + $1.hidden }
    let all = rest
    let output = try takeOutput(
      from: &rest, inputs: states, embeddingColumns: first.inputs, file: file
    ) { dictionary.suggestedBlocks(levels, all) }
    let inputs = blocks.flatMap { BlockChain($0).inputs } ?? first.inputs
    let embedding = try takeEmbedding(from: &rest, columns: inputs, file: file)
    if !rest.isEmpty {
      let names = rest.keys.sorted { $0.isNaturallyBefore($1) }
      let list = Self.list(names) { "'\($0)' \(rest[$0]?.shape ?? [])" }
      throw .model(
        "\(file): \(list) \(names.count == 1 ? "belongs" : "belong") to no layer that Weft supports"
          + (hints.blocks == nil && !linearNames(all).isEmpty
            ? "; where these are layers on one another, \(dictionary.suggestedBlocks(levels, all))" : ""))
    }
    var network = NetworkDescription(
      input: embedding.map { .tokens($0.matrix.rows) } ?? .features(first.inputs),
      embedding: embedding?.matrix, levels: levels, outputSteps: hints.outputSteps ?? .everyStep,
      output: output?.layer)
    if let blocks {
      network.blocks = blocks
      if embedding == nil { network.input = .features(inputs) }
    }
    try network.check(file: file)
    if blocks != nil { return ImportedNetwork(network, notes: notes) }
    let stems = modules.map { $0.isEmpty ? "the recurrent module" : String($0.dropLast()) }
    let isDescribed = dictionary.metadata["weft_configuration"] != nil
    if !isDescribed, let encoder = stems.first(where: { $0.lowercased().contains("enc") }),
      let decoder = stems.first(where: { $0.lowercased().contains("dec") })
    {
      throw .model(
        "\(file): '\(encoder)' and '\(decoder)' may be an encoder and a decoder, whose connection a state dictionary"
          + " does not describe; export the network to ONNX, or, if they stand on one another, name all layers with"
          + " --set model.blocks")
    }
    let parts =
      (embedding.map { [Self.stem($0.name)] } ?? []) + stems + (output.map { [Self.stem($0.name)] } ?? [])
    if parts.count > 1, !isDescribed {
      notes.append(
        "takes \(parts.map { "'\($0)'" }.joined(separator: ", then ")) to stand on one another, with nothing"
          + " between them: a state dictionary does not describe its network")
    }
    return ImportedNetwork(network, notes: notes)
  }

  /// Whether an array is a weight of classes in a loss, which training programs store along.
  private static func isOfLoss(_ name: String, _ shape: [Int]) -> Bool {
    let owner = name.split(separator: ".").first?.lowercased() ?? ""
    return shape.count <= 1 && name.contains(".") && (owner.contains("loss") || owner.contains("criterion"))
  }

  /// At most 20 names.
  private static func list(_ names: [String], _ text: (String) -> String = { "'\($0)'" }) -> String {
    names.prefix(20).map(text).joined(separator: ", ")
      + (names.count > 20 ? " and \(names.count - 20) more" : "")
  }

  /// The module of a weight.
  private static func stem(_ name: String) -> String {
    let module = name.hasSuffix(".weight") ? name.dropLast(".weight".count) : name[...]
    return String(module)
  }

  /// Prefixes of recurrent modules, in the order of the network where the file tells it, otherwise of their names.
  private var recurrentModules: [String] {
    let suffix = "weight_ih_l0"
    let found = Set(arrays.keys.filter { $0.hasLastComponent(suffix) })
    let known = order.filter(found.contains)
    let names = known.count == found.count ? known : found.sorted { $0.isNaturallyBefore($1) }
    return names.map { String($0.dropLast(suffix.count)) }
  }

  private func takeLevels(
    of modules: [String], from rest: inout [String: Array], _ hints: NetworkHints, file: String
  ) throws(WeftError) -> [[RecurrentWeights]] {
    var levels: [[RecurrentWeights]] = []
    for module in modules {
      var number = 0
      while rest["\(module)weight_ih_l\(number)"] != nil {
        var layers = [try takeLayer(module, "l\(number)", from: &rest, hints, file: file)]
        if rest["\(module)weight_ih_l\(number)_reverse"] != nil {
          layers.append(try takeLayer(module, "l\(number)_reverse", from: &rest, hints, file: file))
        }
        levels.append(layers)
        number += 1
      }
    }
    return levels
  }

  private func takeLayer(
    _ module: String, _ suffix: String, from rest: inout [String: Array], _ hints: NetworkHints, file: String
  ) throws(WeftError) -> RecurrentWeights {
    let input = try take("\(module)weight_ih_\(suffix)", from: &rest, file: file)
    let recurrent = try take("\(module)weight_hh_\(suffix)", from: &rest, file: file)
    // Cell-specific parameters other than weights and biases, if present.
    var candidates = CellCandidates(.pytorch)
    var others: [String: WeightMatrix] = [:]
    for name in Set(candidates.cells.flatMap { candidates.foreign($0).parameters.map(\.foreignName) }) {
      guard rest["\(module)\(name)_\(suffix)"] != nil else { continue }
      others[name] = try take("\(module)\(name)_\(suffix)", from: &rest, file: file).transposed
    }
    // A projection's rows are the units.
    let units = others["weight_hr"]?.rows ?? recurrent.columns
    let gates = units > 0 ? recurrent.rows / units : 0
    candidates.keep { cell, foreign in
      cell.gateCount == gates && Set(foreign.parameters.map(\.foreignName)) == Set(others.keys)
    }
    guard let cell = candidates.choose(hints.cell) else {
      throw .model(
        "\(file): '\(module)weight_hh_\(suffix)' [\(recurrent.rows), \(recurrent.columns)] does not match"
          + " LSTM, GRU or RNN"
      )
    }
    guard recurrent.rows == gates * units, input.rows == recurrent.rows,
      others["weight_hr"].map({ $0.columns == recurrent.columns }) ?? true
    else {
      throw .model(
        "\(file): '\(module)weight_ih_\(suffix)' and '\(module)weight_hh_\(suffix)' do not match")
    }
    let foreign = candidates.foreign(cell)
    let order = GateOrder(cell, foreign)
    func bias(_ name: String) throws(WeftError) -> [Float]? {
      guard let array = rest.removeValue(forKey: name) else { return nil }
      guard array.shape == [recurrent.rows] else {
        throw .model("\(file): '\(name)' has the shape \(array.shape), not [\(recurrent.rows)]")
      }
      return order.imported(array.values)
    }
    var layer = RecurrentWeights(
      cell: cell, input: order.imported(input.transposed), recurrent: order.imported(recurrent.transposed),
      inputBias: try bias("\(module)bias_ih_\(suffix)"), recurrentBias: try bias("\(module)bias_hh_\(suffix)")
    )
    for parameter in foreign.parameters {
      layer.others[parameter.name] = others[parameter.foreignName].map(parameter.imported)
    }
    return layer
  }

  /// Finds the output layer: among matching matrices, one with a bias is preferred.
  private func takeOutput(
    from rest: inout [String: Array], inputs: Int, embeddingColumns: Int, file: String,
    _ advice: () -> String
  ) throws(WeftError) -> (name: String, layer: DenseWeights)? {
    let candidates = rest.filter {
      $0.key.hasSuffix("weight") && $0.value.shape.count == 2 && $0.value.shape[1] == inputs
    }
    .keys.sorted { $0.isNaturallyBefore($1) }
    func bias(_ name: String) -> String { String(name.dropLast("weight".count)) + "bias" }
    let biased = candidates.filter { rest[bias($0)] != nil }
    let plain = candidates.filter {
      rest[bias($0)] == nil && !($0.contains("emb") && embeddingColumns == inputs)
    }
    guard let name = biased.first ?? plain.first else { return nil }
    if biased.count > 1 || (biased.isEmpty && plain.count > 1) {
      throw .model(
        "\(file): \(candidates.map { "'\($0)'" }.joined(separator: " and ")) could each be the output layer; \(advice())"
      )
    }
    let weights = try take(name, from: &rest, file: file)
    let row = rest.removeValue(forKey: bias(name))
    let biases = row?.values ?? [Float](repeating: 0, count: weights.rows)
    return (name, DenseWeights(weights: weights.transposed, bias: biases))
  }

  /// What names of embeddings contain. Other matrices of that width may be those of attention or of linear layers.
  private static let embeddingNames = [
    "emb", "encoder", "wte", "lookup", "lut", "vocab", "word", "token", "char", "glove",
  ]

  private func takeEmbedding(
    from rest: inout [String: Array], columns: Int, file: String
  ) throws(WeftError) -> (name: String, matrix: WeightMatrix)? {
    let candidates = rest.filter { name, array in
      let isNamed = Self.embeddingNames.contains { name.lowercased().contains($0) } || name == "weight"
      return isNamed && name.hasSuffix("weight") && array.shape.count == 2 && array.shape[1] == columns
        && array.shape[0] > 1
    }.keys.sorted()
    guard let name = candidates.first else { return nil }
    return (name, try take(name, from: &rest, file: file))
  }

  private func take(
    _ name: String, from rest: inout [String: Array], file: String
  ) throws(WeftError) -> WeightMatrix {
    guard let array = rest.removeValue(forKey: name) else { throw .model("\(file): '\(name)' is missing") }
    guard let matrix = WeightMatrix(array) else {
      throw .model("\(file): '\(name)' has the shape \(array.shape), expected a matrix")
    }
    return matrix
  }
}

extension String {
  /// Natural order: `lstm2` before `lstm10`.
  func isNaturallyBefore(_ other: String) -> Bool { compare(other, options: .numeric) == .orderedAscending }
}
