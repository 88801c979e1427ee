import WeftBase

/// Which outputs of which layers each layer of a Functional model reads.
struct KerasGraph {
  private let file: String
  private let layers: [String: KerasLayer]
  private let descriptions: [String: JSONValue]
  private let outputs: [Tensor]
  /// Names of the inputs, in the order of the model's.
  private let inputs: [String]
  /// The highest number of each layer's uses that others name.
  private let lastUses: [String: Int]

  /// An output of a layer.
  struct Tensor: Hashable {
    var layer: String
    /// Which of the layer's uses.
    var use: Int
    /// Which of the layer's outputs.
    var number: Int
  }

  /// - Parameters:
  ///   - config: The configuration of the model.
  ///   - layers: The layers, with the places of their weights.
  ///   - file: For errors.
  init(_ config: JSONValue?, _ layers: [KerasLayer], file: String) {
    self.file = file
    self.layers = Dictionary(layers.map { ($0.name, $0) }) { first, _ in first }
    var descriptions: [String: JSONValue] = [:]
    for description in config?["layers"]?.list ?? [] {
      descriptions[description["name"]?.text ?? KerasArchitecture.layer(description).name] = description
    }
    self.descriptions = descriptions
    outputs = Self.tensors(config?["output_layers"] ?? .null)
    let own = layers.filter { $0.className == "InputLayer" }.map(\.name)
    let told = Self.tensors(config?["input_layers"] ?? .null).map(\.layer)
    inputs = Set(told) == Set(own) ? told : own
    let named = descriptions.values.flatMap { $0["inbound_nodes"]?.list ?? [] }.flatMap { node in
      Self.tensors(node) + Self.keywords(of: node).values.flatMap(Self.tensors)
    }
    lastUses = Dictionary((named + outputs).map { ($0.layer, $0.use) }, uniquingKeysWith: max)
  }

  /// The input layers, in the order of the model's inputs.
  var inputLayers: [KerasLayer] { inputs.compactMap(layer) }

  /// The layers from the input up to the output, as a single chain: a layer that joins branches has those between it and
  /// the last layer that they have in common.
  ///
  /// - Throws: If they are none; the message names the layer at which they branch.
  func chain() throws(WeftError) -> [KerasLayer] {
    guard outputs.count == 1, let output = outputs.first else { throw severalOutputs() }
    return try chain(to: output)
  }

  /// The layers from the input up to a tensor.
  func chain(to output: Tensor) throws(WeftError) -> [KerasLayer] {
    var known: [Tensor: [KerasLayer]] = [:]
    return try chain(to: output, depth: 0, &known)
  }

  /// The layers up to a tensor.
  ///
  /// - Parameter known: Those up to others, which grow.
  private func chain(
    to end: Tensor, depth: Int, _ known: inout [Tensor: [KerasLayer]]
  ) throws(WeftError) -> [KerasLayer] {
    if let chain = known[end] { return chain }
    guard depth < Self.maximumDepth else { throw refuse(end.layer, "joins more branches than are supported") }
    var below: [KerasLayer] = []
    var result: [KerasLayer] = []
    var next: Tensor? = end
    while let tensor = next {
      guard var layer = layer(tensor.layer), result.count <= Self.maximumLayers else {
        throw refuse(tensor.layer, "is not in the file")
      }
      layer.use = tensor.use
      try select(tensor.number, of: &layer)
      var sources = try sources(of: tensor)
      if KerasLayer.recurrentClasses.contains(layer.className ?? "") {
        let keyword = node(tensor).flatMap { Self.keywords(of: $0)["initial_state"] }
        layer.initialStates = []
        for state in keyword.map(Self.tensors) ?? Array(sources.dropFirst()) {
          layer.initialStates.append(try bothDirections(state) ?? state)
        }
        sources = Array(sources.prefix(1))
      }
      if KerasLayer.decoderAttention.contains(layer.className ?? ""), sources.count > 1 {
        layer.attended = Array(sources.dropFirst())
        sources = Array(sources.prefix(1))
      }
      layer.slices = slices(of: tensor)
      if let joined = try directions(layer, sources) {
        // The layer itself is read next, as it is without the concatenation.
        result.append(joined)
        next = try self.sources(of: sources[0]).first
        continue
      }
      if sources.count > 1 {
        guard layer.joins else { throw severalSources(layer, sources) }
        below = try join(&layer, sources, depth: depth, &known)
        result.append(layer)
        break
      }
      result.append(layer)
      next = sources.first
    }
    let chain = below + result.reversed()
    // Layers that several branches use are in each of them.
    guard chain.reduce(0, { $0 + $1.names.count }) <= Self.maximumLayers else {
      throw usedTooOften(end.layer)
    }
    known[end] = chain
    return chain
  }

  private static let maximumDepth = 64
  private static let maximumLayers = 1 << 14

