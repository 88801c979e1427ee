import WeftBase

/// How many of a few items the hashes of their keys have drawn for each split, and by which seed there are as many as the
/// fractions ask for.
struct DrawnSplits {
  private let plan: SplitPlan
  private let hashes: [UInt64]
  /// How many items each hash is of, in the same order; empty for one each.
  private let weights: [Int]
  /// What is drawn, in the plural.
  private let unit: String

  /// Of more items, chance draws enough for each split.
  private static let maximumCount = 2_000

  /// - Parameter hashes: The hash of each key, once.
  init(_ plan: SplitPlan, hashes: Set<UInt64>, unit: String) {
    self.plan = plan
    self.unit = unit
    self.hashes = hashes.count > Self.maximumCount ? [] : Array(hashes)
    weights = []
  }

  /// Sets of items that are drawn together.
  ///
  /// - Parameter counts: The number of items of each hash; any that are more than can be told apart may be missing.
  init(_ plan: SplitPlan, counts: [UInt64: Int], unit: String) {
    self.plan = plan
    self.unit = unit
    let own = counts.count > Self.maximumCount ? [] : counts.sorted { $0.key < $1.key }
    (hashes, weights) = (own.map(\.key), own.map(\.value))
  }

  /// Whether so many sets need no more counting.
  static func areMany(_ count: Int) -> Bool { count > maximumCount }

  private var total: Int { weights.isEmpty ? hashes.count : weights.reduce(0, +) }

  /// The first split without any item, although it should have some; nil if there is none, or nothing is known.
  var emptySplit: String? {
    guard !hashes.isEmpty else { return nil }
    let counts = counts(plan.seed)
    return plan.names.indices.first { counts[$0] == 0 && plan.fractions[$0] > 0 }.map { plan.names[$0] }
  }

  /// What to do about an empty split; nil if nothing is known.
  var advice: String? {
    guard !hashes.isEmpty, plan.drawnCount > 1 else { return nil }
    guard hashes.count >= plan.drawnCount else {
      return
        "\(NumberText.counted(hashes.count, unit)) cannot be divided into \(plan.drawnCount) splits; give fewer fractions"
    }
    guard let (seed, counts) = nearest, !hasEmpty(counts) else { return nil }
    return "\(hashes.count) \(unit) are drawn at random; --seed \(seed) draws \(text(counts))"
  }

  /// A note on sizes that are far from the fractions; nil if they are not, or no seed is better.
  var note: String? {
    guard !hashes.isEmpty, plan.drawnCount > 1 else { return nil }
    let counts = counts(plan.seed)
    let own = deviation(counts)
    guard own > 1, own > 0.05 * Double(total), let nearest, deviation(nearest.counts) <= own / 2
    else { return nil }
    return
      "\(hashes.count) \(unit) are drawn at random: \(text(counts)); --seed \(nearest.seed) draws \(text(nearest.counts)), closer to the"
      + " fractions"
  }

  private func text(_ counts: [Int]) -> String {
    plan.names.indices.filter { plan.fractions[$0] > 0 }.map { "\(plan.names[$0]) \(counts[$0])" }
      .joined(separator: ", ")
  }

  private func counts(_ seed: UInt64) -> [Int] {
    let plan = plan.seeded(seed)
    return hashes.indices.reduce(into: plan.names.map { _ in 0 }) { counts, index in
      counts[plan.split(hash: hashes[index])] += weights.isEmpty ? 1 : weights[index]
    }
  }

  private func hasEmpty(_ counts: [Int]) -> Bool {
    zip(counts, plan.fractions).contains { $0 == 0 && $1 > 0 }
  }

  /// How many items the split that differs most has more or fewer than its fraction.
  private func deviation(_ counts: [Int]) -> Double {
    zip(counts, plan.fractions).map { abs(Double($0) - $1 * Double(total)) }.max() ?? 0
  }

  /// The first seed without empty splits whose sizes are closest to the fractions.
  private var nearest: (seed: UInt64, counts: [Int])? {
    var best: (seed: UInt64, counts: [Int], isEmpty: Bool, deviation: Double)?
    for seed in 1...UInt64(min(1_000_000 / hashes.count, 2_000)) {
      let counts = counts(seed)
      let (isEmpty, deviation) = (hasEmpty(counts), deviation(counts))
      let isBetter =
        best.map { isEmpty == $0.isEmpty ? deviation < $0.deviation : !isEmpty } ?? true
      if isBetter { best = (seed, counts, isEmpty, deviation) }
      if !isEmpty, deviation < 1 { break }
    }
    return best.map { ($0.seed, $0.counts) }
  }
}
