import WeftTensorBoard

/// How the values of a parameter, or of its gradient, were distributed at some steps of a run, from its event files.
package struct ParameterHistograms: Sendable {
  /// The values at a step, in buckets of any width.
  package struct Record: Sendable {
    /// Completed optimizer steps.
    package let step: Int
    /// The least value, and the upper limit of each bucket, ascending.
    package let limits: [Double]
    /// Number of values of each bucket; one less than `limits`.
    package let counts: [Double]
  }

  /// The parameter's path, such as `layer0/forward/recurrent_weights`.
  package let parameter: String
  /// Whether these are gradients rather than weights.
  package let areGradients: Bool
  /// By ascending step.
  package let records: [Record]

  /// All histograms of a run's folder, the weights first; none without event files.
  package static func all(in folder: String) -> [ParameterHistograms] {
    let events = HistogramEvents.read(folder: folder)
    return [(prefix: "weights/", areGradients: false), (prefix: "gradients/", areGradients: true)].flatMap {
      kind in
      events.tags.filter { $0.hasPrefix(kind.prefix) }.map { tag in
        ParameterHistograms(
          parameter: String(tag.dropFirst(kind.prefix.count)), areGradients: kind.areGradients,
          records: (events.histograms[tag] ?? []).map {
            Record(step: $0.step, limits: $0.limits, counts: $0.counts)
          })
      }
    }
  }
}
