import WeftBase

/// Averages of weights that training programs keep in the same dictionary.
extension StateDictionary {
  /// Parts of names that mark averages.
  private static let marks: Set = ["ema", "averaged", "swa", "shadow"]

  /// Removes averages of weights that are there themselves, and notes that.
  ///
  /// A part of the name marks them, and the rest is that of another array of the same shape, with or without dots.
  mutating func removeAverages() {
    var known: [String: [String]] = [:]
    for name in arrays.keys where Self.withoutMark(name) == nil {
      // A copy has a prefix of its own beside that of the weights.
      let parts = name.split(separator: ".")
      for count in parts.indices.prefix(3) { known[parts[count...].joined(), default: []].append(name) }
    }
    let averages = arrays.keys.filter { name in
      guard let plain = Self.withoutMark(name), let array = arrays[name] else { return false }
      return known[plain]?.contains { arrays[$0]?.shape == array.shape } ?? false
    }.sorted()
    // Some averages alone are of no use, and may be other weights.
    let marked = arrays.filter { Self.withoutMark($0.key) != nil && $0.value.shape.count > 0 }
    guard let first = averages.first, averages.count >= marked.count else { return }
    for name in averages { arrays[name] = nil }
    for (name, array) in arrays where array.shape.isEmpty && Self.withoutMark(name) != nil {
      arrays[name] = nil
    }
    order.removeAll { arrays[$0] == nil }
    notes.append(
      "takes the weights, not their averages beside them, such as '\(first)'; to take these, leave out the others in"
        + " Python")
  }

  /// A name without dots and what marks it as an average; nil if nothing does.
  private static func withoutMark(_ name: String) -> String? {
    let parts = name.split(separator: ".").map(String.init)
    guard
      let place = parts.firstIndex(where: { part in
        part.lowercased().split(separator: "_").contains { marks.contains(String($0)) }
      })
    else { return nil }
    let rest = parts[(place + 1)...].joined()
    return rest.isEmpty ? nil : rest
  }
}
