import WeftData

extension Scaling {
  /// As stored in checkpoints: `scaling/inputs` and `scaling/targets`, each `[2, features]`: means, then standard
  /// deviations.
  package var arrays: [String: Checkpoint.Array] {
    [("scaling/inputs", inputs), ("scaling/targets", targets)].reduce(into: [:]) { arrays, named in
      guard let scale = named.1 else { return }
      arrays[named.0] = Checkpoint.Array(
        values: scale.means + scale.standardDeviations, shape: [2, scale.width])
    }
  }

  package init(_ arrays: [String: Checkpoint.Array]) {
    func scale(_ name: String) -> FeatureScale? {
      guard let array = arrays[name], array.shape.count == 2, array.shape[0] == 2, array.shape[1] > 0 else {
        return nil
      }
      let width = array.shape[1]
      return FeatureScale(
        means: Array(array.values[..<width]), standardDeviations: Array(array.values[width...]))
    }
    self.init(inputs: scale("scaling/inputs"), targets: scale("scaling/targets"))
  }
}
