/// An evenly spaced sample of the steps of a dataset, fewer than about a million.
struct StepSample: Sendable {
  /// The sample has fewer steps.
  private static let bound = 1 << 20

  /// Steps from one of the sample to the next: a power of two.
  private let spacing: Int
  /// The step of the dataset that is added next.
  private var next: Int
  private var values: [Double] = []
  private var width = 1

  /// - Parameters:
  ///   - count: Steps of the dataset.
  ///   - first: The first of them that is added.
  init(of count: Int, from first: Int = 0) {
    var spacing = 1
    while (count + spacing - 1) / spacing >= Self.bound { spacing *= 2 }
    self.spacing = spacing
    next = first
  }

  /// Adds row-major values `[steps, width]`.
  mutating func add(_ values: [Double], width: Int) {
    self.width = width
    let steps = values.count / max(width, 1)
    let start = (spacing - next % spacing) % spacing
    for step in stride(from: start, to: steps, by: spacing) {
      self.values += values[step * width..<(step + 1) * width]
    }
    next += steps
  }

  /// Adds the sample of later steps.
  mutating func add(_ other: StepSample) {
    width = max(width, other.width)
    values += other.values
    next = other.next
  }

  /// The values of a feature, ascending, without missing ones.
  func values(of feature: Int) -> [Double] {
    stride(from: feature, to: values.count, by: width).map { values[$0] }.filter { !$0.isNaN }.sorted()
  }
}
