import WeftBase

/// Threshold of anomaly scores, determined from clean data.
public enum DetectionThreshold: Sendable, Equatable {
  /// This many median absolute deviations above the median of the clean scores.
  case medianDeviations(Double)
  /// This quantile of the clean scores.
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

/// Anomaly scores of a series.
public struct DetectedAnomalies: Sendable, Equatable {
  /// Scores of each step from `first` on.
  public let scores: [Double]
  /// The first step with a score.
  public let first: Int
  /// Threshold; scores above it are anomalies.
  public let threshold: Double
  /// The series in its original units, `[steps][targets]`, from `first` on.
  public let series: [[Double]]
  /// Ground-truth labels of the steps from `first` on; nil if the split has none.
  public let labels: [Bool]?
  /// The times of the first and last step of each of ``spans``, ISO 8601 in the time zone of the data; empty for data
  /// without times.
  public var spanTimes: [SpanTimes] = []

  /// When anomalous steps begin and end.
  public struct SpanTimes: Sendable, Equatable {
    /// The time of the first step.
    public let first: String
    /// The time of the last step.
    public let last: String

    package init(first: String, last: String) { (self.first, self.last) = (first, last) }
  }

  /// Runs of anomalous steps, counted from the start of the split.
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
