import WeftBase
import WeftLayers

/// What a state dictionary has that no network of Weft's takes, and why.
extension StateNetworkReader {
  /// - Throws: If an array has been left, with the reason.
  func checkNothingIsLeft() throws(WeftError) {
    if rest.isEmpty { return }
    throw refuse(reasons(rest.keys.sorted { $0.isNaturallyBefore($1) }, of: dictionary.layers(levels, rest)))
  }

  /// What is said of arrays that belong to no layer; empty if there are none.
  var strays: String {
    var parts: Set<String> = Set(embeddings.prefix(1).map(Self.weight))
    for layer in dictionary.layers(levels, rest) where !layer.isRecurrent {
      // A matrix of attention has no place on other layers.
      if layer.name.isOfAttention, attentionIsOther { continue }
      let prefix = Self.weight(of: layer.name).dropLast("weight".count)
      for part in ["weight", "bias", "running_mean", "running_var"] { parts.insert("\(prefix)\(part)") }
    }
    let left = rest.keys.filter { !parts.contains($0) }.sorted { $0.isNaturallyBefore($1) }
    return left.isEmpty ? "" : reasons(left, of: [])
  }

  /// Whether what is named as attention is not the pair of layers that Weft's has.
  private var attentionIsOther: Bool {
    let layers = dictionary.layers(levels, rest)
    let named = layers.filter { $0.kind == .linear && $0.name.isOfAttention }
    let pairs = Set(layers.map(\.outputs)).flatMap { attentions(layers, size: $0) }
    if named.count == 1, named[0].outputs == 1 { return false }
    return !named.isEmpty
      && !pairs.contains { pair in named.allSatisfy(pair.map { layers[$0] }.contains) }
  }

  private func reasons(_ names: [String], of layers: [StateLayer]) -> String {
    var groups: [(reason: String, names: [String])] = []
    for name in names {
      let reason = reason(name)
      if let index = groups.firstIndex(where: { $0.reason == reason }) {
        groups[index].names.append(name)
      } else {
        groups.append((reason, [name]))
      }
    }
    return groups.map { reason, names in
      let list = Self.list(names) { "'\($0)' \(rest[$0]?.shape ?? [])" }
      return "\(list) \(names.count == 1 ? "belongs" : "belong") to no layer that Weft supports: \(reason)"
    }.joined(separator: "; ")
  }

  /// What an array is, by its name and shape.
  private func reason(_ name: String) -> String {
    let parts = name.lowercased().split(separator: ".")
    let last = parts.last.map(String.init) ?? ""
    let shape = rest[name]?.shape ?? []
    if last.contains("transitions") {
      return "the transitions of a conditional random field are not imported; without them (deleted from the"
        + " dictionary in Python), the network imports, with the scores of each step alone"
    }
    if last.hasPrefix("in_proj") || name.contains("out_proj") {
      return "multi-head attention is no block of Weft's"
    }
    let states = ["h0", "c0", "h_0", "c_0", "hidden", "hx", "cx", "state"]
    if shape.count == 3 && shape[1] == 1 || states.contains(last) || last.hasPrefix("init_") {
      return
        "by name or shape, states before the first step, of which Weft imports those of one recurrent module, [layers ·"
        + " directions, 1, units], named h0 and c0; where yours begins with zeros, delete them from the dictionary in"
        + " Python"
    }
    let units = levels.last?.outputs ?? 0
    if shape.filter({ $0 != 1 }) == [units], units > 1, last != "weight", last != "bias" {
      return
        "where the softmax over the steps of tanh(out) @ it weighs the states, name all blocks with {pool: attention, size:"
        + " \(units)} in place of the pooling, or without tanh {pool: attention, size: 1, activation: linear}; where it is of"
        + " no use, delete it from the dictionary in Python"
    }
    if name.isOfAttention {
      return
        "Weft's attention, {pool: attention}, has the scores v · f(W h + b), of one linear layer or of two; this is another"
    }
    if shape.count == 2, last == "weight", !embeddings.isEmpty {
      return
        "a second embedding, or a linear layer without a bias; embeddings side by side are named with data.inputs and"
        + " data.categories"
    }
    if ["mean", "std", "scale", "mu", "sigma"].contains(last) {
      return
        "it may scale the data, which the file does not tell; delete it from the dictionary in Python, and scale"
        + " the dataset"
    }
    if last == "weight", shape.count == 1 {
      return "slopes of nn.PReLU, or factors of a normalization that Weft does not have"
    }
    return
      "a parameter or buffer of the module's own, and what the module does with it is not in the file; where it is"
      + " of no use, delete it from the dictionary in Python"
  }

  /// Why blocks of the user leave layers of the file.
  func refusal(ofLeft left: [StateLayer], features: Int?) -> WeftError {
    var left = left
    if let output = left.lastIndex(where: { $0.kind == .linear && features ?? $0.inputs == $0.inputs }) {
      left.remove(at: output)
    } else if left.allSatisfy({ $0.kind == .linear }) {
      return refuse("model.blocks: \(unplaced(left, features: features))")
    }
    let list = Self.list(left.map(\.title))
    let texts = left.prefix(20).map { "{\(text($0))}" }
    return refuse(
      "model.blocks: names no block for \(list); add \(texts.joined(separator: ", ")) at"
        + " \(left.count == 1 ? "its place" : "their places")"
        + (left.contains(where: \.isNormalization)
          ? "; an activation after a normalization is a block of its own, such as {activation: relu}" : ""))
  }

