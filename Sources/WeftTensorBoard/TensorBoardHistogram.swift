extension TensorBoardHistogramProto {
  private static let buckets = 64

  /// A histogram of the finite values, in equal buckets from minimum to maximum; nil without any.
  init?(_ values: [Float]) {
    self.init()
    var (minimum, maximum) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite {
      minimum = Swift.min(minimum, Double(value))
      maximum = Swift.max(maximum, Double(value))
      num += 1
      sum += Double(value)
      sumSquares += Double(value) * Double(value)
    }
    guard num > 0 else { return nil }
    (min, max) = (minimum, maximum)
    guard maximum > minimum else {
      // TensorBoard needs a bucket of nonzero width.
      bucketLimit = [maximum.nextUp]
      bucket = [num]
      return
    }
    var counts = [Double](repeating: 0, count: Self.buckets)
    let scale = Double(Self.buckets) / (maximum - minimum)
    for value in values where value.isFinite {
      counts[Swift.min(Int(limiting: (Double(value) - minimum) * scale), Self.buckets - 1)] += 1
    }
    bucket = counts
    bucketLimit = (1...Self.buckets).map { $0 == Self.buckets ? maximum : minimum + Double($0) / scale }
  }
}
