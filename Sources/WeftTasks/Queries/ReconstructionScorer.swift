import WeftBase
import WeftData
import WeftModels
import WeftParallel

/// Scores each step of a stream by its reconstruction error Σ|x − x̂|, averaged over the windows that contain it, in
/// standard deviations of the training split if the data is standardized.
struct ReconstructionScorer: AnomalyScorer {
  let model: EncoderDecoderModel
  let scale: FeatureScale?
  /// Window length in training; nil for whole streams.
  let window: Int?
  /// Windows per minibatch.
  let batch: Int

  /// Number of windows that contain each step.
  private static let overlap = 8

  func scores(
    _ dataset: DatasetFile, split name: String, on executor: Executor,
    onProgress: (_ done: Int, _ total: Int) -> Void
  ) throws(WeftError) -> ScoredSeries {
    let (split, steps) = try dataset.openStream(name)
    let scale = split.inputs.series?.scale(at: 0) ?? scale
    let window = min(window ?? steps, steps)
    var starts = Array(stride(from: 0, through: steps - window, by: max(window / Self.overlap, 1)))
    if starts[starts.count - 1] + window < steps { starts.append(steps - window) }
    let width = split.windows.width
    var sums = [[Double]](repeating: [Double](repeating: 0, count: width), count: steps)
    var counts = [Double](repeating: 0, count: steps)
    var result = ScoredSeries()
    for first in stride(from: 0, to: starts.count, by: batch) {
      let chosen = starts[first..<min(first + batch, starts.count)]
      let features = try split.windows.read(chosen.map { $0..<$0 + window })
      let written = model.reconstruct(
        Minibatch(lengths: chosen.map { _ in window }, inputs: .features(features)), on: executor)
      for (row, start) in chosen.enumerated() {
        for step in 0..<window {
          let place = row * window + step
          let own = features[place].map { Double($0) }
          for feature in own.indices {
            sums[start + step][feature] += abs(own[feature] - Double(written.matrix[place, feature]))
          }
          counts[start + step] += 1
          if start + step == result.series.count {
            result.series.append(own.enumerated().map { scale?.original($1, feature: $0) ?? $1 })
          }
        }
      }
      onProgress((chosen.last ?? 0) + window, steps)
    }
    result.featureScores = zip(sums, counts).map { sums, count in sums.map { $0 / count } }
    result.scores = zip(sums, counts).map { $0.reduce(0, +) / $1 }
    return result
  }
}
