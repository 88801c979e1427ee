import WeftData

extension Scaling {
  /// As stored in checkpoints: `scaling/inputs` and `scaling/targets`, each `[2, features]`: means, then standard
  /// deviations; or `[3, features]`, with what the means lack in single precision; and `scaling/fills`, `[features]`,
  /// what replaces missing inputs.
  package var arrays: [String: Checkpoint.Array] {
    let start = fills.map { ["scaling/fills": Checkpoint.Array(values: $0, shape: [$0.count])] } ?? [:]
    return [("scaling/inputs", inputs), ("scaling/targets", targets)].reduce(into: start) { arrays, named in
      guard let scale = named.1 else { return }
      let remainders = scale.remainders.allSatisfy { $0 == 0 } ? [] : scale.remainders
      arrays[named.0] = Checkpoint.Array(
        values: scale.means + scale.standardDeviations + remainders,
        shape: [remainders.isEmpty ? 2 : 3, scale.width])
    }
  }

  package init(_ arrays: [String: Checkpoint.Array]) {
    func scale(_ name: String) -> FeatureScale? {
      guard let array = arrays[name], array.shape.count == 2, (2...3).contains(array.shape[0]),
        array.shape[1] > 0
      else {
        return nil
      }
      let width = array.shape[1]
      let values = array.values
      let remainders =
        array.shape[0] == 3 ? Array(values[(2 * width)...]) : [Float](repeating: 0, count: width)
      return FeatureScale(
        offsets: zip(values[..<width], remainders).map { Double($0) + Double($1) },
        standardDeviations: Array(values[width..<2 * width]))
    }
    self.init(
      inputs: scale("scaling/inputs"), targets: scale("scaling/targets"),
      fills: arrays["scaling/fills"]?.values)
  }
}
