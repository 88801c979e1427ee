import WeftData

extension ONNXGraphBuilder {
  /// Adds the inputs of a network, and what precedes its blocks.
  ///
  /// - Returns: The input of the first block `[time, batch, features]`.
  mutating func addInputs(_ network: NetworkDescription) -> ONNXValue {
    let steps: [ONNXProtoDimension.OneOf_Size] =
      options.isStreaming ? [.named("batch")] : [.named("batch"), .named("time")]
    switch network.input {
    case .tokens: addInput("inputs", .int64, steps)
    case .features(let count): addInput("inputs", .float32, steps + [.fixed(Int64(count))])
    }
    if options.isRagged { addInput("lengths", .int32, [.named("batch")]) }
    var values = "inputs"
    if let rows = network.tokenRows {
      values = add("Gather", [add("embedding", rows), values], "embedded")
    } else {
      let categories = network.categories.map { embedded($0, of: values) }
      if let relation = options.interface.windows { values = relative(values, relation) }
      if let scale = options.interface.inputScale {
        values = standardized(values, scale, features: network.input.size)
      }
      if !categories.isEmpty {
        let columns = Set(network.categories.map(\.column))
        let numeric = (0..<network.input.size).filter { !columns.contains($0) }
        let numbers = numeric.isEmpty ? [] : [column(numeric, of: values, "numeric_inputs")]
        values = add("Concat", numbers + categories, "embedded", [.integer("axis", -1)])
      }
    }
    values =
      options.isStreaming
      ? add("Unsqueeze", [values, integers([0])], "sequence")
      : add("Transpose", [values], "sequence", [.integers("perm", [1, 0, 2])])
    return ONNXValue(name: values, size: network.blockInputs, lengths: options.isRagged ? "lengths" : nil)
  }

  /// The embedding of a categorical feature.
  private mutating func embedded(_ category: CategoryTable, of values: String) -> String {
    let name = "category_\(category.column)"
    let numbers = add(
      "Cast", [column([category.column], of: values, "\(name)_values")], "\(name)_numbers",
      [.integer("to", Int(ElementType.int64.rawValue))])
    let single = add("Squeeze", [numbers, integers([-1])], "\(name)_number")
    return add("Gather", [add("\(name)_embedding", category.embedding), single], "\(name)_embedded")
  }

  /// Some features.
  private mutating func column(_ columns: [Int], of values: String, _ name: String) -> String {
    add("Gather", [values, integers(columns)], name, [.integer("axis", -1)])
  }

  /// (x − mean) / standard deviation of the first features; the others are not scaled in training either.
  private mutating func standardized(_ values: String, _ scale: FeatureScale, features: Int) -> String {
    let others = features - scale.width
    let means = add("input_means", [features], scale.means + [Float](repeating: 0, count: others))
    let deviations = add(
      "input_standard_deviations", [features], scale.standardDeviations + [Float](repeating: 1, count: others)
    )
    let centered = add("Sub", [values, means], "centered_inputs")
    return add("Div", [centered, deviations], "scaled_inputs")
  }
}
