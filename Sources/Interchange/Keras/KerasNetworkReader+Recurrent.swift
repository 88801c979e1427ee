import KernelInterface
import WeftBase
import WeftLayers
import WeftModels

extension KerasNetworkReader {
  mutating func addMasking(_ layer: KerasLayer) {
    guard let rows = embedding, chain.blocks.isEmpty, layer.config["mask_value"]?.number == 0 else {
      noteMasking(layer)
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
          + " \(Self.maskAdvice)")
      if zeros.count == 1, !isOwn { padding = Double(zeros[0]) }
    }
  }

  mutating func addEmbedding(_ layer: KerasLayer) throws(WeftError) {
    if let inputs {
      noteMask(layer)
      return try embedInput(layer, inputs)
    }
    guard !obstacles.isEmpty || (embedding == nil && chain.blocks.isEmpty && branchInputs == nil),
      let variable = layer.variables.first,
      layer.variables.count == 1
    else {
      throw refuse(layer, "an embedding is supported only before the recurrent layers")
    }
    noteMask(layer)
    embedding = try matrix(variable, layer)
  }

  /// Tells that a layer's padding is not found by its values.
  mutating func noteMasking(_ layer: KerasLayer) {
    let value = layer.config["mask_value"]?.number ?? 0
    if chain.blocks.isEmpty, inputs == nil, !isOwn { padding = value }
    notes.append(
      "layer '\(layer.name)' leaves out steps that are \(NumberText.significant(value, digits: 6)): \(Self.maskAdvice)"
    )
  }

  /// What becomes of masks.
  private static let maskAdvice =
    "here sequences have lengths instead, of data.lengths or data.padding; such steps before their ends are read as any others"

  private mutating func noteMask(_ layer: KerasLayer) {
    guard layer.config["mask_zero"]?.bool == true else { return }
    if inputs == nil, !isOwn { padding = 0 }
    let note = "layer '\(layer.name)' masks token 0: \(Self.maskAdvice)"
    if !notes.contains(note) { notes.append(note) }
  }

  mutating func addLevel(_ layer: KerasLayer) throws(WeftError) {
    if obstacles.isEmpty, returnsSequences == false {
      throw refuse(layer, "comes after a layer without return_sequences")
    }
    let inner = layer.config["layer"]
    if [layer.config, inner?["config"]?.members ?? [:]].contains(where: { $0["stateful"]?.bool == true }) {
      notes.append(
        "layer '\(layer.name)' is stateful: here a stream is, whose steps follow one another; each sequence of other data"
          + " begins with zero states")
    }
    if layer.className != "Bidirectional" {
      var config = layer.config
      var level = RecurrentLevel([])
      if config["go_backwards"]?.bool == true {
        guard config["return_sequences"]?.bool != true else {
          throw refuse(layer, "go_backwards with return_sequences reverses the steps, which is not supported")
        }
        level.isBackward = true
        config["go_backwards"] = nil
      }
      level.layers = [try recurrent(layer, layer.className, config, layer.variables)]
      try append(level, layer, config)
      return
    }
    let mode = layer.config["merge_mode"] ?? "concat"
    let merges: [String: DirectionMerge] = [
      "concat": .concatenate, "sum": .sum, "ave": .mean, "mul": .product,
    ]
    guard let merge = mode.text.flatMap({ merges[$0] }) else {
      throw refuse(layer, "merge_mode \(mode.text.map { "'\($0)'" } ?? "null") is not supported")
    }
    let half = layer.variables.count / 2
    let (name, config) = Self.layer(inner?["class_name"]?.text, inner?["config"]?.members ?? [:])
    // A layer of its own can have other arguments.
    let backward = layer.config["backward_layer"]
    if let other = backward?["class_name"]?.text, other != inner?["class_name"]?.text {
      throw refuse(layer, "its directions are of different classes")
    }
    var backwardConfig =
      backward.map { Self.layer($0["class_name"]?.text, $0["config"]?.members ?? [:]).config } ?? config
    if let direction = backward?["config"]?["go_backwards"]?.bool, !direction {
      throw refuse(layer, "both of its directions read forward")
    }
    backwardConfig["go_backwards"] = nil
    guard backwardConfig["return_sequences"] == config["return_sequences"] else {
      throw refuse(layer, "one of its directions returns all steps, the other the last")
    }
    var level = RecurrentLevel([
      try recurrent(layer, name, config, Array(layer.variables[..<half])),
      try recurrent(layer, name, backwardConfig, Array(layer.variables[half...])),
    ])
    level.merge = merge
    try append(level, layer, config)
  }

  /// Adds a level, and the pooling of one that returns only the last states.
  mutating func append(
    _ level: RecurrentLevel, _ layer: KerasLayer, _ config: [String: JSONValue]
  ) throws(WeftError) {
    addInputDropout(config)
    try append(.recurrent(level), layer)
    addRecurrentDropout(config)
    returnsSequences = config["return_sequences"]?.bool ?? false
    if returnsSequences == false { try append(.pool(.last), layer) }
  }

  /// A layer in one direction.
  func recurrent(
    _ layer: KerasLayer, _ className: String?, _ config: [String: JSONValue],
    _ variables: [KerasLayer.Variable]
  ) throws(WeftError) -> RecurrentWeights {
    var config = config
    let (className, variables) = withoutCuDNN(layer, className, &config, variables)
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
    let activations = try takeActivations(layer, from: &config, gates: gates)
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
    var result = RecurrentWeights(
      cell: cell, input: order.imported(kernel), recurrent: order.imported(recurrent),
      inputBias: bias.map { order.imported($0.values[..<recurrent.columns]) },
      recurrentBias: rows == 2 ? bias.map { order.imported($0.values[recurrent.columns...]) } : nil)
    (result.activation, result.recurrentActivation) = activations
    return result
  }

  /// The activations of a layer. In `config`, those that no cell has by itself are replaced by the standard ones.
  func takeActivations(
    _ layer: KerasLayer, from config: inout [String: JSONValue], gates: Int
  ) throws(WeftError) -> (state: Activation, gates: Activation) {
    func take(_ argument: String, _ standard: Activation, others: [Activation]) throws(WeftError)
      -> Activation
    {
      guard let name = config[argument].map({ KerasLayer.activation($0) ?? "linear" }) else {
        return standard
      }
      guard let function = function(name), !function.gradientReadsInputs,
        others.isEmpty || others.contains(function)
      else { throw refuse(layer, "\(argument) '\(name)' is not supported") }
      config[argument] = .text(standard.rawValue)
      return function
    }
    if gates == 1 {
      // One of the two that cells have by themselves.
      if ["tanh", "relu"].contains(config["activation"].map { KerasLayer.activation($0) }) {
        return (.tanh, .sigmoid)
      }
      return (try take("activation", .tanh, others: []), .sigmoid)
    }
    // Weft's update gate of a GRU is 1 − z of Keras's, which these functions allow.
    let symmetric: [Activation] = gates == 3 ? [.sigmoid, .hardSigmoid, .hardSigmoidKeras2] : []
    return (
      try take("activation", .tanh, others: []),
      try take("recurrent_activation", .sigmoid, others: symmetric)
    )
  }

  func cell(
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
}
