import SwiftProtobuf
import WeftBase

/// The histograms in the event files of a run.
package struct HistogramEvents: Sendable {
  /// A histogram at a step.
  package struct Histogram: Sendable {
    package let step: Int
    /// The least value, and the upper limit of each bucket, ascending.
    package let limits: [Double]
    package let counts: [Double]
  }

  /// Tags in the order of the files.
  package private(set) var tags: [String] = []
  /// By tag, then by ascending step.
  package private(set) var histograms: [String: [Histogram]] = [:]

  private static let maximumByteCount = 1 << 30
  private static let (maximumTagCount, maximumStepCount, maximumBucketCount) = (1000, 1000, 4096)

  /// Reads the files of a folder, also while a run writes them. Files that cannot be read, damaged records and
  /// histograms that are none are left out.
  package static func read(folder: String) -> HistogramEvents {
    var events = HistogramEvents()
    for path in EventFile.paths(in: folder) {
      guard let bytes = try? RegularFile.contents(of: path, atMost: maximumByteCount) else { continue }
      _ = EventRecords.scan(bytes) { data in
        if let event = try? TensorBoardEvent(serializedBytes: Array(data)) { events.add(event) }
        return true
      }
    }
    return events
  }

  private mutating func add(_ event: TensorBoardEvent) {
    guard case .summary(let summary) = event.what, let step = Int(exactly: event.step), step >= 0 else {
      return
    }
    for value in summary.value {
      guard case .histo(let found) = value.value, let histogram = Self.histogram(found, step: step) else {
        continue
      }
      if histograms[value.tag] == nil {
        guard tags.count < Self.maximumTagCount else { continue }
        tags.append(value.tag)
      }
      // A run that was resumed writes some steps again.
      histograms[value.tag, default: []].removeAll { $0.step >= step }
      guard histograms[value.tag, default: []].count < Self.maximumStepCount else { continue }
      histograms[value.tag, default: []].append(histogram)
    }
  }

  private static func histogram(_ found: TensorBoardHistogramProto, step: Int) -> Histogram? {
    let limits = [found.min] + found.bucketLimit
    guard found.bucket.count == found.bucketLimit.count,
      (1...maximumBucketCount).contains(found.bucket.count),
      limits.allSatisfy(\.isFinite), zip(limits, limits.dropFirst()).allSatisfy({ $0 <= $1 }),
      found.bucket.allSatisfy({ $0.isFinite && $0 >= 0 })
    else { return nil }
    return Histogram(step: step, limits: limits, counts: found.bucket)
  }
}
