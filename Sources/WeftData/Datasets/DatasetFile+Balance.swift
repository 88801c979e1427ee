import WeftBase

/// How often targets occur.
extension DatasetFile {
  /// The number of targets of each class in a split; ignored ones do not count.
  ///
  /// - Throws: If the split cannot be read.
  package func classCounts(split name: String, classes: Int) throws(WeftError) -> [Int] {
    var counts = [Int](repeating: 0, count: classes)
    try forEachTargetBlock(of: name) { steps in
      guard case .tokens(let tokens) = steps else { return }
      for token in tokens where counts.indices.contains(Int(token)) { counts[Int(token)] += 1 }
    }
    return counts
  }

  /// For each value of an output, the sum of the targets of a split, which are 1 or 0, and their number; missing ones do
  /// not count.
  ///
  /// - Throws: If the split cannot be read.
  package func positiveCounts(split name: String) throws(WeftError) -> [(sum: Double, count: Int)] {
    var counts: [(sum: Double, count: Int)] = []
    try forEachTargetBlock(of: name) { steps in
      guard case .features(let features) = steps else { return }
      if counts.isEmpty { counts = Array(repeating: (0, 0), count: features.width) }
      for (place, value) in features.values.enumerated() where !value.isNaN {
        counts[place % features.width].sum += Double(value)
        counts[place % features.width].count += 1
      }
    }
    return counts
  }

  private func forEachTargetBlock(
    of name: String, _ body: (Steps<FeatureArray>) -> Void
  ) throws(WeftError) {
    let split = try openSplit(name)
    guard let reader = split.targets ?? split.inputs.parts.first else { return }
    for block in split.targetBlocks { body(try reader.read([block])) }
  }
}
