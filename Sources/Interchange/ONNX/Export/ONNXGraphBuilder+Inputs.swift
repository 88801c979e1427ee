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
    } else if let scale = options.interface.inputScale {
      values = standardized(values, scale, features: network.input.size)
    }
    values =
      options.isStreaming
      ? add("Unsqueeze", [values, integers([0])], "sequence")
      : add("Transpose", [values], "sequence", [.integers("perm", [1, 0, 2])])
    return ONNXValue(name: values, size: network.blockInputs, lengths: options.isRagged ? "lengths" : nil)
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