  /// How blocks say that the last states of two layers are read, if there are two.
  private var finalStates: String {
    guard levels.count == 2, levels[0].module == levels[1].module else { return "" }
    let level = configuration(of: levels[1], merge: .concatenate)
    let cell =
      "{cell: \(level.cell?.name ?? ""), hidden: \(level.hidden ?? 0)"
      + (level.isBidirectional ? ", bidirectional: true}" : "}")
    return
      "; of the last states of both layers, with \(cell), {branches: [[{pool: last}], [\(cell), {pool: last}]]}"
  }

  /// How embeddings are named.
  private func option(_ modules: [String]) -> String {
    let list = "[\(modules.joined(separator: ", "))]"
    return "--set 'data.inputs=\(list)' --set 'data.categories=\(list)'"
  }

  private func text(_ layer: StateLayer) -> String {
    switch layer.kind {
    case .linear: "dense: \(layer.outputs)"
    case .convolution(let width): "convolution: \(layer.outputs), width: \(width)"
    case .layerNormalization: "normalization: layer"
    case .batchNormalization: "normalization: batch"
    case .recurrent: "cell: …"
    case .vector: "pool: attention"
    }
  }

  /// Why linear layers have no place in a stack.
  ///
  /// - Parameter features: Those after all blocks; nil for the states.
  func unplaced(_ layers: [StateLayer], features: Int? = nil) -> String {
    let states = features ?? levels.last?.outputs ?? 1
    let linear = layers.filter { $0.kind == .linear }
    let tables = embeddings.filter { $0.lowercased().contains("emb") }
    if tables.count > 1 {
      return
        "\(Self.list(tables)) are several embeddings; of inputs side by side, tell the order with \(option(tables)), and"
        + " numbers beside them in data.inputs alone; positions that are added to tokens are not imported"
    }
    let heads = linear.filter { $0.inputs == states }
    if heads.count > 1 {
      return
        "\(Self.list(heads.map { Self.weight(of: $0.name) })) could each be the output layer; Weft's networks have"
        + " one: join the rows of the weights and biases in Python (torch.cat), or delete all but one"
    }
    let all = dictionary.layers(self.levels, rest)
    for layer in linear where layer.inputs != states {
      let name = "'\(Self.weight(of: layer.name))' [\(layer.outputs), \(layer.inputs)]"
      if let branch = all.first(where: {
        $0 != layer && !$0.isRecurrent && $0.outputs + states == layer.inputs
      }) {
        return
          "\(name) reads \(layer.inputs) features, as many as the \(states) of the recurrent layers and the"
          + " \(branch.outputs) of '\(branch.title)' side by side; if that reads what each sequence has once, name all"
          + " blocks with {branches: [[…, {pool: last}], [{pool: last}, {dense: \(branch.outputs)}]]}, and the datasets with"
          + " --set data.inputs=[…] --set data.static=[…]"
      }
      if layer.inputs == 2 * states || layer.inputs == 3 * states {
        let isTwice = layer.inputs == 2 * states
        let pools = "[{pool: mean}], [{pool: maximum}]" + (isTwice ? "" : ", [{pool: last}]")
        return
          "\(name) reads \(layer.inputs) features, \(isTwice ? "twice" : "three times") the \(states) of the last layer;"
          + " of poolings side by side, name all blocks with {branches: [\(pools)]} in place of the pooling"
          + (isTwice ? finalStates : "")
      }
      if layer.inputs % max(states, 1) == 0, layer.inputs > states {
        return
          "\(name) reads \(layer.inputs) features, \(layer.inputs / states) times the \(states) of the last layer: all"
          + " steps side by side, if sequences have \(layer.inputs / states); name all blocks with {convolution:"
          + " \(layer.outputs), width: \(layer.inputs / states), padding: valid}, {pool: last} for it"
      }
    }
    let matrices = linear.filter { rest[Self.bias(of: Self.weight(of: $0.name))] == nil }
    let first = embeddings.first.flatMap { rest[Self.weight(of: $0)]?.shape[1] }
    let inputs = self.levels.first?.layers.first?.inputs ?? 0
    if !matrices.isEmpty, (matrices.map(\.inputs) + [first ?? 0]).reduce(0, +) == inputs {
      return
        "\(Self.list(embeddings.prefix(1) + matrices.map(\.title))) may be embeddings that side by side are the"
        + " \(inputs) inputs of the recurrent layer; tell their order, which is a guess here, with"
        + " \(option(embeddings.prefix(1) + matrices.map(\.title)))"
    }
    return
      "\(Self.list(layers.filter { !$0.isRecurrent }.map(\.title))) make no stack with the recurrent layers, where"
      + " each layer reads as many features as the one before it gives; branches are not supported"
  }
}
