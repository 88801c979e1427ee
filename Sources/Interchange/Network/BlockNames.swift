/// Names of the parts of a network, numbered by kind: `layer0`, `dense0`, `dense1`.
struct BlockNames {
  private var counts: [String: Int] = [:]

  /// The next name of a kind.
  mutating func next(_ stem: String) -> String {
    defer { counts[stem, default: 0] += 1 }
    let count = counts[stem, default: 0]
    // Most models have one pooling by attention, whose name has no number.
    return stem == NetworkBlock.poolingStem && count == 0 ? stem : "\(stem)\(count)"
  }
}
