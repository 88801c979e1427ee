import HDF5
import WeftBase

/// How the sequences of a file are assigned to splits.
public enum SplitAssignment: Sendable, Equatable {
  /// By a hash of their contents, so that equal ones stay together; a stream is cut into consecutive parts.
  case contents(SplitPlan)
  /// By a hash of the values of a dataset, such as patients or speakers: sequences with equal ones stay together.
  case groups(SplitPlan, dataset: String)
  /// In each class, the values of a dataset, by the fractions.
  case stratified(SplitPlan, dataset: String)
  /// Each series is cut into consecutive parts, and so are windows that overlap.
  case time(SplitPlan)
  /// By index arrays: the dataset of each split's sequence numbers, from 0.
  case indices([IndexArray])
  /// By a dataset or an attribute that names the split of each sequence.
  case names(String)
  /// By a dataset or an attribute of whole numbers, such as folds, of which each split has some.
  case values(String, [ValueRange])
  /// Of k folds of equal size, one is the validation split and the others are for training.
  case fold(Int, of: Int, seed: UInt64, groups: String?, stratify: String?)

  /// Numbers that belong to a split.
  public struct ValueRange: Sendable, Equatable {
    /// The split.
    public let split: String
    /// The numbers.
    public let values: ClosedRange<Int>

    /// The numbers of `values` belong to `split`.
    public init(split: String, values: ClosedRange<Int>) {
      self.split = split
      self.values = values
    }
  }

  /// The sequence numbers of a split.
  public struct IndexArray: Sendable, Equatable {
    /// The split.
    public let split: String
    /// The dataset.
    public let dataset: String

    /// The numbers in `dataset` belong to `split`.
    public init(split: String, dataset: String) {
      self.split = split
      self.dataset = dataset
    }
  }
}

/// The splits of all sequences of some groups.
struct AssignedSplits {
  /// Names of the splits, in the order in which they are written.
  let names: [String]
  /// The index of the split of each sequence; nil for one that is in none.
  let splits: [Int?]
  /// The splits that chance has drawn; nil if it has drawn none.
  private(set) var drawn: DrawnSplits?
  /// What to do about an empty split; nil for the usual.
  private(set) var advice: String?
  /// What the splits lack.
  private(set) var notes: [String] = []

  /// Consecutive windows of a series, as ``OverlappingWindows/check(_:)`` finds them.
  init(_ plan: SplitPlan, of windows: OverlappingWindows, count: Int) {
    names = plan.names
    splits = windows.splits(of: count, plan)
    advice = windows.advice
    notes = ["windows are divided in their order; those that share steps with the split before are in none"]
  }

  /// - Parameters:
  ///   - groups: The groups, whose sequences are numbered from the first to the last.
  /// - Throws: If a dataset is missing, or does not say what it should.
  init(_ assignment: SplitAssignment, of groups: [SequenceGroup], in file: File) throws {
    let count = groups.reduce(0) { $0 + $1.count }
    let keys = SequenceKeys(file: file, groups: groups, count: count)
    switch assignment {
    case .contents(let plan):
      names = plan.names
      let hashes = try keys.contentHashes()
      splits = hashes.map { plan.split(hash: $0) }
      drawn = DrawnSplits(plan, hashes: Set(hashes), unit: "sequences")
    case .groups(let plan, let dataset):
      names = plan.names
      let hashes = try keys.texts(dataset).map { ContentHash($0.utf8).value }
      splits = hashes.map { plan.split(hash: $0) }
      drawn = DrawnSplits(plan, hashes: Set(hashes), unit: "groups")
    case .stratified(let plan, let dataset):
      names = plan.names
      let classes = try keys.texts(dataset)
      guard count < 2 || Set(classes).count < count else {
        throw WeftError.data(
          "\(file.path): '\(dataset)' has another value for each sequence; --stratify is for classes")
      }
      splits = try Self.stratified(plan, classes, keys.contentHashes())
      if let note = Self.rareClasses(classes, splits, of: plan) { notes.append(note) }
    case .time: preconditionFailure("series are cut, not assigned")
    case .indices(let arrays):
      (names, splits) = try Self.indexed(arrays, count: count, keys)
    case .names(let name):
      (names, splits) = try Self.named(by: keys.texts(name), name, in: file)
    case .values(let name, let ranges):
      (names, splits) = try Self.ranged(by: keys.texts(name), name, ranges, in: file)
    case .fold(let fold, let folds, let seed, let group, let classes):
      names = ["train", "validation"]
      splits = try Self.folded(
        fold, of: folds, seed: seed, units: group.map { try keys.texts($0) },
        classes: classes.map { try keys.texts($0) }, hashes: keys.contentHashes())
    }
  }

  /// In each class, the sequences in the order of their hashes are cut by the fractions; equal ones stay together.
  private static func stratified(_ plan: SplitPlan, _ classes: [String], _ hashes: [UInt64])
    -> [Int?]
  {
    var splits = [Int?](repeating: 0, count: classes.count)
    for members in members(of: classes) {
      let order = members.map {
        (hash: ContentHash.mix(hashes[$0] ^ ContentHash.mix(plan.seed)), item: $0)
      }
      .sorted { ($0.hash, $0.item) < ($1.hash, $1.item) }
      var last: (hash: UInt64, split: Int)?
      for (place, entry) in order.enumerated() {
        let position = (Double(place) + 0.5) / Double(order.count)
        var (split, bound) = (0, plan.fractions[0])
        while split < plan.fractions.count - 1, position > bound {
          split += 1
          bound += plan.fractions[split]
        }
        let own = last.map { $0.hash == entry.hash ? $0.split : split } ?? split
        splits[entry.item] = own
        last = (entry.hash, own)
      }
    }
    return splits
  }

