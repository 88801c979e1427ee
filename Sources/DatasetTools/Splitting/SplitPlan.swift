import WeftBase

/// A split with its own source, such as the published test set of a corpus.
public struct SplitSource<Source: Sendable & Equatable>: Sendable, Equatable {
  /// Name of the split.
  public let split: String
  /// Where it comes from.
  public let source: Source

  /// The split `split` comes from `source`.
  public init(_ split: String, _ source: Source) {
    self.split = split
    self.source = source
  }
}

/// Assigns items to splits at random, without leakage.
///
/// The split of an item depends only on a hash of its key and the seed: items with equal keys, such as repetitions or
/// recordings of one speaker, are in the same split; an item stays in its split when others are added or removed; and
/// the number of items need not be known. The sizes of splits are random, close to their fractions.
public struct SplitPlan: Sendable, Equatable {
  /// Names of the splits.
  public let names: [String]
  /// Their fractions, which add up to 1.
  public let fractions: [Double]
  /// Random seed of the assignment.
  public let seed: UInt64

  /// Everything in `train`.
  public static let whole = SplitPlan(names: ["train"], fractions: [1], seed: 0)

  private init(names: [String], fractions: [Double], seed: UInt64) {
    self.names = names
    self.fractions = fractions
    self.seed = seed
  }

  /// Splits of which no item is drawn, because a list has all of them.
  init(listed names: [String]) {
    self.init(names: names, fractions: names.map { _ in 0 }, seed: 0)
  }

  /// Splits `train`, `validation` and `test`, as many as there are fractions.
  ///
  /// - Parameter text: Fractions separated by commas, such as `0.9,0.05,0.05`.
  /// - Throws: A usage error unless they are one to three positive numbers that add up to 1.
  public init(_ text: String, seed: UInt64 = 1) throws(WeftError) {
    let names = SplitNames.usual
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let fractions = parts.compactMap { Double(String($0)) }
    let isGood =
      fractions.count == parts.count && (1...names.count).contains(parts.count)
      && fractions.allSatisfy { $0 > 0 } && abs(fractions.reduce(0, +) - 1) < 1e-6
    guard isGood else {
      throw .usage(
        "invalid fractions '\(text)': expected one to three positive numbers that add up to 1, such as"
          + " 0.9,0.05,0.05"
      )
    }
    self.init(names: Array(names.prefix(parts.count)), fractions: fractions, seed: seed)
  }

  /// The plan with more splits, of which no item is drawn: they have their own sources.
  ///
  /// - Throws: A usage error if it draws items for one of them.
  func adding(_ others: [String]) throws(WeftError) -> SplitPlan {
    if let other = others.first(where: names.contains) {
      throw .usage(
        "--\(other): --split has a part for '\(other)', too; give fewer fractions, or remove --\(other)")
    }
    return SplitPlan(
      names: names + others, fractions: fractions + others.map { _ in 0 }, seed: seed)
  }

  /// The consecutive parts of a series that belong to splits, without empty ones.
  func parts(of count: Int) -> [(split: Int, steps: Range<Int>)] {
    var (parts, start, bound) = ([(split: Int, steps: Range<Int>)](), 0, 0.0)
    for (split, fraction) in fractions.enumerated() {
      bound += fraction
      let end = split == fractions.count - 1 ? count : Int((bound * Double(count)).rounded())
      if end > start { parts.append((split, start..<end)) }
      start = max(start, end)
    }
    return parts
  }

  /// The split of a step of a series that is divided as `parts(of:)` tells.
  func split(ofStep step: Int, of count: Int) -> Int {
    var bound = 0.0
    for (split, fraction) in fractions.enumerated().dropLast() {
      bound += fraction
      if Double(step) < (bound * Double(count)).rounded() { return split }
    }
    return fractions.count - 1
  }

  /// The plan with another seed.
  func seeded(_ seed: UInt64) -> SplitPlan { SplitPlan(names: names, fractions: fractions, seed: seed) }

  /// Number of splits that items are drawn for.
  var drawnCount: Int { fractions.count { $0 > 0 } }

  /// Index of the last split that items are drawn for.
  var lastDrawn: Int { (fractions.lastIndex { $0 > 0 }) ?? 0 }

  /// Index of the split of an item by its key.
  public func split(of key: some Sequence<UInt8>) -> Int {
    split(hash: ContentHash(key).value)
  }

  /// Index of the split of an item by its hashed key.
  public func split(hash: UInt64) -> Int {
    let draw = Double(ContentHash.mix(hash ^ ContentHash.mix(seed)) >> 11) * 0x1p-53
    var bound = 0.0
    for (index, fraction) in fractions.enumerated() {
      bound += fraction
      if draw < bound { return index }
    }
    return lastDrawn
  }
}
