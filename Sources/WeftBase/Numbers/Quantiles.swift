extension Collection<Double> {
  /// The quantile of a share of the values, linearly interpolated; NaN without values.
  package func quantile(_ share: Double) -> Double {
    let sorted = sorted()
    guard let last = sorted.last else { return .nan }
    let place = share * Double(sorted.count - 1)
    let index = Int(place)
    if index >= sorted.count - 1 { return last }
    return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
  }

  /// The median.
  package var median: Double { quantile(0.5) }
}
