import WeftData

extension Scaling {
  /// As stored in checkpoints: `scaling/inputs`, `scaling/targets`, `scaling/covariates` and `scaling/statics`, each `[2, features]`: means, then standard
  /// deviations; or `[3, features]`, with what the means lack in single precision; and `scaling/fills`, `[features]`,
  /// what replaces missing inputs. Scales of named series are `scaling/series/inputs` and `scaling/series/targets`,
  /// `[series, 3, features]`, `scaling/series/fills`, `[series, features]`, and `scaling/series/statics`.
  package var arrays: [String: Checkpoint.Array] {
    let start = fills.map { ["scaling/fills": Checkpoint.Array(values: $0, shape: [$0.count])] } ?? [:]
    let scales = [
      ("scaling/inputs", inputs), ("scaling/targets", targets), ("scaling/covariates", covariates),
      ("scaling/statics", statics),
      ("scaling/series/statics", series?.statics),
    ]
    return scales.reduce(into: start.merging(series?.arrays ?? [:]) { $1 }) { arrays, named in
      guard let scale = named.1 else { return }
      let remainders = scale.remainders.allSatisfy { $0 == 0 } ? [] : scale.remainders
      arrays[named.0] = Checkpoint.Array(
        values: scale.means + scale.standardDeviations + remainders,
        shape: [remainders.isEmpty ? 2 : 3, scale.width])
    }
  }

  /// - Parameters:
  ///   - names: Names of the series that have scales of their own.
  ///   - seriesKind: How they are computed; nil if series have none.
  package init(_ arrays: [String: Checkpoint.Array], names: [String] = [], seriesKind: ScalingKind? = nil) {
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
    covariates = scale("scaling/covariates")
    statics = scale("scaling/statics")
    guard let kind = seriesKind, inputs == nil else { return }
    var series = SeriesScaling(kind)
    series.names = names
    series.statics = scale("scaling/series/statics")
    let fills = arrays["scaling/series/fills"]?.values ?? []
    series.inputs = ScaleTable(arrays["scaling/series/inputs"], count: names.count, fills: fills)
    series.targets = ScaleTable(arrays["scaling/series/targets"], count: names.count, fills: [])
    self.series = series
  }
}

extension SeriesScaling {
  /// As stored in checkpoints.
  fileprivate var arrays: [String: Checkpoint.Array] {
    var arrays: [String: Checkpoint.Array] = [:]
    arrays["scaling/series/inputs"] = inputs?.array
    arrays["scaling/series/targets"] = targets?.array
    if let inputs, !inputs.fills.isEmpty {
      arrays["scaling/series/fills"] = Checkpoint.Array(
        values: inputs.fills, shape: [inputs.count, inputs.width])
    }
    return arrays
  }
}

extension ScaleTable {
  /// `[series, 3, features]`: means, standard deviations, and what the means lack in single precision.
  fileprivate var array: Checkpoint.Array {
    let values = (0..<count).flatMap { series in
      let scale = self[series]
      return scale.means + scale.standardDeviations + scale.remainders
    }
    return Checkpoint.Array(values: values, shape: [count, 3, width])
  }

  /// Nil if there is none of this form.
  fileprivate init?(_ array: Checkpoint.Array?, count: Int, fills: [Float]) {
    guard let array, array.shape.count == 3, array.shape[0] == count, array.shape[1] == 3, array.shape[2] > 0,
      fills.isEmpty || fills.count == count * array.shape[2]
    else { return nil }
    let width = array.shape[2]
    func row(_ series: Int, _ part: Int) -> ArraySlice<Float> {
      array.values[(series * 3 + part) * width..<(series * 3 + part + 1) * width]
    }
    self.init(
      width: width,
      offsets: (0..<count).flatMap { zip(row($0, 0), row($0, 2)).map { Double($0) + Double($1) } },
      standardDeviations: (0..<count).flatMap { row($0, 1) }, fills: fills)
  }
}