  /// Gives a layer that joins others its branches.
  ///
  /// - Returns: The layers that all branches have in common.
  private func join(
    _ layer: inout KerasLayer, _ sources: [Tensor], depth: Int, _ known: inout [Tensor: [KerasLayer]]
  ) throws(WeftError) -> [KerasLayer] {
    var paths: [[KerasLayer]] = []
    var count = 0
    for source in sources {
      let path = try chain(to: source, depth: depth + 1, &known)
      count += path.reduce(0) { $0 + $1.names.count }
      guard count <= Self.maximumLayers else { throw usedTooOften(layer.name) }
      paths.append(path)
    }
    let common = Self.commonCount(paths)
    layer.branches = grouped(paths.map { Array($0[common...]) }, layer)
    if layer.branches.allSatisfy(\.isEmpty) {
      throw refuse(layer.name, "joins '\(sources[0].layer)' with itself")
    }
    return Array(paths[0][..<common])
  }

  /// How many layers lists of them begin with in common.
  private static func commonCount(_ paths: [[KerasLayer]]) -> Int {
    let shortest = paths.map(\.count).min() ?? 0
    return (0..<shortest).first { place in
      paths.contains { !$0[place].isSame(as: paths[0][place]) }
    } ?? shortest
  }

  /// Branches of which those that follow one another and begin with the same layers are one, with a join of their own.
  private func grouped(_ branches: [[KerasLayer]], _ join: KerasLayer) -> [[KerasLayer]] {
    // Means of means have other weights.
    guard ["Concatenate", "Add", "Multiply"].contains(join.className) else { return branches }
    var groups: [[[KerasLayer]]] = []
    for branch in branches {
      if let first = branch.first, let other = groups.last?.first?.first, first.isSame(as: other) {
        groups[groups.count - 1].append(branch)
      } else {
        groups.append([branch])
      }
    }
    guard groups.count > 1 else { return branches }
    return groups.map { group in
      guard group.count > 1 else { return group[0] }
      let common = Self.commonCount(group)
      var inner = join
      inner.branches = grouped(group.map { Array($0[common...]) }, join)
      return Array(group[0][..<common]) + [inner]
    }
  }

  private func layer(_ name: String) -> KerasLayer? {
    guard let description = descriptions[name] else { return nil }
    let described = KerasArchitecture.layer(description)
    return layers[described.name] ?? described
  }

  /// One use of a layer: the arguments of its call; nil if it has none.
  private func node(_ tensor: Tensor) -> JSONValue? {
    let nodes = descriptions[tensor.layer]?["inbound_nodes"]?.list ?? []
    if nodes.count == 1 { return nodes[0] }
    // The first use of a model within the model is its own making, which is not in the list.
    let use = tensor.use - (lastUses[tensor.layer] == nodes.count ? 1 : 0)
    return nodes.indices.contains(use) ? nodes[use] : nil
  }

  /// The tensors that a layer reads, where it has an output.
  private func sources(of tensor: Tensor) throws(WeftError) -> [Tensor] {
    let name = tensor.layer
    guard let node = node(tensor) else {
      guard let nodes = descriptions[name]?["inbound_nodes"]?.list, !nodes.isEmpty else { return [] }
      throw refuse(
        name, "is used in \(nodes.count) places, of which number \(tensor.use + 1) is not in the file")
    }
    for (argument, value) in Self.keywords(of: node) where argument != "mask" {
      guard let other = Self.tensors(value).first else { continue }
      if argument == "initial_state", KerasLayer.recurrentClasses.contains(layer(name)?.className ?? "") {
        continue
      }
      throw refuse(name, "takes \(argument) from '\(other.layer)', which is not supported")
    }
    return Self.tensors(node)
  }

  /// Makes a layer give the output that another reads: the first, or the state after the last step, which is the output
  /// of a layer without return_sequences.
  private func select(_ number: Int, of layer: inout KerasLayer) throws(WeftError) {
    if number == 0 { return }
    let returnsState = layer.config["return_state"]?.bool == true
    if number == 2, layer.className == "LSTM", returnsState {
      throw refuse(
        layer.name,
        "its cell state after the last step is read, which is inside the layer in Weft; the hidden"
          + " state is supported")
    }
    guard number == 1, returnsState, ["LSTM", "GRU", "SimpleRNN"].contains(layer.className) else {
      throw refuse(
        layer.name,
        "its output number \(number + 1) is read; supported are the outputs and, of LSTM, GRU and"
          + " SimpleRNN, the hidden state")
    }
    layer.config["return_sequences"] = false
  }

  /// The number of an output that is the final hidden states of both directions side by side, and of their cell states.
  static let (hiddenOfBoth, cellOfBoth) = (-1, -2)

  /// The final states of both directions of a layer, where a tensor is their concatenation; nil if it is none.
  private func bothDirections(_ state: Tensor) throws(WeftError) -> Tensor? {
    guard let join = layer(state.layer), join.className == "Concatenate",
      [-1, 1, nil].contains(join.config["axis"]?.integer)
    else { return nil }
    let sources = try sources(of: state)
    guard sources.count == 2, sources[0].layer == sources[1].layer, let layer = layer(sources[0].layer),
      layer.className == "Bidirectional"
    else { return nil }
    let isLSTM = layer.config["layer"]?["class_name"] == "LSTM"
    let numbers = sources.map(\.number)
    var number: Int?
    if numbers == (isLSTM ? [1, 3] : [1, 2]) { number = Self.hiddenOfBoth }
    if isLSTM, numbers == [2, 4] { number = Self.cellOfBoth }
    return number.map { Tensor(layer: layer.name, use: sources[0].use, number: $0) }
  }

