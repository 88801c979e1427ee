import WeftBase

/// The order of the axes of an array.
struct AxisOrder: Equatable {
  /// The dimension of sequences, steps and features; nil for none.
  let sequence, time, feature: Int?
  let rank: Int

  /// - Parameter text: Letters such as `NTF`; empty for an order that the shape suggests.
  /// - Throws: A usage error for other letters.
  init(_ text: String) throws(WeftError) {
    let letters = Array(text.uppercased()).map {
      $0 == "C" ? "F" as Character : $0 == "B" ? "N" : $0
    }
    guard letters.allSatisfy({ "NTF".contains($0) }), Set(letters).count == letters.count,
      text.isEmpty || letters.contains("T")
    else {
      throw .usage(
        "--axes: '\(text)' is not an order of N (sequences), T (time steps) and F (features), such as TNF or NFT"
      )
    }
    sequence = letters.firstIndex(of: "N")
    time = letters.firstIndex(of: "T")
    feature = letters.firstIndex(of: "F")
    rank = letters.count
  }

  private init(sequence: Int?, time: Int?, feature: Int?, rank: Int) {
    (self.sequence, self.time, self.feature, self.rank) = (sequence, time, feature, rank)
  }

  /// The order of an array of some dimensions: the given one, or that of Weft's own format.
  ///
  /// - Parameter isSequence: Whether the array is one sequence.
  func order(rank: Int, isSequence: Bool) -> AxisOrder? {
    if self.rank > 0 { return self.rank == rank ? self : nil }
    switch (rank, isSequence) {
    case (1, true): return AxisOrder(sequence: nil, time: 0, feature: nil, rank: 1)
    case (2, true): return AxisOrder(sequence: nil, time: 0, feature: 1, rank: 2)
    case (2, false): return AxisOrder(sequence: nil, time: 0, feature: 1, rank: 2)
    case (3, false): return AxisOrder(sequence: 0, time: 1, feature: 2, rank: 3)
    default: return nil
    }
  }

  /// The same order of the other axes.
  var withoutFeatures: AxisOrder {
    guard let feature else { return self }
    func place(_ axis: Int?) -> Int? { axis.map { $0 > feature ? $0 - 1 : $0 } }
    return AxisOrder(sequence: place(sequence), time: place(time), feature: nil, rank: rank - 1)
  }

  /// One sequence of an array, as `[steps, features]`.
  func arranged<Value>(_ values: [Value], shape: [Int], sequence number: Int) -> [Value] {
    var strides = [Int](repeating: 1, count: shape.count)
    for dimension in shape.indices.dropLast().reversed() {
      strides[dimension] = strides[dimension + 1] * shape[dimension + 1]
    }
    let start = sequence.map { strides[$0] * number } ?? 0
    let (steps, step) = time.map { (shape[$0], strides[$0]) } ?? (1, 0)
    let (features, column) = feature.map { (shape[$0], strides[$0]) } ?? (1, 0)
    var result: [Value] = []
    result.reserveCapacity(steps * features)
    for time in 0..<steps {
      for feature in 0..<features { result.append(values[start + time * step + feature * column]) }
    }
    return result
  }
}
