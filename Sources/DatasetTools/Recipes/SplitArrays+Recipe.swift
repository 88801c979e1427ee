extension SplitArrays {
  /// Sets the keys of ``configuration(_:)``.
  func set(in recipe: inout ConfigurationRecipe) {
    if !inputs.isEmpty {
      recipe.set("data.inputs", "['/\(inputs)']", "the arrays of the inputs, by their names")
    }
    if let targets { recipe.set("data.targets", "'/\(targets)'", "those of the targets") }
    if otherWords.isEmpty { return }
    recipe.set("data.split", "{\(otherWords)}", "what the names say for the splits")
  }
}
