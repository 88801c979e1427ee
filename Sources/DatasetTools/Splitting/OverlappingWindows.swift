import HDF5
import WeftBase

/// Sequences that are windows of one series, each of which begins some steps after the one before it and shares the others
/// with it.
struct OverlappingWindows {
  /// Steps from one window to the next.
  let distance: Int
  /// Steps of a window.
  let length: Int

  /// Windows that are looked at, the fewest that tell, their values in all, and the greatest distance.
  private static let (most, telling, mostValues, greatest) = (32, 10, 1 << 22, 1 << 12)

  /// Nil if the first sequences are no such windows.
  ///
  /// - Throws: If they cannot be read.
  init?(_ group: SequenceGroup) throws {
    let shape = try group.input.dataset.shape
    guard group.layout == .dense, group.lengths == nil, group.input.dataset.datatype.isNumeric,
      shape.count >= 2
    else { return nil }
    let length = shape[1]
    let count = min(shape[0], Self.most, Self.mostValues / max(shape.dropFirst().reduce(1, *), 1))
    guard count >= Self.telling else { return nil }
    let windows = try Self.windows(group, from: 0, count: count)
    // Fewer than half of the steps may be alike otherwise, such as zeros at both ends.
    let distance = (1...max(min(length / 2, Self.greatest), 1)).first { steps in
      zip(windows, windows.dropFirst()).allSatisfy {
        Self.follows($1, $0, after: steps * $0.count / length) && !Self.follows($1, $0, after: 0)
      }
    }
    guard let distance, distance < length else { return nil }
    (self.distance, self.length) = (distance, length)
  }

  private static func windows(
    _ group: SequenceGroup, from first: Int, count: Int
  ) throws -> [ArraySlice<Double>] {
    let shape = try group.input.dataset.shape
    let values = try group.input.dataset.read(
      as: Double.self, offset: [first] + shape.dropFirst().map { _ in 0 }, count: [count] + shape.dropFirst())
    let size = shape.dropFirst().reduce(1, *)
    return (0..<count).map { values[$0 * size..<($0 + 1) * size] }
  }

  /// Whether a window begins with what another has after some values.
  private static func follows(_ window: ArraySlice<Double>, _ before: ArraySlice<Double>, after values: Int)
    -> Bool
  {
    zip(before.dropFirst(values), window).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
  }

  /// - Throws: If windows from some on do not follow those before them, as those of another series.
  func check(_ group: SequenceGroup) throws {
    let size = try group.input.dataset.shape.dropFirst().reduce(1, *)
    let count = max(Self.mostValues / max(size, 1), 2)
    for first in stride(from: 0, to: group.count - 1, by: count - 1) {
      let windows = try Self.windows(group, from: first, count: min(count, group.count - first))
      for (place, (one, next)) in zip(windows, windows.dropFirst()).enumerated()
      where !Self.follows(next, one, after: distance * one.count / length) {
        throw WeftError.data(
          "\(group.file.path): dataset \(group.input.dataset.path): window \(first + place + 1) does not begin \(steps) after the"
            + " one before it, as the others do; if windows of several series follow one another, divide each series by itself,"
            + " or keep each in one split with --groups")
      }
    }
  }

  private var steps: String { distance == 1 ? "a step" : "\(distance) steps" }

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

  /// What to do about a split without windows.
  var advice: String {
    "each split but the first loses its first \(sharing) windows, which share steps with the split before; use larger fractions, or"
      + " more windows"
  }

  /// A note on splits that chance makes of them.
  var note: String {
    "the sequences are windows of a series, each \(steps) after the one before it, so that those of other splits share steps with"
      + " those of training; --fractions with --by-time alone keeps them apart"
  }
}
