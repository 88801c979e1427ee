extension SplitArrays {
  /// Sets the keys of ``configuration(_:)``.
  func set(in recipe: inout ConfigurationRecipe) {
    recipe.set("data.inputs", "['/\(inputs)']", "the arrays of the inputs, by their names")
    if let targets { recipe.set("data.targets", "'/\(targets)'", "those of the targets") }
    let others = words.filter { $0.key != $0.value }.sorted { $0.key < $1.key }
    if others.isEmpty { return }
    let pairs = others.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    recipe.set("data.split", "{\(pairs)}", "what the names say for the splits")
  }
}
