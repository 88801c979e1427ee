import HDF5
import WeftBase
import WeftData

/// The classes of a corpus, or the labels of which each of its texts may have several, with how often each occurs in each
/// split.
struct ClassSurvey {
  /// Names of the splits.
  private let splits: [String]
  /// The classes that a model, another dataset or the user gives, in their order; empty for those of the corpus.
  private let known: [String]
  /// Whether those are of a model or another dataset.
  private let isForeign: Bool
  /// Whether items may have several labels or none.
  private(set) var haveSeveral = false
  /// The first item without a label, and how many there are.
  private var blank: (place: String, count: Int)?
  /// The first item with several labels.
  private var several: String?
  /// The most labels of an item.
  private var most = 0
  /// Occurrences in each split, and the first place.
  private var found: [String: (counts: [Int], place: String)] = [:]

  /// Maximum number of classes.
  private static let limit = 1 << 16
  /// Number of labels from which on different ones tell that they are no classes.
  private static let tellingCount = 20

  init(splits: [String], known: [String] = []) {
    self.splits = splits
    self.known = known
    isForeign = !known.isEmpty
  }

  /// Labels of which each text may have several.
  ///
  /// - Parameters:
  ///   - known: Those that a model or another dataset gives, in its order; empty for none.
  ///   - named: Those that the user names; empty for those of the corpus.
  /// - Throws: If the two differ.
  init(splits: [String], known: [String], named: [String]) throws(WeftError) {
    if let other = named.first(where: { !known.isEmpty && !known.contains($0) })
      ?? known.first(where: { !named.isEmpty && !named.contains($0) })
    {
      throw .data(
        "the labels of --vocabulary are \(Self.listed(known)), but those of --label-field \(Self.listed(named)); they differ"
          + " in '\(other)'")
    }
    self.splits = splits
    self.known = known.isEmpty ? named : known
    isForeign = !known.isEmpty
    haveSeveral = true
  }

  /// Counts the labels of an item.
  ///
  /// - Parameter place: Where it is, for errors.
  /// - Throws: If one is none of the known ones, there are too many, or several where a model knows one for each.
  mutating func add(_ labels: [String], split: Int, at place: String) throws(WeftError) {
    if labels.isEmpty {
      blank = blank.map { ($0.place, $0.count + 1) } ?? (place, 1)
    }
    most = max(most, labels.count)
    if labels.count > 1, several == nil { several = place }
    if labels.count > 1, !haveSeveral {
      if isForeign {
        throw .data(
          "\(place): has \(labels.count) labels (\(labels.prefix(5).joined(separator: ", "))), but the model or dataset of"
            + " --vocabulary has one class for each text")
      }
      haveSeveral = true
    }
    for label in labels { try add(label, split: split, at: place) }
  }

  /// What to do if all are numbers, to follow that.
  var numberAdvice = ""

  /// What to do if all have the same class, to follow that.
  var adviceOnOne = ""

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
  /// - Throws: If there are fewer than two, one of another split differs from one of training only in case, or an item has
  ///   none where no other has several.
  func names() throws(WeftError) -> [String] {
    if let blank, !haveSeveral {
      throw .data(
        "\(blank.place): has no label, where others have one each; give the text its label, or remove it")
    }
    if !known.isEmpty { return known }
    let areNumbers = found.keys.allSatisfy { Int($0) != nil }
    let all = found.keys.sorted { first, second in
      if areNumbers, let first = Int(first), let second = Int(second), first != second {
        return first < second
      }
      return first.utf8.lexicographicallyPrecedes(second.utf8)
    }
    if all.isEmpty { throw .data("no text has a label") }
    guard all.count > 1 else {
      throw .data(
        "\(found.values.first?.place ?? ""): all have the class '\(all.first ?? "")'; to tell classes apart takes two"
          + adviceOnOne)
    }
    let total = found.values.reduce(0) { $0 + $1.counts.reduce(0, +) }
    if total >= Self.tellingCount, 2 * all.count > total, let first = all.first,
      let place = found[first]?.place
    {
      throw .data(
        "\(place): '\(first)' is one of \(all.count) classes that occur \(total) times in all; is it a class? Name the field"
          + " or column of classes\(Double(first) == nil ? "" : numberAdvice)")
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
    // That a split is empty is told by itself.
    if trained.isEmpty { return }
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

  /// A class whose parts between separators are classes, too, with the separator; nil for none.
  private func joined(_ names: [String]) -> (name: String, separator: Character)? {
    let all = Set(names)
    for name in names {
      for separator: Character in ["|", ",", ";"] where name.contains(separator) {
        let parts = name.split(separator: separator).map { String($0).withoutOuterSpace }
        if parts.count > 1, parts.contains(where: all.contains) { return (name, separator) }
      }
    }
    return nil
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
  }

  /// What was found, for the user.
  ///
  /// - Parameters:
  ///   - names: All classes.
  ///   - numberOption: The option that reads numbers in place of classes; nil if none does.
  func notes(_ names: [String], numberOption: String? = nil) -> [String] {
    let counts = names.map { name in (name, found[name]?.counts.reduce(0, +) ?? 0) }
    let shown = counts.prefix(10).map { "\($0) \($1)" }.joined(separator: ", ")
    var notes = [
      "\(names.count) \(haveSeveral ? names.count == 1 ? "label" : "labels" : "classes"): \(shown)"
        + (names.count > 10 ? ", …" : "")
    ]
    if haveSeveral {
      notes.append(
        "texts have \(blank == nil ? 1 : 0) to \(most) labels"
          + (several.map { " (several first in \($0))" } ?? "")
          + ", which become targets of 0 and 1 for loss.kind: binary-cross-entropy"
          + (blank.map { "; \($0.count) have none" } ?? ""))
    } else if let (name, separator) = joined(names) {
      notes.append(
        "classes such as '\(name)' may be several labels; --label-separator '\(separator)' reads them so")
    }
    if let numberOption, !haveSeveral, let note = NumberNames.note(names, option: numberOption) {
      notes.append(note)
    }
    if names.contains("-"), !haveSeveral {
      notes.append("the class '-' may mean that there is none, as in SNLI; leave such lines out if so")
    }
    let spellings = Dictionary(grouping: names) { $0.lowercased() }.values.filter { $0.count > 1 }
    if let alike = spellings.min(by: { $0[0] < $1[0] }) {
      notes.append(
        "\(haveSeveral ? "labels" : "classes") that differ in case alone: \(alike.joined(separator: ", "))")
    }
    // As pandas writes whole numbers of a column with missing ones: 1.0.
    let numbers = Dictionary(grouping: names.filter { Double($0)?.isFinite == true }) { Double($0) }.values
    if let alike = numbers.filter({ $0.count > 1 }).min(by: { $0[0] < $1[0] }) {
      notes.append(
        "\(haveSeveral ? "labels" : "classes") that are the same number: \(alike.joined(separator: ", ")); write them alike"
          + " unless they differ")
    }
    // A known class is of the training of another file.
    guard !isForeign else { return notes }
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
