extension Collection<Double> {
  /// The value below which that share of the values lies, between two of them by their distance; NaN without values.
  package func quantile(_ share: Double) -> Double {
    let sorted = sorted()
    guard let last = sorted.last else { return .nan }
    let place = share * Double(sorted.count - 1)
    let index = Int(place)
    if index >= sorted.count - 1 { return last }
    return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
  }

  /// The middle value, or the mean of the two in the middle.
  package var median: Double { quantile(0.5) }
}
