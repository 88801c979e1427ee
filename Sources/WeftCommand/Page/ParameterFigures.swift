import WeftBase
import WeftTraining

/// How weights and gradients were distributed over the steps of a run.
struct ParameterFigures {
  private static let (rowCount, maximumCount) = (40, 16)
  /// Share of values beyond the rows at each end, which would make the others indistinct.
  private static let tail = 0.002

  /// One map per parameter, of weights and of gradients.
  let weights: [PageFigure]
  let gradients: [PageFigure]
  /// Number of parameters that are left out.
  let omitted: Int

  init(_ run: RecordedRun) {
    let all = run.histograms.filter { !$0.records.isEmpty }
    weights = all.filter { !$0.areGradients }.prefix(Self.maximumCount).compactMap(Self.figure)
    gradients = all.filter(\.areGradients).prefix(Self.maximumCount).compactMap(Self.figure)
    omitted = max(all.count { !$0.areGradients } - Self.maximumCount, 0)
  }

  private static func figure(_ histograms: ParameterHistograms) -> PageFigure? {
    let extents = histograms.records.map { ends(of: $0) }
    guard let low = extents.map(\.low).min(), let high = extents.map(\.high).max(), high > low else {
      return nil
    }
    let width = (high - low) / Double(rowCount)
    let columns = histograms.records.map { record -> [Double] in
      var rows = [Double](repeating: 0, count: rowCount)
      let total = max(record.counts.reduce(0, +), 1)
      for (bucket, count) in record.counts.enumerated() where count > 0 {
        // A bucket's values are spread evenly over the rows that it touches.
        let (start, end) = (record.limits[bucket], record.limits[bucket + 1])
        let first = row(start, low, width)
        let last = max(row(end, low, width), first)
        for row in first...last {
          let from = max(start, low + Double(row) * width)
          let to = min(end, low + Double(row + 1) * width)
          let share = end > start ? max(to - from, 0) / (end - start) : 1
          rows[row] += count * share / total
        }
      }
      return rows.map { $0 > 0 ? 100 * $0 : .nan }
    }
    return PageFigure(
      map: histograms.parameter, x: "training step", y: "value",
      columns: histograms.records.map { "\($0.step)" },
      rows: (0..<rowCount).map { NumberText.significant(low + (Double($0) + 0.5) * width, digits: 3) },
      values: columns, isLogarithmic: true)
  }

  private static func row(_ value: Double, _ low: Double, _ width: Double) -> Int {
    min(max(Int(limiting: (value - low) / width), 0), rowCount - 1)
  }

  /// The values that all but the tails lie between.
  private static func ends(of record: ParameterHistograms.Record) -> (low: Double, high: Double) {
    let total = record.counts.reduce(0, +)
    var (sum, low, high) = (0.0, record.limits[0], record.limits[record.limits.count - 1])
    for (bucket, count) in record.counts.enumerated() {
      if sum <= tail * total { low = record.limits[bucket] }
      sum += count
      if sum >= (1 - tail) * total {
        high = record.limits[bucket + 1]
        break
      }
    }
    return (low, high)
  }
}
