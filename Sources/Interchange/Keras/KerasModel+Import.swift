import WeftBase
import WeftLayers
import WeftModels

extension KerasModel {
  /// The network of the layers.
  ///
  /// - Parameters:
  ///   - hints: Information missing from files of weights alone.
  ///   - file: For errors.
  /// - Throws: If a layer is not supported; the message names it.
  func network(_ hints: NetworkHints, file: String) throws(WeftError) -> ImportedNetwork {
    let metadata = NetworkMetadata(metadata)
    var reader = KerasNetworkReader(
      file: file, hints: try hints.completed(by: metadata, file: file),
      isOwn: self.metadata["weft_version"] != nil)
    for layer in layers { reader.collect(layer) }
    var result = try reader.result()
    result.metadata = metadata
    return result
  }
}

/// Builds a network from Keras's layers, from the input up.
private struct KerasNetworkReader {
  let file: String
  let hints: NetworkHints
  /// Whether Weft wrote the file.
  let isOwn: Bool
  private var obstacles: Obstacles
  /// Names of recurrent layers that a file of weights does not describe.
  private var undescribed: [String] = []
  private var embedding: WeightMatrix?
  private var levels: [[RecurrentWeights]] = []
  private var output: DenseWeights?
  private var activation = NetworkDescription.OutputActivation.none
  /// Whether the last level returns its states at all steps; nil if the file does not specify it.
  private var returnsSequences: Bool?
  private var notes: [String] = []

  init(file: String, hints: NetworkHints, isOwn: Bool) {
    self.file = file
    self.hints = hints
    self.isOwn = isOwn
    obstacles = Obstacles(file: file)
  }

  /// Adds a layer, or the reason why that is not possible.
  mutating func collect(_ layer: KerasLayer) {
    do { try add(layer) } catch { obstacles.add(error) }
  }

  func result() throws(WeftError) -> ImportedNetwork {
    try obstacles.check()
    guard let first = levels.first?.first else {
      throw .failure("\(file): contains no recurrent layer that Weft supports")
    }
    var notes = notes
    if returnsSequences == nil, hints.outputSteps == nil {
      notes.append(
        "the file does not specify whether every step has an output; assuming every step (model.output)")
    }
    if !undescribed.isEmpty, !isOwn {
      let names = undescribed.map { "'\($0)'" }.joined(separator: ", then ")
      notes.append(
        "a file of weights does not specify what its layers compute; takes \(names)"
          + (undescribed.count > 1 ? " to stand on one another," : "")
          + " with Keras's own activations, reading forward (model.cell for others)")
    }
    let steps: OutputSteps =
      returnsSequences.map { $0 ? .everyStep : .lastStep } ?? hints.outputSteps ?? .everyStep
    var network = NetworkDescription(
      input: embedding.map { .tokens($0.rows) } ?? .features(first.inputs), embedding: embedding,
      levels: levels, outputSteps: steps, output: output)
    network.activation = activation
    try network.check(file: file)
    return ImportedNetwork(network, notes: notes)
  }

  private func refuse(_ layer: KerasLayer, _ complaint: String) -> WeftError {
    .failure("\(file): layer '\(layer.name)': \(complaint)")
  }

  private mutating func add(_ layer: KerasLayer) throws(WeftError) {
    switch layer.className ?? Self.className(of: layer) {
    case let name? where KerasLayer.classesWithoutEffect.contains(name): return
    case "Masking": addMasking(layer)
    case "Embedding": try addEmbedding(layer)
    case "SimpleRNN", "LSTM", "GRU", "Bidirectional": try addLevel(layer)
    case "Dense", "TimeDistributed": try addDense(layer)
    case "Activation", "Softmax":
      if layer.className == "Softmax", let axis = layer.config["axis"], axis != -1 {
        throw refuse(layer, "must be over the last axis")
      }
      let name = layer.className == "Softmax" ? "softmax" : KerasLayer.activation(layer.config["activation"])
      try set(activation: name ?? "linear", layer)
    case nil where layer.variables.isEmpty:
      throw refuse(
        layer, "has no weights, and a file of weights does not say what it computes; save the whole model")
    default: try layer.checkClass(file: file)
    }
  }

  /// The class of a layer in a file of weights alone, inferred from its name or its variables.
  private static func className(of layer: KerasLayer) -> String? {
    let names = [
      "embedding": "Embedding", "simple_rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU",
      "bidirectional": "Bidirectional", "dense": "Dense", "time_distributed": "TimeDistributed",
    ]
    let stem = layer.name.replacing(/_\d+$/, with: "")
    if layer.parts.allSatisfy(\.variables.isEmpty) {
      if stem.contains("mask") { return "Masking" }
      return ["input", "drop", "noise", "regularization"].contains { stem.contains($0) } ? "Dropout" : nil
    }
    if let name = names[stem] { return name }
    let variables = layer.variables.map(\.name)
    if variables == ["embeddings"] { return "Embedding" }
    if variables.filter({ $0 == "recurrent_kernel" }).count == 2 { return "Bidirectional" }
    if variables.contains("recurrent_kernel"), let kernel = layer.variables.first?.array.shape,
      let recurrent = layer.variables.dropFirst().first?.array.shape, kernel.count == 2, recurrent.count == 2
    {
      return [1: "SimpleRNN", 3: "GRU", 4: "LSTM"][recurrent[1] / max(recurrent[0], 1)]
    }
    return variables.first == "kernel" ? "Dense" : nil
  }