  /// A bidirectional layer, where a concatenation joins the outputs or the final hidden states of its directions.
  private func directions(_ join: KerasLayer, _ sources: [Tensor]) throws(WeftError) -> KerasLayer? {
    guard join.className == "Concatenate", sources.count == 2, sources[0].layer == sources[1].layer,
      var layer = layer(sources[0].layer), layer.className == "Bidirectional",
      [-1, nil].contains(join.config["axis"]?.integer)
    else { return nil }
    let numbers = sources.map(\.number)
    let inner = layer.config["layer"]
    if layer.config["merge_mode"] == .null, numbers == [0, 1] {
      layer.config["merge_mode"] = "concat"
      return layer
    }
    let states = inner?["class_name"] == "LSTM" ? [1, 3] : [1, 2]
    guard inner?["config"]?["return_state"]?.bool == true, layer.config["merge_mode"] != .null,
      numbers == states
    else { return nil }
    layer.config["merge_mode"] = "concat"
    for part in ["layer", "backward_layer"] {
      guard var member = layer.config[part]?.members, var config = member["config"]?.members else { continue }
      config["return_sequences"] = false
      member["config"] = .object(config)
      layer.config[part] = .object(member)
    }
    return layer
  }
}

extension KerasGraph {
  private func refuse(_ name: String, _ complaint: String) -> WeftError {
    .model("\(file): layer '\(name)': \(complaint)")
  }

  private func severalOutputs() -> WeftError {
    guard let first = outputs.first else { return .model("\(file): its model has no outputs") }
    let names = outputs.map { "'\($0.layer)'" }.joined(separator: ", ")
    return .model(
      "\(file): has \(outputs.count) outputs, of \(names), and models of Weft have one; save"
        + " keras.Model(model.input, model.get_layer('\(first.layer)').output)")
  }

  private func usedTooOften(_ name: String) -> WeftError {
    refuse(name, "its branches use the same layers too often")
  }

  private func severalSources(_ layer: KerasLayer, _ sources: [Tensor]) -> WeftError {
    do { try layer.checkClass(file: file) } catch { return error }
    return refuse(
      layer.name, "\(layer.className ?? "a layer") reads \(names(sources)); one input is supported")
  }

  private func names(_ tensors: [Tensor]) -> String {
    var names: [String] = []
    for tensor in tensors where !names.contains("'\(tensor.layer)'") { names.append("'\(tensor.layer)'") }
    let last = names.removeLast()
    return names.isEmpty ? last : "\(names.joined(separator: ", ")) and \(last)"
  }

  /// The tensors that a description refers to: `[name, node, tensor, …]` (Keras 2) or an object with a `keras_history`
  /// (Keras 3), of positional arguments alone.
  private static func tensors(_ value: JSONValue) -> [Tensor] {
    switch value {
    case .list(let items):
      if let tensor = tensor(items) { return [tensor] }
      return items.flatMap(tensors)
    case .object:
      if let history = value["config"]?["keras_history"]?.list { return tensor(history).map { [$0] } ?? [] }
      return value["args"].map(tensors) ?? []
    default: return []
    }
  }

  private static func tensor(_ items: [JSONValue]) -> Tensor? {
    guard items.count >= 3, let name = items[0].text, let use = items[1].integer,
      let number = items[2].integer
    else { return nil }
    return Tensor(layer: name, use: use, number: number)
  }

  /// The keyword arguments of a call.
  private static func keywords(of node: JSONValue) -> [String: JSONValue] {
    if let keywords = node["kwargs"]?.members { return keywords }
    // A function of TensorFlow has one list; layers have one for each tensor.
    let items = node.list ?? []
    let calls = items.first?.text == nil ? items.compactMap(\.list) : [items]
    return calls.reduce(into: [:]) { result, call in
      if call.count >= 4, let members = call[3].members { result.merge(members) { $1 } }
    }
  }

  /// The steps and features that a layer takes; nil if it takes none.
  private func slices(of tensor: Tensor) -> [JSONValue]? {
    guard let node = node(tensor) else { return nil }
    if let specification = Self.keywords(of: node)["slice_spec"]?.list { return specification }
    guard descriptions[tensor.layer]?["class_name"] == "GetItem", let arguments = node["args"]?.list,
      arguments.count == 2
    else { return nil }
    return arguments[1].list ?? [arguments[1]]
  }
}

extension KerasLayer {
  /// Whether another layer at the same place, after the same ones, is this one.
  fileprivate func isSame(as other: KerasLayer) -> Bool {
    name == other.name && config == other.config && (branches.isEmpty || use == other.use)
      && initialStates == other.initialStates && attended == other.attended
  }
}
