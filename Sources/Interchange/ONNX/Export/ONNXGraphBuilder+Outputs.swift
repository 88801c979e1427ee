import KernelInterface
import WeftData

extension ONNXGraphBuilder {
  /// Adds the outputs of a network, and what follows its last layer.
  ///
  /// - Parameter value: The values before the loss, batch first.
  mutating func addOutputs(
    _ value: ONNXValue, _ network: NetworkDescription, _ interface: NetworkInterface, isEveryStep: Bool
  ) {
    var shape: [ONNXProtoDimension.OneOf_Size] = [.named("batch")] + (isEveryStep ? [.named("time")] : [])
    if let restoration = interface.restoration {
      let targets = value.size / restoration.loss.outputsPerTarget
      if let horizon = restoration.horizon { shape.append(.fixed(Int64(horizon))) }
      shape.append(.fixed(Int64(targets / (restoration.horizon ?? 1))))
      for (name, values) in restored(value, restoration, interface, targets: targets, shape: shape) {
        addOutput(add("Identity", [values], name), shape)
      }
      return
    }
    shape.append(.fixed(Int64(value.size)))
    addOutput(value.name, network.activation, shape)
  }

  /// The predictions by their names, in original units.
  private mutating func restored(
    _ value: ONNXValue, _ restoration: OutputRestoration, _ interface: NetworkInterface, targets: Int,
    shape: [ONNXProtoDimension.OneOf_Size]
  ) -> [(name: String, values: String)] {
    let loss = restoration.loss
    // The parameters of all targets stand in blocks side by side.
    let blocks = (0..<loss.outputsPerTarget).map { block in
      let name = "block\(block)"
      let part = add(
        "Slice",
        [value.name, integers([block * targets]), integers([(block + 1) * targets]), integers([-1])],
        "\(name)_outputs")
      guard let horizon = restoration.horizon else { return part }
      return reshape(part, [0, horizon, targets / horizon], "\(name)_steps")
    }
    let width = targets / (restoration.horizon ?? 1)
    let relation = interface.windows
    let levels = relation.map { _ in ofTargets("window_levels", count: width) }
    let origins = seasonOrigins(restoration, targets: targets) ?? levels
    let unit = relation.flatMap { $0.unit == .one ? nil : ofTargets("window_units", count: width) }
    func place(_ builder: inout Self, _ values: String, _ name: String) -> String {
      builder.unscaled(values, restoration.scale, unit: unit, isLocation: true, origins: origins, name)
    }
    switch loss.kind {
    case .gaussian, .student:
      let scale = unscaled(
        spread(blocks[1], DistributionParameters.minimumStandardDeviation, "scale"), restoration.scale,
        unit: unit, isLocation: false, origins: nil, "spread")
      var result = [
        (loss.kind == .gaussian ? "mean" : "location", place(&self, blocks[0], "location_values")),
        (loss.kind == .gaussian ? "standard_deviation" : "scale", scale),
      ]
      if loss.kind == .student {
        result.append(
          (
            "degrees_of_freedom",
            spread(blocks[2], DistributionParameters.minimumDegreesOfFreedom, "degrees")
          ))
      }
      return result
    case .quantile:
      return sorted(blocks).enumerated().map { index, values in
        ("quantile_\(loss.quantiles[index])", place(&self, values, "quantile\(index)_values"))
      }
    case .poisson: return [("rate", add("Exp", [blocks[0]], "rate_values"))]
    case .tweedie: return [("mean", add("Exp", [blocks[0]], "mean_values"))]
    case .negativeBinomial:
      return [
        ("mean", spread(blocks[0], DistributionParameters.minimumMean, "mean")),
        ("dispersion", spread(blocks[1], DistributionParameters.minimumDispersion, "dispersion")),
      ]
    default: return [("outputs", place(&self, blocks[0], "restored"))]
    }
  }

  /// softplus(x) + floor.
  private mutating func spread(_ values: String, _ floor: Double, _ name: String) -> String {
    let positive = add("Softplus", [values], "\(name)_softplus")
    return add("Add", [positive, number(Float(floor), "\(name)_floor")], "\(name)_floored")
  }

  /// Quantiles in ascending order: they are learned independently and may cross.
  private mutating func sorted(_ blocks: [String]) -> [String] {
    if blocks.count == 1 { return blocks }
    let columns = blocks.enumerated().map { index, values in
      add("Unsqueeze", [values, integers([0])], "quantile\(index)_row")
    }
    let stacked = add("Concat", columns, "quantile_rows", [.integer("axis", 0)])
    add(
      "TopK", [stacked, integers([blocks.count])], outputs: ["sorted_quantiles", "quantile_places"],
      [.integer("axis", 0), .integer("largest", 0), .integer("sorted", 1)])
    return blocks.indices.map { index in
      let row = add(
        "Gather", ["sorted_quantiles", integers([index])], "quantile\(index)_rows", [.integer("axis", 0)])
      return add("Squeeze", [row, integers([0])], "quantile\(index)_sorted")
    }
  }

  /// y · standard deviation · unit of the window, and for locations + mean, or + the level or the value of an earlier
  /// season.
  private mutating func unscaled(
    _ values: String, _ scale: FeatureScale?, unit: String?, isLocation: Bool, origins: String?,
    _ name: String
  ) -> String {
    var result = values
    if let scale {
      let deviations = number(scale.standardDeviations, "target_standard_deviations")
      result = add("Mul", [result, deviations], "\(name)_scaled")
      if isLocation { result = add("Add", [result, number(scale.means, "target_means")], "\(name)_moved") }
    }
    if let unit { result = add("Mul", [result, unit], "\(name)_of_window") }
    guard isLocation, let origins else { return result }
    return add("Add", [result, origins], "\(name)_of_origin")
  }

  /// The inputs a whole number of seasons before each forecast step, `[batch, horizon, targets]`, in original units.
  private mutating func seasonOrigins(_ restoration: OutputRestoration, targets: Int) -> String? {
    guard let season = restoration.season, let horizon = restoration.horizon else { return nil }
    let values = add(
      "Slice", ["inputs", integers([0]), integers([targets / horizon]), integers([2])], "season_values")
    // Places counted from the end of the context.
    let places = integers((0..<horizon).map { $0 % season - season })
    return add("Gather", [values, places], "season_origins", [.integer("axis", 1)])
  }
}
