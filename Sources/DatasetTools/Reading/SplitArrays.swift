import HDF5
import WeftData

/// Arrays whose names tell their split, such as `X_train` and `y_test`, in a file without groups of sequences, or groups of
/// sequences with other names than those of splits, such as `valid`.
struct SplitArrays: Sendable, Equatable {
  /// The inputs, and the targets, with `{split}` for the split; empty for the arrays of groups of sequences.
  let inputs: String
  let targets: String?
  /// The words for `train`, `validation` and `test`, as far as there are arrays.
  let words: [String: String]

  private static let placeholder = "{split}"
  private static let synonyms: [(split: String, words: [String])] = [
    ("train", ["training", "train", "tr"]), ("validation", ["validation", "valid", "val", "dev"]),
    ("test", ["testing", "test", "te"]),
  ]
  /// What inputs and targets are called.
  static let inputNames = [
    "x", "inputs", "input", "features", "feature", "data", "signals", "signal", "sequences", "series", "xs",
    "in",
  ]
  static let targetNames = [
    "y", "targets", "target", "labels", "label", "classes", "class", "outputs", "output", "ys", "out",
  ]

  /// The split that a folder or a file is named for; nil for any other.
  static func split(named name: String) -> String? {
    synonyms.first { $0.words.contains(name.lowercased()) }?.split
  }

  /// - Parameter names: Paths of arrays, such as `X_train` or `train/X`.
  init?(names: [String]) {
    // For each pattern its words by split.
    var patterns: [String: [String: String]] = [:]
    for name in names {
      for (pattern, split, word) in Self.readings(of: name) { patterns[pattern, default: [:]][split] = word }
    }
    func choice(_ known: [String]) -> String? {
      let found = patterns.filter { $0.value["train"] != nil }.keys.compactMap { pattern in
        known.firstIndex(of: Self.base(of: pattern)).map { (rank: $0, pattern: pattern) }
      }
      return found.min { ($0.rank, $0.pattern) < ($1.rank, $1.pattern) }?.pattern
    }
    guard let inputs = choice(Self.inputNames), let own = patterns[inputs] else { return nil }
    self.inputs = inputs
    targets = choice(Self.targetNames)
    let others = targets.flatMap { patterns[$0] }
    words = own.filter { others == nil || others?[$0.key] == $0.value }
    if words["train"] == nil { return nil }
  }

  /// - Parameter groups: Names of groups of sequences, which stand for splits in other words.
  init?(groups: [String]) {
    var words: [String: String] = [:]
    for (split, own) in Self.synonyms {
      words[split] = groups.first { $0 == split } ?? groups.first { own.contains($0.lowercased()) }
    }
    guard words["train"] != nil, words.contains(where: { $0.key != $0.value }) else { return nil }
    (inputs, targets, self.words) = ("", nil, words)
  }

  /// The arrays of a file: at its root, or in groups that have the names of splits.
  ///
  /// - Throws: Any damage found.
  init?(in file: File) throws {
    var names: [String] = []
    let known = Set(Self.synonyms.flatMap { $0.words })
    for child in try file.children {
      if child.isDataset { names.append(child.name) }
      guard child.isGroup, known.contains(child.name.lowercased()) else { continue }
      names += try file.group(child.name).children.filter(\.isDataset).map { "\(child.name)/\($0.name)" }
    }
    self.init(names: names)
  }

  /// What a name may be: the pattern, the split and the word for it.
  private static func readings(of name: String) -> [(pattern: String, split: String, word: String)] {
    let lower = name.lowercased()
    // Other letters would have other places.
    guard lower.count == name.count else { return [] }
    for (split, words) in synonyms {
      for word in words {
        // Short words are parts of others.
        let needsSeparator = word.count < 4
        if lower.hasSuffix(word) {
          let rest = name.dropLast(word.count)
          if isSeparated(rest.last, needsSeparator) {
            return [(String(rest) + placeholder, split, String(name.suffix(word.count)))]
          }
        }
        if lower.hasPrefix(word) {
          let rest = name.dropFirst(word.count)
          if isSeparated(rest.first, needsSeparator) {
            return [(placeholder + String(rest), split, String(name.prefix(word.count)))]
          }
        }
      }
    }
    return []
  }

  private static func isSeparated(_ character: Character?, _ isNeeded: Bool) -> Bool {
    guard let character else { return false }
    return !isNeeded || !character.isLetter
  }

  /// What a pattern names, without the split and what separates it.
  private static func base(of pattern: String) -> String {
    pattern.replacing(placeholder, with: "").lowercased().filter { $0.isLetter }
  }

  /// The paths in a file of the arrays of a split, with their names in a group of sequences.
  func names(of split: String) -> [String: String] {
    guard let word = words[split] else { return [:] }
    var names = [inputs.replacing(Self.placeholder, with: word): "inputs"]
    if let targets { names[targets.replacing(Self.placeholder, with: word)] = "targets" }
    return names
  }

  /// The arrays of each split as a group of sequences.
  ///
  /// - Parameters:
  ///   - areCopied: Whether rows are to be copied, which those of MATLAB's vectors cannot be.
  ///   - format: The layout, where the data leave it open.
  /// - Throws: If they do not match.
  func groups(
    in file: File, areCopied: Bool = false, format: DataFormat = .auto
  ) throws -> [SequenceGroup] {
    try Self.synonyms.map { $0.split }.compactMap { split in
      guard let word = words[split] else { return nil }
      return inputs.isEmpty
        ? try SequenceGroup(file, word, as: split, format: format)
        : try SequenceGroup(
          rootOf: file, names: names(of: split), as: split, readsVectors: !areCopied, format: format)
    }
  }

  /// How a configuration reads the file.
  ///
  /// - Parameter settings: Other keys of it.
  func configuration(_ settings: DataConfiguration) -> DataConfiguration {
    var data = settings
    if !inputs.isEmpty { data.inputs = ["/" + inputs] }
    data.targets = targets.map { "/" + $0 }
    data.split.train = words["train"] ?? data.split.train
    data.split.validation = words["validation"] ?? data.split.validation
    data.split.test = words["test"] ?? data.split.test
    return data
  }

  /// The words for splits that are not their names, as a configuration has them.
  var otherWords: String {
    words.filter { $0.key != $0.value }.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(
      separator: ", ")
  }

  /// The keys, in words.
  var keys: String {
    if inputs.isEmpty { return "data.split: {\(otherWords)}" }
    return "data.inputs: ['/\(inputs)']" + (targets.map { ", data.targets: '/\($0)'" } ?? "")
  }
}
