import HDF5
import WeftBase

/// The classes of a corpus, with how often each occurs in each split.
struct ClassSurvey {
  /// Names of the splits.
  private let splits: [String]
  /// The classes that a model or another dataset gives, in its order; empty for those of the corpus.
  private let known: [String]
  /// Occurrences in each split, and the first place.
  private var found: [String: (counts: [Int], place: String)] = [:]

  /// Maximum number of classes.
  private static let limit = 1 << 16
  /// Number of labels from which on different ones tell that they are no classes.
  private static let tellingCount = 20

  init(splits: [String], known: [String] = []) {
    self.splits = splits
    self.known = known
  }

  /// Counts a class.
  ///
  /// - Parameter place: Where it is, for errors.
  /// - Throws: If it is none of the known ones, or there are too many.
  mutating func add(_ label: String, split: Int, at place: @autoclosure () -> String) throws(WeftError) {
    if found[label] != nil {
      found[label]?.counts[split] += 1
      return
    }
    if !known.isEmpty, !known.contains(label) {
      let near = label.nearest(among: known).map { "; did you mean '\($0)'?" } ?? ""
      throw .data(
        "\(place()): '\(label)' is none of the classes of --vocabulary, \(Self.listed(known))\(near)")
    }
    guard found.count < Self.limit else {
      throw .data("\(place()): '\(label)' is the class \(Self.limit + 1) of the file; is it a class?")
    }
    found[label] = (splits.indices.map { $0 == split ? 1 : 0 }, place())
  }

  /// The classes: those that are known, or those found, ordered as numbers if all are, and by name otherwise.
  ///
  /// - Throws: If there are fewer than two, or one of another split differs from one of training only in case.
  func names() throws(WeftError) -> [String] {
    if !known.isEmpty { return known }
    let areNumbers = found.keys.allSatisfy { Int($0) != nil }
    let all = found.keys.sorted { first, second in
      if areNumbers, let first = Int(first), let second = Int(second), first != second {
        return first < second
      }
      return first.utf8.lexicographicallyPrecedes(second.utf8)
    }
    guard all.count > 1 else {
      throw .data(
        "\(found.values.first?.place ?? ""): all have the class '\(all.first ?? "")'; to tell classes apart takes two"
      )
    }
    let total = found.values.reduce(0) { $0 + $1.counts.reduce(0, +) }
    if total >= Self.tellingCount, 2 * all.count > total, let first = all.first,
      let place = found[first]?.place
    {
      throw .data(
        "\(place): '\(first)' is one of \(all.count) classes that occur \(total) times in all; is it a class? Name the field"
          + " or column of classes")
    }
    // Of every spelling, the one that occurs first in training.
    let trained = all.filter { found[$0]?.counts[0] ?? 0 > 0 }
    let folded = Dictionary(trained.map { ($0.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
    for label in all where found[label]?.counts[0] == 0 {
      guard let other = folded[label.lowercased()], let place = found[label]?.place else { continue }
      throw .data(
        "\(place): the class '\(label)' does not occur in training, where it is '\(other)'; write it in one way"
      )
    }
    try checkSplits(all)
    return all
  }

  /// - Throws: If a split has none of the classes of training.
  private func checkSplits(_ all: [String]) throws(WeftError) {
    let trained = all.filter { found[$0]?.counts[0] ?? 0 > 0 }
    for (index, split) in splits.enumerated().dropFirst() {
      let own = all.filter { found[$0]?.counts[index] ?? 0 > 0 }
      guard let first = own.first, let place = found[first]?.place, Set(own).isDisjoint(with: trained) else {
        continue
      }
      throw .data(
        "\(place): none of the classes of \(split), \(Self.listed(own)), is one of training, \(Self.listed(trained))"
      )
    }
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
  }

  /// What was found, for the user.
  ///
  /// - Parameter names: All classes.
  func notes(_ names: [String]) -> [String] {
    let counts = names.map { name in (name, found[name]?.counts.reduce(0, +) ?? 0) }
    let shown = counts.prefix(10).map { "\($0) \($1)" }.joined(separator: ", ")
    var notes = ["\(names.count) classes: \(shown)" + (names.count > 10 ? ", …" : "")]
    let spellings = Dictionary(grouping: names) { $0.lowercased() }.values.filter { $0.count > 1 }
    if let alike = spellings.min(by: { $0[0] < $1[0] }) {
      notes.append("classes that differ in case alone: \(alike.joined(separator: ", "))")
    }
    // A known class is of the training of another file.
    guard known.isEmpty else { return notes }
    let untrained = names.filter { found[$0]?.counts[0] == 0 }
    if !untrained.isEmpty {
      notes.append(
        "not in training: \(untrained.prefix(10).joined(separator: ", "))"
          + (untrained.count > 10 ? ", …" : ""))
    }
    for (index, split) in splits.enumerated().dropFirst() {
      let absent = names.filter { found[$0]?.counts[0] ?? 0 > 0 && found[$0]?.counts[index] == 0 }
      if !absent.isEmpty {
        notes.append(
          "not in \(split): \(Self.listed(absent))")
      }
    }
    return notes
  }
}
