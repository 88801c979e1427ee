import WeftBase
import Yams

/// Decodes YAML documents and overrides into a configuration, and records where each value came from.
package struct ConfigurationDecoder<Root: ConfigurationRoot> {
  private struct Leaf {
    let key: ConfigurationKey<Root>
    let node: Node
    let origin: Origin
  }

  /// The place in a file, or the override, that an error refers to.
  private enum Origin: Equatable {
    case file(name: String, line: Int?)
    case override

    func error(_ message: String) -> WeftError {
      switch self {
      case .file(let name, let line?): .configuration("\(name):\(line): \(message)")
      case .file(let name, nil): .configuration("\(name): \(message)")
      case .override: .usage("--set: \(message)")
      }
    }

    /// The origin of a node within this origin.
    func part(_ mark: Mark?) -> Origin {
      switch self {
      case .file(let name, let line): .file(name: name, line: mark?.line ?? line)
      case .override: .override
      }
    }
  }

  private let keys: [String: ConfigurationKey<Root>]
  /// Names of the keys and sections inside each section; the top level has an empty name.
  private let members: [String: [String]]

  private let name: String
  private var leaves: [Leaf] = []

  /// - Parameter name: The name of the document in errors.
  package init(yaml: String, name: String) throws(WeftError) {
    self.name = name
    keys = Dictionary(uniqueKeysWithValues: Root.keys.map { ($0.path, $0) })
    var members: [String: [String]] = [:]
    for key in Root.keys {
      var section = ""
      for part in key.path.split(separator: ".").map(String.init) {
        if members[section]?.contains(part) != true { members[section, default: []].append(part) }
        section = Self.join(section, part)
      }
    }
    self.members = members
    let origin = Origin.file(name: name, line: nil)
    if let node = try Self.compose(yaml, origin) { try add(node, at: "", origin) }
  }

  /// Applies an override such as `model.hidden=256`.
  package mutating func override(_ assignment: String) throws(WeftError) {
    guard let separator = assignment.firstIndex(of: "="), separator > assignment.startIndex else {
      throw Origin.override.error("expected KEY=VALUE, found '\(assignment)'")
    }
    let path = String(assignment[..<separator])
    let value = try Self.compose(String(assignment[assignment.index(after: separator)...]), .override)
    guard keys[path] != nil || members[path] != nil else { throw unknown(path, .override) }
    try add(value ?? Node("", .implicit, .plain), at: path, .override)
  }

  /// Whether the value at `path` came from an override.
  package func isOverridden(_ path: String) -> Bool {
    leaves.contains { $0.key.path == path && $0.origin == .override }
  }

  /// The configuration decoded so far.
  ///
  /// - Throws: If a value is not allowed for its key, a required key is missing, or a rule is violated.
  package func configuration() throws(WeftError) -> Root {
    var result = Root()
    for leaf in leaves {
      do {
        try leaf.key.read(leaf.node, &result)
      } catch {
        throw leaf.origin.error("\(leaf.key.path): \(error.text)")
      }
    }
    let given = Set(leaves.map(\.key.path))
    result.setDefaults(given: given)
    func isSet(_ path: String) -> Bool { keys[path]?.text(result) != nil }
    for leaf in leaves {
      // An override replaces what the file gives.
      guard let other = leaf.key.replacement, isSet(other), leaf.origin == .override || !isOverridden(other)
      else { continue }
      throw leaf.origin.error("\(leaf.key.path): cannot be combined with '\(other)', which replaces it")
    }
    for key in Root.keys where key.isRequired && !given.contains(key.path) {
      if let other = key.replacement, isSet(other) { continue }
      throw Origin.file(name: name, line: nil).error("\(key.path): missing required key")
    }
    for rule in Root.documentRules + Root.rules {
      guard let complaint = rule.complaint(result) else { continue }
      let origin = leaves.first { $0.key.path == rule.path }?.origin ?? .file(name: name, line: nil)
      throw origin.error("\(rule.path): \(complaint)")
    }
    return result
  }

  private mutating func add(_ node: Node, at path: String, _ origin: Origin) throws(WeftError) {
    if let key = keys[path] {
      let leaf = Leaf(key: key, node: node, origin: origin.part(node.mark))
      leaves.removeAll { $0.key.path == path }
      leaves.append(leaf)
      return
    }
    let prefix = path.isEmpty ? "" : "\(path): "
    guard case .mapping(let mapping) = node else {
      if node.isNull { return }
      throw origin.part(node.mark).error("\(prefix)expected a mapping of keys to values")
    }
    for (key, value) in mapping {
      guard let name = key.scalar?.string else {
        throw origin.part(key.mark).error("\(prefix)expected a key")
      }
      let member = Self.join(path, name)
      guard members[path]?.contains(name) == true else {
        throw unknown(member, origin.part(key.mark))
      }
      try add(value, at: member, origin.part(key.mark))
    }
  }

  private static func join(_ section: String, _ name: String) -> String {
    section.isEmpty ? name : "\(section).\(name)"
  }

  /// Suggests a sibling, then the same name in another section, then the nearest path.
  private func unknown(_ path: String, _ origin: Origin) -> WeftError {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let siblings = members[parts.dropLast().joined(separator: ".")] ?? []
    let suggestion =
      parts.last.flatMap { $0.nearest(among: siblings) }
      ?? Root.keys.first { $0.path.hasSuffix(".\(parts.last ?? "")") }?.path
      ?? path.nearest(among: Root.keys.map(\.path))
    return origin.error("\(path): unknown key" + (suggestion.map { "; did you mean '\($0)'?" } ?? ""))
  }

  private static func compose(_ yaml: String, _ origin: Origin) throws(WeftError) -> Node? {
    do {
      return try YAMLText.compose(yaml)
    } catch let error as YAMLText.Refused {
      throw origin.error(error.text)
    } catch let error as YamlError {
      switch error {
      case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        throw origin.part(mark).error(problem)
      case .duplicatedKeysInMapping(let duplicates, let context):
        let names = duplicates.sorted().map { "'\($0)'" }.joined(separator: ", ")
        throw origin.part(context.mark).error("duplicate keys in this mapping: \(names)")
      case .reader(let problem, _, _, _): throw origin.error(problem)
      default: throw origin.error("\(error)")
      }
    } catch {
      throw origin.error("\(error)")
    }
  }
}