  /// A note on classes that some splits lack; nil if all have each.
  private static func rareClasses(_ classes: [String], _ splits: [Int?], of plan: SplitPlan) -> String? {
    let rare = members(of: classes).filter { Set($0.map { splits[$0] }).count < plan.drawnCount }
    guard let first = rare.first else { return nil }
    return
      "class '\(classes[first[0]])' has \(NumberText.counted(first.count, "sequences")), which are not in all splits"
      + (rare.count == 1
        ? "" : ", and so \(rare.count == 2 ? "has another" : "have \(rare.count - 1) others")")
  }

  private static func members(of classes: [String]) -> [[Int]] {
    var members: [String: [Int]] = [:]
    for (item, name) in classes.enumerated() { members[name, default: []].append(item) }
    return members.sorted { $0.key < $1.key }.map(\.value)
  }

  private static func indexed(
    _ arrays: [SplitAssignment.IndexArray], count: Int, _ keys: SequenceKeys
  ) throws -> ([String], [Int?]) {
    var splits = [Int?](repeating: nil, count: count)
    for (split, array) in arrays.enumerated() {
      let (numbers, path) = try keys.numbers(array.dataset)
      for (place, number) in numbers.enumerated() {
        guard (0..<count).contains(number) else {
          throw WeftError.data(
            "\(path): number \(number) at \(place) is not between 0 and \(count - 1); sequences count from 0"
          )
        }
        if let other = splits[number], other != split {
          throw WeftError.data("\(path): sequence \(number) is also in '\(arrays[other].split)'")
        }
        splits[number] = split
      }
    }
    return (arrays.map(\.split), splits)
  }

  /// Other words for the usual splits.
  private static let synonyms = [
    "training": "train", "valid": "validation", "val": "validation", "dev": "validation",
    "eval": "validation",
    "testing": "test",
  ]

  private static func named(by values: [String], _ name: String, in file: File) throws -> (
    [String], [Int?]
  ) {
    let usual = SplitNames.usual
    let own = Set(values)
    let areNumbers = own.allSatisfy { Int($0) != nil }
    guard !areNumbers || own.isSubset(of: ["0", "1", "2"]) else {
      throw WeftError.data(
        "\(file.path): '\(name)' contains numbers other than 0 (train), 1 (validation), 2 (test); say which belong to"
          + " which split with --values, such as --values train=1-8,validation=9,test=10")
    }
    guard areNumbers || !own.allSatisfy({ Double($0) != nil }) else {
      throw WeftError.data("\(file.path): '\(name)' contains numbers with decimals, which name no splits")
    }
    let texts = values.map { value -> String in
      if areNumbers { return usual[Int(value) ?? 0] }
      let lower = value.lowercased()
      return synonyms[lower] ?? (usual.contains(lower) ? lower : value)
    }
    let found = Set(texts)
    guard found.count <= 64, !found.contains(where: { $0.isEmpty || $0.contains("/") }) else {
      throw WeftError.data(
        "\(file.path): '\(name)' has \(found.count) different values, which are no names of splits")
    }
    let names = usual.filter(found.contains) + found.subtracting(usual).sorted()
    return (names, texts.map { names.firstIndex(of: $0) })
  }

  private static func ranged(
    by values: [String], _ name: String, _ ranges: [SplitAssignment.ValueRange], in file: File
  ) throws -> ([String], [Int?]) {
    let names = ranges.reduce(into: [String]()) { if !$0.contains($1.split) { $0.append($1.split) } }
    let splits = try values.map { text -> Int? in
      guard let value = Int(text) else {
        throw WeftError.data(
          "\(file.path): '\(name)' contains '\(text)', which is no whole number; --values is for numbers")
      }
      return ranges.first { $0.values.contains(value) }.flatMap { names.firstIndex(of: $0.split) }
    }
    return (names, splits)
  }

  /// Units, which are sequences or groups of them, are dealt out to the folds one after the other.
  private static func folded(
    _ fold: Int, of folds: Int, seed: UInt64, units: [String]?, classes: [String]?, hashes: [UInt64]
  ) throws -> [Int?] {
    var splits = [Int?](repeating: 0, count: hashes.count)
    var next = 0
    for members in Self.members(of: classes ?? hashes.map { _ in "" }) {
      var hashed: [UInt64: [Int]] = [:]
      for item in members {
        let hash = units.map { ContentHash($0[item].utf8).value } ?? hashes[item]
        hashed[ContentHash.mix(hash ^ ContentHash.mix(seed)), default: []].append(item)
      }
      for (_, items) in hashed.sorted(by: { $0.key < $1.key }) {
        if next % folds == fold - 1 { for item in items { splits[item] = 1 } }
        next += 1
      }
    }
    guard next >= folds else {
      throw WeftError.data(
        "\(NumberText.counted(next, units == nil ? "different sequences" : "groups")) cannot make \(folds) folds; use a smaller"
          + " --folds")
    }
    return splits
  }
}
