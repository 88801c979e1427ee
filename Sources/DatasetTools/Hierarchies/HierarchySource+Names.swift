import HDF5
import WeftBase

/// What patterns of paths stand for.
extension HierarchySource {
  /// Names in place of `{}`, in natural order; nil if the file is one sequence or one array of them.
  ///
  /// Several `{}` of a pattern stand for one name, or where there is none, for groups in groups.
  func names() throws -> [String]? {
    guard let given = options.inputs.first(where: { $0.contains("{}") }) else { return nil }
    let pattern = Self.withoutWildcard(given) ?? given
    let range = pattern.range(of: "{}")
    let before = range.map { String(pattern[..<$0.lowerBound]) } ?? ""
    let (parent, prefix) =
      before.lastIndex(of: "/").map {
        (String(before[..<$0]), String(before[before.index(after: $0)...]))
      }
      ?? ("", before)
    let rest = range.map { String(pattern[$0.upperBound...]) } ?? ""
    let ending = rest.prefix { $0 != "/" && $0 != "@" }
    let children = try objects.members(of: parent)
    let names = children.map(\.name).filter {
      $0.hasPrefix(prefix) && $0.hasSuffix(ending) && $0.count >= prefix.count + ending.count
    }.map { String($0.dropFirst(prefix.count).dropLast(ending.count)) }
    // Elements of one array may be of several kinds, such as charges and discharges of a battery, of which some have targets.
    var patterns = [pattern]
    if let targets = options.targets, targets.contains("{}"), try objects.haveElements(parent) {
      patterns.append(targets)
    }
    // Elements have no names of their own, which could be the same in two places.
    let areNested =
      try rest.contains("{}") && names.first.map { try hasElements(pattern, first: $0) } ?? false
    let found =
      areNested
      ? []
      : try names.filter { name in
        try patterns.allSatisfy { try file.contains(objects.resolved(Place($0, name: name).path)) }
      }
    if found.isEmpty, rest.contains("{}") {
      let nested = try nestedNames(of: pattern).map { $0.joined(separator: "/") }
      if !nested.isEmpty { return nested.sorted { $0.precedesNaturally($1) } }
    }
    if rest.contains("/") {
      let groups = Set(
        children.filter(\.isGroup).map { String($0.name.dropFirst(prefix.count).dropLast(ending.count)) })
      let skipped = Set(names).intersection(groups).subtracting(found)
      if !skipped.isEmpty {
        notes.skip(skipped.sorted { $0.precedesNaturally($1) }, without: patterns.joined(separator: "' or '"))
      }
    }
    guard !found.isEmpty else {
      // Arrays of structures have the elements in each field.
      let elements = "\(parent)\(ending.isEmpty ? rest : "")"
      let advice =
        try !elements.isEmpty && prefix.isEmpty && objects.haveElements(elements)
        ? "; write '\(elements)/{}', an element of each structure" : ""
      throw WeftError.data("\(file.path): nothing matches '\(pattern)'\(advice)")
    }
    return found.sorted { $0.precedesNaturally($1) }
  }

  /// Whether one of several `{}` of a pattern stands for elements of an array of references.
  private func hasElements(_ pattern: String, first name: String) throws -> Bool {
    var rest = pattern[...]
    var before = ""
    while let range = rest.firstRange(of: "{}") {
      before += rest[..<range.lowerBound]
      if let slash = before.lastIndex(of: "/"), try objects.haveElements(String(before[..<slash])) {
        return true
      }
      before += name
      rest = rest[range.upperBound...]
    }
    return false
  }

  /// The number of a sequence among those whose names begin alike, and how many they are.
  typealias Sibling = (number: Int, count: Int)

  /// The siblings of each sequence for targets that are in one dataset of all of them, such as `Data/{}/score` beside inputs
  /// `Data/{}/clips/{}`; nil for other targets.
  func siblings(of names: [String]) -> [Sibling?] {
    let placeholders = (options.targets ?? "").ranges(of: "{}").count
    let families = names.map { name -> String? in
      let parts = name.split(separator: "/")
      return placeholders > 0 && parts.count > placeholders
        ? parts.prefix(placeholders).joined(separator: "/") : nil
    }
    let counts = families.reduce(into: [String: Int]()) { if let family = $1 { $0[family, default: 0] += 1 } }
    var numbers: [String: Int] = [:]
    return families.map { family in
      guard let family, let count = counts[family], count > 1 else { return nil }
      defer { numbers[family, default: 0] += 1 }
      return (numbers[family, default: 0], count)
    }
  }

  /// A sibling, if the targets at a place have a row for each.
  func row(_ sibling: Sibling, of place: Place) throws -> Sibling? {
    guard place.attribute == nil else { return nil }
    return try TargetReader(forms.dataset(place.path), objects, notes).shape.first == sibling.count
      ? sibling : nil
  }

