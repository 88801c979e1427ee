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

  /// Reads a text with a third column or documents once or twice, if it is to be divided.
  ///
  /// - Throws: If it cannot be read or is not aligned, or cannot be divided.
  init(
    _ source: ParallelSource, others: [SplitSource<ParallelSource>], plan: SplitPlan,
    _ progress: ProgressReporter
  ) throws {
    self.plan = try plan.adding(others.map(\.split))
    let names = self.plan.names
    sources = [(source, nil)] + others.map { ($0.source, names.firstIndex(of: $0.split)) }
    guard plan.drawnCount > 1, let name = try source.groupName else { return }
    var column = GroupColumn(name: name)
    let lines = try SentencePairs(source, task: "reading groups", progress: progress)
    while let pair = try lines.next() { column.add(pair.group) }
    notes = [column.note].compactMap { $0 }
    guard column.isUsed else { return }
    var found = TiedItems()
    let pairs = try SentencePairs(source, task: "reading groups", progress: progress)
    while let pair = try pairs.next() {
      if let group = pair.group {
        found.add(.group(group), [.text(pair.source)])
      } else {
        found.add(.text(pair.source))
      }
    }
    let keys = "groups and equal sources"
    try found.check(splits: plan.drawnCount, source: source.name, unit: "pairs", keys: keys)
    notes += [found.note(unit: "pairs", keys: keys)].compactMap { $0 }
    ties = found
  }

  /// The pairs of all texts with their splits, one after the other.
  ///
  /// - Parameter task: What is done with them, for the progress.
  func pairs(_ task: String, _ progress: ProgressReporter) -> DividedPairs {
    DividedPairs(sources, task, progress) { self.split(of: $0) }
  }

  private func split(of pair: SentencePair) -> Int {
    let key = pair.group.map { TiedItems.Key.group($0) } ?? .text(pair.source)
    return plan.split(hash: ties?.hash(of: key) ?? ContentHash(pair.source.utf8).value)
  }
}

/// Reads the pairs of several texts with their splits.
final class DividedPairs {
  private let sources: [(source: ParallelSource, split: Int?)]
  private let task: String
  private let progress: ProgressReporter
  private let drawn: (SentencePair) -> Int
  /// The text that is read, by its index, once it is opened.
  private var index = 0
  private var reader: SentencePairs?
  /// How the texts that were read are understood.
  private(set) var notes: [String] = []

  /// - Parameter drawn: The split of a pair of a text that is divided.
  init(
    _ sources: [(source: ParallelSource, split: Int?)], _ task: String, _ progress: ProgressReporter,
    drawn: @escaping (SentencePair) -> Int
  ) {
    self.sources = sources
    self.task = task
    self.progress = progress
    self.drawn = drawn
  }

  /// The next pair; nil after the last one.
  ///
  /// - Throws: If a text cannot be read or is not aligned.
  func next() throws(WeftError) -> (pair: SentencePair, split: Int)? {
    while index < sources.count {
      let (source, split) = sources[index]
      if reader == nil { reader = try SentencePairs(source, task: task, progress: progress) }
      if let pair = try reader?.next() { return (pair, split ?? drawn(pair)) }
      notes += reader?.notes ?? []
      reader = nil
      index += 1
    }
    return nil
  }
}
