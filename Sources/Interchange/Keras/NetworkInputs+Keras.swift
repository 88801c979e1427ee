import WeftBase

extension NetworkInputs {
  /// The inputs of a model of Keras.
  ///
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
    do { try self.init(all) } catch { throw .model("\(file): \(error.message)") }
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
        name: layer.name, dataset: dataset, isStatic: isStatic, width: width, steps: steps,
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
      throw .model("is read as numbers and by '\(first.name)' as tokens, which is not supported")
    }
    guard shape.count < 2 || shape == [1, 1] else {
      throw .model("'\(first.name)' embeds \(shape.count) axes of it; one token for each step is supported")
    }
    return use.isFlat == true || shape.isEmpty
      ? try input(isStatic: true, width: shape.first ?? 1, steps: nil)
      : try input(isStatic: false, width: 1, steps: shape[0])
  }
}

/// What reads the inputs of a model.
private struct Uses {
  struct Use {
    var embeddings: [(name: String, matrix: WeightMatrix)] = []
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
          byInput[name]?.embeddings.contains(where: { $0.name == layer.name }) == false
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
