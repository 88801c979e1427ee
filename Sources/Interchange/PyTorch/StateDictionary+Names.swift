import WeftBase

extension StateDictionary {
  /// The same weights under the names that `torch.nn`'s recurrent modules give them.
  ///
  /// Removes the names of wrappers (`module.` of `DataParallel`, `_orig_mod.` of `torch.compile`, `model.` of
  /// Lightning), computes normalized weights, and names the weights of cells like those of a module's only layer.
  /// - Throws: If a weight is computed from others in a way that Weft does not know.
  func unwrapped(file: String) throws(WeftError) -> StateDictionary {
    var result = self
    let numbers = arrays.filter { name, array in
      // Weight normalization stores a norm over everything as a number.
      array.shape.isEmpty && !name.hasSuffix("_g") && !name.hasSuffix("original0")
    }.keys.sorted()
    for name in numbers { result.arrays[name] = nil }
    let told = numbers.filter { !$0.hasLastComponent("num_batches_tracked") }
    if !told.isEmpty {
      result.notes.append(
        "ignores \(StateNetworkReader.list(told)), which \(told.count == 1 ? "is a single number" : "are single numbers")"
      )
    }
    result.order.removeAll { result.arrays[$0] == nil }
    result.rename { name in
      name.split(separator: ".", omittingEmptySubsequences: false).filter { $0 != "_orig_mod" }
        .joined(separator: ".")
    }
    result.removeAverages()
    for _ in 0..<Self.maximumWrappers {
      guard let prefix = result.commonPrefix else { break }
      result.rename { String($0.dropFirst(prefix.count)) }
    }
    try result.computeNormalizedWeights(file: file)
    let cells = result.arrays.keys.filter { $0.hasLastComponent("weight_ih") }
      .map { String($0.dropLast("weight_ih".count)) }
    for cell in cells.sorted(by: { $0.isNaturallyBefore($1) }) {
      result.notes.append(
        "takes the cell '\(cell.isEmpty ? "weight_ih" : String(cell.dropLast()))' to run over all steps, from"
          + " states of zero")
    }
    let cellNames: Set = Set(cells.flatMap { cell in Self.cellParameters.map { cell + $0 } })
    result.rename { cellNames.contains($0) ? $0 + "_l0" : $0 }
    return result
  }

  private static let maximumWrappers = 8
  private static let cellParameters = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]

  /// A first component that all names share and that more than one component follows, with its dot.
  private var commonPrefix: String? {
    guard let first = arrays.keys.first?.split(separator: ".").first.map({ "\($0)." }) else { return nil }
    let isCommon = arrays.keys.allSatisfy { name in
      name.hasPrefix(first) && name.dropFirst(first.count).contains(".")
    }
    return isCommon ? first : nil
  }

  /// Renames arrays, unless two would have one name.
  mutating func rename(_ name: (String) -> String) {
    var renamed: [String: Array] = [:]
    for (old, array) in arrays { renamed[name(old)] = array }
    guard renamed.count == arrays.count else { return }
    arrays = renamed
    order = order.map(name)
  }

  /// Replaces an array's name in the order by that of another computed from it.
  mutating func replace(_ parts: [String], by name: String, _ array: Array) {
    for part in parts { arrays[part] = nil }
    arrays[name] = array
    if let place = order.firstIndex(where: parts.contains) { order[place] = name }
  }
}

extension String {
  /// Whether the name is `component`, or ends in a dot and `component`.
  func hasLastComponent(_ component: String) -> Bool { self == component || hasSuffix(".\(component)") }
}
