/// Scales of the features of several series.
package struct ScaleTable: Sendable, Equatable {
  /// Features per step.
  package let width: Int
  /// Row-major `[series, features]`: what is subtracted, and what the difference is divided by.
  package private(set) var offsets: [Double] = []
  package private(set) var standardDeviations: [Float] = []
  /// Means, which replace missing values; empty if they are not needed.
  package private(set) var fills: [Float] = []

  /// A table of no series.
  package init(width: Int) { self.width = width }

  /// - Precondition: All arrays have as many whole rows; `fills` may be empty.
  package init(width: Int, offsets: [Double], standardDeviations: [Float], fills: [Float]) {
    precondition(
      width > 0 && offsets.count.isMultiple(of: width) && offsets.count == standardDeviations.count)
    precondition(fills.isEmpty || fills.count == offsets.count)
    self.width = width
    self.offsets = offsets
    self.standardDeviations = standardDeviations
    self.fills = fills
  }

  /// Number of series.
  package var count: Int { offsets.count / max(width, 1) }

  private func row(_ series: Int) -> Range<Int> { series * width..<(series + 1) * width }

  /// The scale of a series.
  package subscript(series: Int) -> FeatureScale {
    FeatureScale(
      offsets: Array(offsets[row(series)]), standardDeviations: Array(standardDeviations[row(series)]))
  }

  /// What replaces missing values of a series; nil if nothing does.
  func fills(of series: Int) -> ArraySlice<Float>? { fills.isEmpty ? nil : fills[row(series)] }

  /// Appends a series.
  mutating func append(_ scale: FeatureScale, fills: [Float]) {
    precondition(scale.width == width && (fills.isEmpty || fills.count == width))
    offsets += scale.offsets
    standardDeviations += scale.standardDeviations
    self.fills += fills
  }

  /// The scales of some series, in that order; of none for nil.
  func selecting(_ series: [Int?]) -> ScaleTable {
    var table = ScaleTable(width: width)
    for place in series.compactMap(\.self) {
      table.append(self[place], fills: fills(of: place).map { Array($0) } ?? [])
    }
    return table
  }

  /// Takes the scale of a series from another table of as many features.
  mutating func replace(_ series: Int, with other: ScaleTable, at place: Int) {
    offsets.replaceSubrange(row(series), with: other.offsets[other.row(place)])
    standardDeviations.replaceSubrange(row(series), with: other.standardDeviations[other.row(place)])
    if !fills.isEmpty, !other.fills.isEmpty {
      fills.replaceSubrange(row(series), with: other.fills[other.row(place)])
    }
  }
}
