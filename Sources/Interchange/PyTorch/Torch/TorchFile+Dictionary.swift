import WeftBase

extension TorchFile {
  /// A state dictionary in a file, and where it is.
  struct Found {
    /// Keys that lead to it; empty if it is the whole.
    var keys: [String]
    var place: PickledValues.Place
  }

  /// Keys under which training programs store a model's state dictionary, the most telling first.
  static let keys = [
    "state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "weights", "params",
  ]
  private static let maximumDepth = 4

  /// The state dictionary: the whole, or what a training program's dictionary has under a usual key, or the only
  /// dictionary of tensors in it.
  ///
  /// - Throws: If there is none, or several that could be meant.
  func stateDictionary() throws(WeftError) -> Found {
    guard values.entries(root) != nil else {
      throw .model(
        "\(path): is \(holdsTensor(root) ? "a tensor" : "no dictionary of tensors"); save a state dictionary,"
          + " \(PickleReader.advice)")
    }
    let found = try found(in: root, [])
    guard let first = found.first else {
      throw .model(
        "\(path): contains no dictionary of tensors; save a state dictionary, \(PickleReader.advice)")
    }
    guard found.count == 1 else {
      let names = found.prefix(8).map { "'\($0.keys.joined(separator: "."))'" }
      throw .model(
        "\(path): contains several state dictionaries, \(names.joined(separator: ", ")); save the one of the"
          + " model, in Python: torch.save(torch.load(\"\(path)\")[\"\(first.keys[0])\"], \"weights.pt\")")
    }
    return first
  }

  private func found(in place: PickledValues.Place, _ keys: [String]) throws(WeftError) -> [Found] {
    guard keys.count <= Self.maximumDepth, let entries = values.entries(place) else { return [] }
    // One dictionary can stand in many places.
    try budget.take(objects: entries.count)
    // Before the tensors beside them, such as the loss.
    for key in Self.keys {
      guard let entry = entries.first(where: { $0.name == key }) else { continue }
      let found = try found(in: entry.value, keys + [key])
      if !found.isEmpty { return found }
    }
    if entries.contains(where: { holdsTensor($0.value) && !holdsNumber($0.value) }) {
      return [Found(keys: keys, place: place)]
    }
    var result: [Found] = []
    // Optimizers have tensors too.
    for (name, value) in entries where !name.contains("optim") && !Self.keys.contains(name) {
      result += try found(in: value, keys + [name])
    }
    return result
  }

  private func holdsTensor(_ place: PickledValues.Place) -> Bool {
    guard case .object(let maker, _) = values[place] else { return false }
    return maker.kind == .tensor || maker.kind == .unusualTensor
  }

  /// Whether a tensor has no axes, as a loss or an accuracy beside the weights.
  private func holdsNumber(_ place: PickledValues.Place) -> Bool {
    (try? TorchTensor("", at: place, in: values, file: path))?.shape.isEmpty ?? false
  }

  /// The tensors of a state dictionary by their names, dictionaries within it included, in order.
  func tensors(in found: Found) throws(WeftError) -> [(name: String, tensor: TorchTensor)] {
    var result: [(name: String, tensor: TorchTensor)] = []
    try add(found.place, prefix: "", depth: 0, to: &result)
    return result
  }

  private func add(
    _ place: PickledValues.Place, prefix: String, depth: Int,
    to result: inout [(name: String, tensor: TorchTensor)]
  ) throws(WeftError) {
    guard depth <= Self.maximumDepth, let entries = values.entries(place) else { return }
    try budget.take(objects: entries.count)
    for (name, value) in entries {
      let name = prefix + name
      try budget.take(bytes: name.utf8.count)
      if holdsTensor(value) {
        result.append((name, try TorchTensor(name, at: value, in: values, file: path)))
      } else {
        try add(value, prefix: "\(name).", depth: depth + 1, to: &result)
      }
    }
  }
}