  private mutating func addMasking(_ layer: KerasLayer) {
    guard let rows = embedding, levels.isEmpty, layer.config["mask_value"]?.number == 0 else {
      notes.append("layer '\(layer.name)' is ignored: Weft's datasets store the length of each sequence")
      return
    }
    let zeros = (0..<rows.rows).filter { rows.row($0).allSatisfy { $0 == 0 } }
    if isOwn, rows.rows > 1, zeros.last == rows.rows - 1 {
      // A padding token as Weft itself writes it: the last one, with an embedding of zeros.
      embedding = rows.prefix(rows.rows - 1)
    } else if !zeros.isEmpty {
      let tokens = zeros.prefix(8).map(String.init).joined(separator: ", ") + (zeros.count > 8 ? ", …" : "")
      notes.append(
        "layer '\(layer.name)' masks \(zeros.count == 1 ? "token" : "tokens") \(tokens), whose embedding is zeros:"
          + " omit padding from datasets, which store the length of each sequence")
    }
  }

  private mutating func addEmbedding(_ layer: KerasLayer) throws(WeftError) {
    guard !obstacles.isEmpty || (embedding == nil && levels.isEmpty), let variable = layer.variables.first,
      layer.variables.count == 1
    else {
      throw refuse(layer, "an embedding is supported only before the recurrent layers")
    }
    if layer.config["mask_zero"]?.bool == true {
      notes.append(
        "layer '\(layer.name)' masks token 0: omit padding from datasets, which store the length of each"
          + " sequence"
      )
    }
    embedding = try matrix(variable, layer)
  }

  private mutating func addLevel(_ layer: KerasLayer) throws(WeftError) {
    // What follows an obstacle need not fit what precedes it.
    if obstacles.isEmpty, output != nil { throw refuse(layer, "comes after the output layer") }
    if obstacles.isEmpty, returnsSequences == false {
      throw refuse(layer, "comes after a layer without return_sequences")
    }
    if layer.className == nil { undescribed.append(layer.name) }
    if (layer.className ?? Self.className(of: layer)) != "Bidirectional" {
      levels.append([try recurrent(layer, layer.className, layer.config, layer.variables)])
      returnsSequences = layer.className == nil ? nil : layer.config["return_sequences"]?.bool ?? false
      return
    }
    if let mode = layer.config["merge_mode"], mode != "concat" {
      throw refuse(layer, "merge_mode must be 'concat', not \(mode.text.map { "'\($0)'" } ?? "null")")
    }
    let half = layer.variables.count / 2
    let inner = layer.config["layer"]
    let config = inner?["config"]?.members ?? [:]
    let name = inner?["class_name"]?.text
    // A layer of its own can have other arguments.
    let backward = layer.config["backward_layer"]
    if let other = backward?["class_name"]?.text, other != name {
      throw refuse(layer, "its directions are of different classes")
    }
    var backwardConfig = backward?["config"]?.members ?? config
    if let direction = backward?["config"]?["go_backwards"]?.bool, !direction {
      throw refuse(layer, "both of its directions read forward")
    }
    backwardConfig["go_backwards"] = nil
    guard backwardConfig["return_sequences"] == config["return_sequences"] else {
      throw refuse(layer, "one of its directions returns all steps, the other the last")
    }
    levels.append([
      try recurrent(layer, name, config, Array(layer.variables[..<half])),
      try recurrent(layer, name, backwardConfig, Array(layer.variables[half...])),
    ])
    returnsSequences = layer.className == nil ? nil : config["return_sequences"]?.bool ?? false
  }