  /// What stands for each `{}` of a pattern in which they are of different groups, such as speakers and their recordings.
  private func nestedNames(of pattern: String) throws -> [[String]] {
    guard let range = pattern.range(of: "{}") else {
      return try file.contains(objects.resolved(Place(pattern, name: nil).path)) ? [[]] : []
    }
    let (before, after) = (pattern[..<range.lowerBound], pattern[range.upperBound...])
    let start = before.lastIndex(of: "/").map { before.index(after: $0) } ?? before.startIndex
    let (parent, prefix) = (String(before[..<start]), String(before[start...]))
    let ending = String(after.prefix { $0 != "/" && $0 != "@" })
    return try objects.members(of: parent).flatMap { child -> [[String]] in
      let name = child.name
      guard name.hasPrefix(prefix), name.hasSuffix(ending), name.count >= prefix.count + ending.count,
        child.isGroup || !after.contains("/")
      else { return [] }
      let part = String(name.dropFirst(prefix.count).dropLast(ending.count))
      // A part in braces would be taken for another placeholder.
      if part.contains("{}") { return [] }
      return try nestedNames(of: String(before[..<start]) + name + String(after.dropFirst(ending.count))).map
      { [part] + $0 }
    }
  }

  /// A pattern that ends in `/*` or `/**` without that; nil for any other.
  private static func withoutWildcard(_ pattern: String) -> String? {
    ["/**", "/*"].first(where: pattern.hasSuffix).map { String(pattern.dropLast($0.count)) }
  }

  /// The paths of the datasets of a group from there, in natural order.
  ///
  /// - Parameter areNested: Whether those in groups of the group count, too.
  private static func datasets(of group: Group, areNested: Bool) throws -> [String] {
    var paths: [String] = []
    if areNested {
      try group.visit { visit in
        if visit.child.isDataset { paths.append(String(visit.child.path.dropFirst(group.path.count + 1))) }
      }
    } else {
      paths = try group.children.filter(\.isDataset).map(\.name)
    }
    return paths.sorted { $0.precedesNaturally($1) }
  }

  /// The patterns of the inputs, where `GROUP/*` stands for every dataset in the group of numbers of steps, or of steps and
  /// features, and `GROUP/**` for those in its groups, too.
  ///
  /// - Parameter first: The name of the first sequence, whose group tells which; nil for none.
  func inputPatterns(first: String?) throws -> [String] {
    try options.inputs.flatMap { pattern -> [String] in
      guard let base = Self.withoutWildcard(pattern) else { return [pattern] }
      let group = try file.group(objects.resolved(Place(base, name: first).path))
      var (taken, left) = ([(name: String, width: Int)](), [String]())
      for name in try Self.datasets(of: group, areNested: pattern.hasSuffix("/**")) {
        let dataset = try group.dataset(name)
        let shape = try dataset.stepShape
        if dataset.datatype.isNumeric, (1...2).contains(shape.count) {
          taken.append((name, shape.count == 2 ? shape[1] : 1))
        } else {
          left.append("\(name) (\(dataset.datatype) \(shape))")
        }
      }
      guard !taken.isEmpty else {
        throw WeftError.data("\(file.path): '\(pattern)' has no datasets of steps, or of steps and features")
      }
      notes.add("\(pattern): \(taken.map { "\($0.name) (\($0.width))" }.joined(separator: ", "))")
      if !left.isEmpty { notes.add("\(pattern): left out: \(left.joined(separator: ", "))") }
      return taken.map { "\(base)/\($0.name)" }
    }
  }

  /// A path of a dataset or a group, and the name of an attribute there.
  struct Place {
    let path: String
    let attribute: String?

    init(_ pattern: String, name: String?) {
      var text = pattern
      // Nested groups have a part of the name each; a name of one part is that of every place.
      for part in (name ?? "").split(separator: "/") where name?.contains("/") == true {
        if let range = text.range(of: "{}") { text.replaceSubrange(range, with: part) }
      }
      if let name, !name.contains("/") { text = text.replacing("{}", with: name) }
      let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      path = parts[0].isEmpty ? "/" : parts[0]
      attribute = parts.count > 1 ? parts[1] : nil
    }
  }

  func attributes(of path: String) throws -> Attributes {
    if path == "/" { return file.attributes }
    let path = try objects.resolved(path)
    if let group = try? file.group(path) { return group.attributes }
    return try file.dataset(path).attributes
  }

  /// The split of each sequence that the lists of a file name.
  ///
  /// - Parameter names: The sequences.
  /// - Throws: If a list is missing, or has a name twice or that of no sequence.
  func listedSplits(_ names: [String]) throws -> [String: String] {
    let known = Set(names)
    var splits: [String: String] = [:]
    for (split, path) in options.splitLists {
      guard try file.contains(path) else {
        throw WeftError.data(
          "\(file.path): \(file.absence(of: path, kind: "dataset")); --split-lists names it")
      }
      let dataset = try file.dataset(path)
      guard dataset.datatype.isString else {
        throw WeftError.data(
          "\(file.path): dataset \(dataset.path): has type \(dataset.datatype); --split-lists needs names of sequences"
        )
      }
      for name in try dataset.read(as: String.self) {
        guard known.contains(name) else {
          throw WeftError.data("\(file.path): dataset \(dataset.path): there is no sequence '\(name)'")
        }
        if let other = splits.updateValue(split, forKey: name), other != split {
          throw WeftError.data(
            "\(file.path): dataset \(dataset.path): '\(name)' is for \(other), too; no sequence can be in two splits"
          )
        }
      }
    }
    return splits
  }
}
