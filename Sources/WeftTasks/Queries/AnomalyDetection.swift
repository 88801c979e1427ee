import WeftBase

/// What decides from which score on a step is an anomaly, found on data without any.
public enum DetectionThreshold: Sendable, Equatable {
  /// The median of the clean scores and so many times their median absolute deviation from it.
  case medianDeviations(Double)
  /// That quantile of the clean scores.
  case quantile(Double)

  /// The threshold for clean scores.
  func value(_ scores: [Double]) -> Double {
    switch self {
    case .quantile(let level): return scores.quantile(level)
    case .medianDeviations(let count):
      let median = scores.median
      return median + count * scores.map { abs($0 - median) }.median
    }
  }
}

/// How surprising each step of a series is.
public struct DetectedAnomalies: Sendable, Equatable {
  /// Of each step from `first` on.
  public let scores: [Double]
  /// The first step that has a score.
  public let first: Int
  /// From which score on a step is an anomaly.
  public let threshold: Double
  /// The series in its own units, `[steps][targets]`, from `first` on.
  public let series: [[Double]]
  /// Which steps are anomalies in truth, from `first` on; nil where the split does not say.
  public let labels: [Bool]?

  /// Runs of anomalous steps, counted from the split's beginning.
  public var spans: [Range<Int>] {
    var spans: [Range<Int>] = []
    for (index, score) in scores.enumerated() where score >= threshold {
      let step = first + index
      if let last = spans.last, last.upperBound == step {
        spans[spans.count - 1] = last.lowerBound..<step + 1
      } else {
        spans.append(step..<step + 1)
      }
    }
    return spans
  }
}
