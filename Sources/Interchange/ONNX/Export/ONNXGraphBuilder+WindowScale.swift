import WeftData

extension ONNXGraphBuilder {
  /// The inputs `[batch, time, features]`, all of whose steps are a context, relative to it. Adds the levels and units of
  /// windows, `[batch, 1, features]`, which the outputs need.
  mutating func relative(_ values: String, _ relation: WindowRelation) -> String {
    let overTime: [ONNXProtoAttribute] = [.integers("axes", [1]), .integer("keepdims", 1)]
    let level =
      relation.level == .last
      ? add("Gather", [values, integers([-1])], "window_levels", [.integer("axis", 1)])
      : add("ReduceMean", [values], "window_levels", overTime)
    let differences = add("Sub", [values, level], "window_differences")
    switch relation.unit {
    case .one: return differences
    case .level: _ = add("Identity", [level], "window_units")
    case .deviation:
      let mean = add("ReduceMean", [values], "window_means", overTime)
      let centered = add("Sub", [values, mean], "window_centered")
      let squares = add("Mul", [centered, centered], "window_squares")
      let variance = add("ReduceMean", [squares], "window_variances", overTime)
      let meanSquares = add(
        "Add", [add("Mul", [mean, mean], "window_squared_means"), variance], "window_mean_squares")
      let size = add("Sqrt", [meanSquares], "window_sizes")
      let least = add(
        "Mul", [size, number(Float(WindowUnit.leastShare), "window_least_share")], "window_least_units")
      let deviation = add(
        "Max", [add("Sqrt", [variance], "window_deviations"), least], "window_positive_deviations")
      let isZero = add("Equal", [deviation, number(0, "zero")], "window_is_zero")
      _ = add("Where", [isZero, number(1, "one"), deviation], "window_units")
    }
    return add("Div", [differences, "window_units"], "relative_inputs")
  }

  /// The levels or units of the first features of the inputs, which are the targets, `[batch, 1, targets]`.
  mutating func ofTargets(_ values: String, count: Int) -> String {
    add("Slice", [values, integers([0]), integers([count]), integers([2])], "\(values)_of_targets")
  }
}
