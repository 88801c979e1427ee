extension TensorBoardHistogramProto {
  private static let buckets = 64

  /// How finite numbers are spread, in equal buckets from the least to the greatest; nil without any.
  init?(_ values: [Float]) {
    self.init()
    var (least, greatest) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite {
      least = Swift.min(least, Double(value))
      greatest = Swift.max(greatest, Double(value))
      num += 1
      sum += Double(value)
      sumSquares += Double(value) * Double(value)
    }
    guard num > 0 else { return nil }
    (min, max) = (least, greatest)
    guard greatest > least else {
      // TensorBoard wants a bucket that is not empty.
      bucketLimit = [greatest.nextUp]
      bucket = [num]
      return
    }
    var counts = [Double](repeating: 0, count: Self.buckets)
    let scale = Double(Self.buckets) / (greatest - least)
    for value in values where value.isFinite {
      counts[Swift.min(Int((Double(value) - least) * scale), Self.buckets - 1)] += 1
    }
    bucket = counts
    bucketLimit = (1...Self.buckets).map { $0 == Self.buckets ? greatest : least + Double($0) / scale }
  }
}
