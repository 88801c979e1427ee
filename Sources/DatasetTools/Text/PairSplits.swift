import WeftBase

/// The splits of pairs of sentences: each lies in that of its own text, or in one drawn by its source and its group.
final class PairSplits {
  /// All splits.
  let plan: SplitPlan
  /// How pairs were assigned to splits, for the user.
  private(set) var notes: [String] = []
  /// The texts, and the split of all pairs of a text; nil for the one that the plan divides.
  private let sources: [(source: ParallelSource, split: Int?)]
  /// What a third column ties together; nil without groups, where equal sources have equal hashes anyway.
  private var ties: TiedItems?

  /// Reads a text with a third column once or twice, if it is to be divided.
  ///
  /// - Throws: If it cannot be read or is not aligned, or cannot be divided.
  init(
    _ source: ParallelSource, others: [SplitSource<ParallelSource>], plan: SplitPlan,
    _ progress: ProgressReporter
  ) throws {
    self.plan = try plan.adding(others.map(\.split))
    let names = self.plan.names
    sources = [(source, nil)] + others.map { ($0.source, names.firstIndex(of: $0.split)) }
    guard case .tabSeparated(let path) = source, plan.drawnCount > 1 else { return }
    var column = GroupColumn()
    let lines = try SentencePairs(source, task: "reading groups", progress: progress)
    while let pair = try lines.next() { column.add(pair.group) }
    notes = [column.note].compactMap { $0 }
    guard column.isUsed else { return }
    var found = TiedItems()
    let pairs = try SentencePairs(source, task: "reading groups", progress: progress)
    while let pair = try pairs.next() {
      if let group = pair.group {
        found.add(.group(group), .text(pair.source))
      } else {
        found.add(.text(pair.source))
      }
    }
    let keys = "groups and equal sources"
    try found.check(splits: plan.drawnCount, source: path, unit: "pairs", keys: keys)
    notes += [found.note(unit: "pairs", keys: keys)].compactMap { $0 }
    ties = found
  }

  /// The pairs of all texts with their splits, one after the other; nil after the last.
  func pairs(
    _ task: String, _ progress: ProgressReporter
  ) throws -> () throws -> (pair: SentencePair, split: Int)? {
    var rest = sources[...]
    var pairs: SentencePairs?
    return {
      while true {
        guard let next = rest.first else { return nil }
        let reader = try pairs ?? SentencePairs(next.source, task: task, progress: progress)
        pairs = reader
        if let pair = try reader.next() { return (pair, next.split ?? self.split(of: pair)) }
        pairs = nil
        rest = rest.dropFirst()
      }
    }
  }

  private func split(of pair: SentencePair) -> Int {
    let key = pair.group.map { TiedItems.Key.group($0) } ?? .text(pair.source)
    return plan.split(hash: ties?.hash(of: key) ?? ContentHash(pair.source.utf8).value)
  }
}
