import HDF5

/// Sequences that are windows of one series, each of which begins some steps after the one before it and shares the others
/// with it.
struct OverlappingWindows {
  /// Steps from one window to the next.
  let distance: Int
  /// Steps of a window.
  let length: Int

  /// Windows that are looked at, and fewest that tell.
  private static let (most, telling) = (32, 10)

  /// Nil if the sequences are no such windows.
  ///
  /// - Throws: If they cannot be read.
  init?(_ group: SequenceGroup) throws {
    let shape = try group.input.dataset.shape
    guard group.layout == .dense, group.lengths == nil, group.input.dataset.datatype.isNumeric,
      shape.count >= 2, shape[0] >= Self.telling
    else { return nil }
    let count = min(shape[0], Self.most)
    let values = try group.input.dataset.read(
      as: Double.self, offset: shape.map { _ in 0 }, count: [count] + shape.dropFirst())
    let (size, width) = (shape.dropFirst().reduce(1, *), shape.dropFirst(2).reduce(1, *))
    let windows = (0..<count).map { values[$0 * size..<($0 + 1) * size] }
    // Fewer than half of the steps may be alike otherwise, such as zeros at both ends.
    let distance = (1...max(shape[1] / 2, 1)).first { steps in
      zip(windows, windows.dropFirst()).allSatisfy {
        $0.dropFirst(steps * width).elementsEqual($1.dropLast(steps * width)) && !$0.elementsEqual($1)
      }
    }
    guard let distance, distance < shape[1] else { return nil }
    (self.distance, length) = (distance, shape[1])
  }

  /// Windows after one that share steps with it.
  var sharing: Int { (length - 1) / distance }

  /// Splits of consecutive windows, of which those are in none that share steps with the split before.
  func splits(of count: Int, _ plan: SplitPlan) -> [Int?] {
    var splits = [Int?](repeating: nil, count: count)
    for (place, part) in plan.parts(of: count).enumerated() {
      for item in part.steps.dropFirst(place == 0 ? 0 : sharing) { splits[item] = part.split }
    }
    return splits
  }

  /// A note on splits that chance makes of them.
  var note: String {
    "the sequences are windows of a series, each \(distance == 1 ? "a step" : "\(distance) steps") after the one before it, so that"
      + " those of other splits share steps with those of training; --by-time keeps them apart"
  }
}
