import WeftBase

/// The order of the axes of an array.
struct AxisOrder: Equatable {
  /// The dimension of sequences and of steps; nil for none.
  let sequence, time: Int?
  /// The dimensions of features, of which the last varies fastest; empty for none.
  let features: [Int]
  let rank: Int

  /// - Parameter text: Letters such as `NTF`, or `NTFF` where several dimensions are of features; empty for an order that
  ///   the shape suggests.
  /// - Throws: A usage error for other letters.
  init(_ text: String) throws(WeftError) {
    // Batch, channels, height and width are what other programs call them.
    let others: [Character: Character] = ["B": "N", "C": "F", "H": "F", "W": "F"]
    let letters = text.uppercased().map { others[$0] ?? $0 }
    guard letters.allSatisfy({ "NTF".contains($0) }), letters.count(where: { $0 == "N" }) <= 1,
      letters.count(where: { $0 == "T" }) == (text.isEmpty ? 0 : 1)
    else {
      throw .usage(
        "--axes: '\(text)' is not an order of N (sequences), T (time steps) and F (features), such as TNF or NFT"
      )
    }
    sequence = letters.firstIndex(of: "N")
    time = letters.firstIndex(of: "T")
    features = letters.indices.filter { letters[$0] == "F" }
    rank = letters.count
  }

  init(sequence: Int?, time: Int?, features: [Int], rank: Int) {
    (self.sequence, self.time, self.features, self.rank) = (sequence, time, features, rank)
  }

  /// The order of an array of some dimensions: the given one, or that of Weft's own format.
  ///
  /// - Parameter isSequence: Whether the array is one sequence.
  func order(rank: Int, isSequence: Bool) -> AxisOrder? {
    if self.rank > 0 { return self.rank == rank ? self : nil }
    switch (rank, isSequence) {
    case (1, _): return AxisOrder(sequence: nil, time: 0, features: [], rank: 1)
    case (2, _): return AxisOrder(sequence: nil, time: 0, features: [1], rank: 2)
    case (3, false): return AxisOrder(sequence: 0, time: 1, features: [2], rank: 3)
    default: return nil
    }
  }

  /// What to say of an array whose dimensions are too many, or not those of `--axes`.
  func advice(rank: Int, isSequence: Bool) -> String {
    if self.rank > 0 { return "--axes names \(self.rank) dimensions" }
    let (start, most) = isSequence ? ("T", 2) : ("NT", 3)
    guard rank > most else { return "say with --axes what its dimensions are" }
    let axes = start + String(repeating: "F", count: rank - start.count)
    let several =
      isSequence ? "NT\(String(repeating: "F", count: rank - 2)) reads several sequences of each, " : ""
    return
      "say with --axes what its dimensions are: \(several)\(axes) makes features of the last \(rank - start.count)"
  }

  /// Features of a step in an array of a shape.
  func width(_ shape: [Int]) -> Int { features.reduce(1) { $0 * shape[$1] } }

  /// The same order of the other axes.
  var withoutFeatures: AxisOrder {
    func place(_ axis: Int?) -> Int? { axis.map { axis in axis - features.count { $0 < axis } } }
    return AxisOrder(
      sequence: place(sequence), time: place(time), features: [], rank: rank - features.count)
  }

  /// One sequence of an array, as `[steps, features]`.
  func arranged<Value>(_ values: [Value], shape: [Int], sequence number: Int) -> [Value] {
    var strides = [Int](repeating: 1, count: shape.count)
    for dimension in shape.indices.dropLast().reversed() {
      strides[dimension] = strides[dimension + 1] * shape[dimension + 1]
    }
    let start = sequence.map { strides[$0] * number } ?? 0
    let (steps, step) = time.map { (shape[$0], strides[$0]) } ?? (1, 0)
    var columns = [0]
    for axis in features {
      columns = columns.flatMap { column in (0..<shape[axis]).map { column + $0 * strides[axis] } }
    }
    var result: [Value] = []
    result.reserveCapacity(steps * columns.count)
    for time in 0..<steps {
      for column in columns { result.append(values[start + time * step + column]) }
    }
    return result
  }
}
