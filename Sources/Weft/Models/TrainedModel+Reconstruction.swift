extension TrainedModel {
  /// Windows that overlap at each step of a series.
  private static let overlap = 8

  /// How far each step of a stream is from what an autoencoder makes of the windows that hold it, on average over
  /// these: Σ|x − x̂| over its numbers.
  ///
  /// - Throws: If the split is no stream or cannot be read.
  func reconstructionErrors(_ dataset: DatasetFile, split: String) throws(WeftError) -> ScoredSeries {
    let opened = try dataset.openSplit(split)
    guard case .stream(let steps) = opened.layout else {
      throw .failure("\(dataset.path): group /\(split): is not one stream")
    }
    let window = min(configuration.data.window ?? steps, steps)
    var starts = Array(stride(from: 0, through: steps - window, by: max(window / Self.overlap, 1)))
    if starts[starts.count - 1] + window < steps { starts.append(steps - window) }
    let scale = traits.scaling.inputs
    var sums = [Double](repeating: 0, count: steps)
    var counts = [Double](repeating: 0, count: steps)
    var result = ScoredSeries()
    let rows = configuration.training.batch
    for first in stride(from: 0, to: starts.count, by: rows) {
      let chosen = starts[first..<min(first + rows, starts.count)]
      var values: [Float] = []
      for start in chosen {
        guard case .features(let read, _) = try opened.inputs.read(first: start, steps: window) else {
          preconditionFailure("the model reads numbers")
        }
        values += read
      }
      let width = opened.inputs.width
      let written = data.reconstruct(
        Minibatch(
          lengths: chosen.map { _ in window }, inputs: .features(values, width: width), targets: nil))
      for (row, start) in chosen.enumerated() {
        for step in 0..<window {
          let place = row * window + step
          let own = (0..<width).map { Double(values[place * width + $0]) }
          sums[start + step] += own.indices.reduce(0) {
            $0 + abs(own[$1] - Double(written.matrix[place, $1]))
          }
          counts[start + step] += 1
          if start + step == result.series.count {
            result.series.append(own.enumerated().map { scale?.restored($1, feature: $0) ?? $1 })
          }
        }
      }
    }
    result.scores = zip(sums, counts).map { $0 / $1 }
    return result
  }
}
