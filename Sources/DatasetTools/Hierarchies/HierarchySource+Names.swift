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
    let container: any Container =
      parent.isEmpty || parent == "/" ? file : try file.group(parent)
    let rest = range.map { String(pattern[$0.upperBound...]) } ?? ""
    let ending = rest.prefix { $0 != "/" && $0 != "@" }
    let children = try container.children
    let names = children.map(\.name).filter {
      $0.hasPrefix(prefix) && $0.hasSuffix(ending) && $0.count >= prefix.count + ending.count
    }.map { String($0.dropFirst(prefix.count).dropLast(ending.count)) }
    let found = try names.filter { name in
      let path = Place(pattern, name: name).path
      return try file.contains(path)
    }
    if found.isEmpty, rest.contains("{}") {
      let nested = try nestedNames(of: pattern).map { $0.joined(separator: "/") }
      if !nested.isEmpty { return nested.sorted { $0.precedesNaturally($1) } }
    }
    if rest.contains("/") {
      let groups = Set(
        children.filter(\.isGroup).map { String($0.name.dropFirst(prefix.count).dropLast(ending.count)) })
      let skipped = Set(names).intersection(groups).subtracting(found)
      if !skipped.isEmpty { notes.skip(skipped.sorted { $0.precedesNaturally($1) }, without: pattern) }
    }
    guard !found.isEmpty else {
      throw WeftError.data("\(file.path): nothing matches '\(pattern)'")
    }
    return found.sorted { $0.precedesNaturally($1) }
  }

  /// What stands for each `{}` of a pattern in which they are of different groups, such as speakers and their recordings.
  private func nestedNames(of pattern: String) throws -> [[String]] {
    guard let range = pattern.range(of: "{}") else {
      return try file.contains(Place(pattern, name: nil).path) ? [[]] : []
    }
    let (before, after) = (pattern[..<range.lowerBound], pattern[range.upperBound...])
    let start = before.lastIndex(of: "/").map { before.index(after: $0) } ?? before.startIndex
    let (parent, prefix) = (String(before[..<start]), String(before[start...]))
    let ending = String(after.prefix { $0 != "/" && $0 != "@" })
    let container: any Container = parent.isEmpty || parent == "/" ? file : try file.group(parent)
    return try container.children.flatMap { child -> [[String]] in
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
      let group = try file.group(Place(base, name: first).path)
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