  /// A layer in one direction.
  private func recurrent(
    _ layer: KerasLayer, _ className: String?, _ config: [String: JSONValue],
    _ variables: [KerasLayer.Variable]
  ) throws(WeftError) -> RecurrentWeights {
    guard (2...3).contains(variables.count) else {
      throw refuse(
        layer, "has \(variables.count) weight arrays; expected kernel, recurrent_kernel and bias")
    }
    let (kernel, recurrent) = (try matrix(variables[0], layer), try matrix(variables[1], layer))
    let bias = variables.count == 3 ? variables[2].array : nil
    let gates = recurrent.rows > 0 ? recurrent.columns / recurrent.rows : 0
    guard recurrent.columns == gates * recurrent.rows, kernel.columns == recurrent.columns else {
      throw refuse(layer, "its kernel and recurrent kernel do not match")
    }
    let cell = try self.cell(layer, className, config, gates: gates, bias: bias)
    guard cell.gateCount == gates else {
      throw refuse(layer, "has \(gates) gates, but \(cell.name) has \(cell.gateCount)")
    }
    guard let foreign = cell.foreign[.keras] else { preconditionFailure("the cell is one of Keras") }
    let order = GateOrder(cell, foreign)
    let rows = (bias?.values.count ?? 0) / recurrent.columns
    if let bias,
      bias.values.count != rows * recurrent.columns || rows != (cell.recurrentBiasGates.isEmpty ? 1 : 2)
    {
      throw refuse(layer, "its bias has the shape \(bias.shape)")
    }
    return RecurrentWeights(
      cell: cell, input: order.imported(kernel), recurrent: order.imported(recurrent),
      inputBias: bias.map { order.imported($0.values[..<recurrent.columns]) },
      recurrentBias: rows == 2 ? bias.map { order.imported($0.values[recurrent.columns...]) } : nil)
  }

  private func cell(
    _ layer: KerasLayer, _ className: String?, _ config: [String: JSONValue], gates: Int,
    bias: StateDictionary.Array?
  ) throws(WeftError) -> CellType {
    for flag in ["go_backwards", "time_major"] where config[flag]?.bool == true {
      throw refuse(layer, "\(flag) is not supported")
    }
    var candidates = CellCandidates(.keras)
    candidates.keep { cell, foreign in className.map { $0 == foreign.name } ?? (cell.gateCount == gates) }
    if candidates.cells.isEmpty { throw refuse(layer, "has \(gates) gates, which matches no supported cell") }
    func keep(_ argument: String, standard: String) throws(WeftError) {
      let told = config[argument].map { KerasLayer.activation($0) ?? "unknown" }
      let wanted = candidates.keep(argument, told.map { .text($0) }, standard: .text(standard))
      guard let wanted, let told else { return }
      let names = Set(wanted.map { if case .text(let text) = $0 { "'\(text)'" } else { "" } }).sorted(by: >)
      throw refuse(layer, "\(argument) must be \(names.joined(separator: " or ")), not '\(told)'")
    }
    if gates > 1 { try keep("recurrent_activation", standard: "sigmoid") }
    try keep("activation", standard: "tanh")
    _ = candidates.keep("reset_after", config["reset_after"]?.bool.map { .flag($0) }, standard: nil)
    // For files of weights alone, the shape of the bias determines the argument.
    if config["reset_after"] == nil, let bias, candidates.cells.count > 1 {
      candidates.keep { cell, _ in cell.recurrentBiasGates.isEmpty == (bias.shape.count != 2) }
    }
    guard let cell = candidates.choose(hints.cell) else {
      throw refuse(layer, "its bias has the shape \(bias?.shape ?? [])")
    }
    return cell
  }

  private mutating func addDense(_ layer: KerasLayer) throws(WeftError) {
    guard !obstacles.isEmpty || (!levels.isEmpty && output == nil) else {
      throw refuse(layer, "only one dense layer is supported, after the recurrent layers")
    }
    let config =
      layer.className == "TimeDistributed" ? layer.config["layer"]?["config"]?.members ?? [:] : layer.config
    if layer.className == "TimeDistributed", layer.config["layer"]?["class_name"]?.text != "Dense" {
      throw refuse(layer, "TimeDistributed must contain a Dense layer")
    }
    guard let kernel = layer.variables.first, layer.variables.count <= 2 else {
      throw refuse(layer, "has \(layer.variables.count) weight arrays; expected kernel and bias")
    }
    let weights = try matrix(kernel, layer)
    let bias =
      layer.variables.count == 2
      ? layer.variables[1].array.values : [Float](repeating: 0, count: weights.columns)
    output = DenseWeights(weights: weights, bias: bias)
    try set(activation: KerasLayer.activation(config["activation"]) ?? "linear", layer)
  }

  private mutating func set(activation name: String?, _ layer: KerasLayer) throws(WeftError) {
    switch name {
    case "linear": return
    case "softmax", "sigmoid":
      guard !obstacles.isEmpty || (output != nil && activation == .none) else {
        throw refuse(layer, "activation '\(name ?? "")' is not supported in the output layer")
      }
      activation = name == "softmax" ? .softmax : .sigmoid
      notes.append("Weft's outputs are the values before \(name ?? ""), which belongs to the loss")
    case let name: throw refuse(layer, "activation '\(name ?? "")' is not supported")
    }
  }

  private func matrix(_ variable: KerasLayer.Variable, _ layer: KerasLayer) throws(WeftError) -> WeightMatrix
  {
    guard let matrix = WeightMatrix(variable.array) else {
      throw refuse(layer, "its \(variable.name) has the shape \(variable.array.shape), expected a matrix")
    }
    return matrix
  }
}
