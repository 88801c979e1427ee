import WeftBase
import WeftConfiguration
import WeftTasks

/// A configuration composed for a dataset: keys with their values, and a reason for each.
///
/// All configurations that the program writes are composed here, by ``init(_:task:)`` from what a file contains, or by
/// a conversion that knows more of its data (`weft data table`).
public struct ConfigurationRecipe: Sendable, Equatable {
  /// A key.
  struct Entry: Sendable, Equatable {
    /// The dotted path, such as `model.hidden`.
    let key: String
    /// The value as YAML on one line, or on lines of its own for a list of mappings.
    let value: String
    /// What it means, and what else one might choose.
    let reason: String

    /// The lines of the key within its section.
    var lines: [String] {
      let name = key.drop { $0 != "." }.dropFirst()
      return "  \(name):\(value.hasPrefix("\n") ? "" : " ")\(value)".split(separator: "\n").map(String.init)
    }
  }

  /// What the model does, in one line.
  public let title: String
  /// Notes for the user, one per line, such as a missing validation split.
  public var notes: [String] = []
  private(set) var entries: [Entry] = []

  init(_ title: String) { self.title = title }

  /// Sets a key to a number, name or list as YAML has it.
  mutating func set(_ key: String, _ value: some CustomStringConvertible, _ reason: String) {
    entries.removeAll { $0.key == key }
    entries.append(Entry(key: key, value: "\(value)", reason: reason))
  }

  /// Sets a key by an assignment such as `data.format=dense`.
  ///
  /// - Throws: If it is not of a key in a section.
  public mutating func set(_ assignment: String) throws(WeftError) {
    guard let match = assignment.wholeMatch(of: /([a-z0-9_]+\.[a-z0-9_]+)=(.*)/) else {
      throw .usage("--set \(assignment): is not an assignment such as data.format=dense")
    }
    set(String(match.1), String(match.2), "as given")
  }

  /// Sets a key to a list of mappings, each on a line of its own.
  mutating func set(_ key: String, list: [String], _ reason: String) {
    set(key, list.map { "\n    - \($0)" }.joined(), reason)
  }

  /// Sets a key to any text, quoted as needed.
  mutating func set(text key: String, _ value: String, _ reason: String) {
    set(key, value.configurationText ?? "''", reason)
  }

  /// The sections in the order of their first keys.
  private var sections: [(name: Substring, entries: [Entry])] {
    var sections: [(name: Substring, entries: [Entry])] = []
    for entry in entries {
      let name = entry.key.prefix { $0 != "." }
      if let index = sections.firstIndex(where: { $0.name == name }) {
        sections[index].entries.append(entry)
      } else {
        sections.append((name, [entry]))
      }
    }
    return sections
  }

  /// The configuration as YAML, with a comment on every line.
  ///
  /// - Parameter heading: Further lines at its top, such as what the data are.
  public func yaml(heading: [String] = []) -> String {
    let head = ([title + "."] + heading + notes).map { "# \($0)\n" }.joined()
    return head
      + sections.map { name, entries in
        // The comment on a list is at its key.
        let width = min(entries.map(\.lines[0].count).max() ?? 0, 36)
        let commented = entries.map { entry -> String in
          let lines = entry.lines
          let padding = String(repeating: " ", count: max(width - lines[0].count, 0))
          let first = lines[0] + padding + "  # \(entry.reason)"
          return ([first] + lines.dropFirst()).map { $0 + "\n" }.joined()
        }
        return "\n\(name):\n" + commented.joined()
      }.joined()
  }

  /// The configuration as YAML without comments.
  public var shortYAML: String {
    sections.map { name, entries in
      "\(name):\n" + entries.flatMap(\.lines).map { $0 + "\n" }.joined()
    }.joined()
  }

  /// The configuration.
  ///
  /// - Parameter overrides: Assignments such as `model.hidden=256`.
  /// - Throws: If an override is not allowed.
  public func configuration(overrides: [String] = []) throws(WeftError) -> Configuration {
    try Configuration(yaml: shortYAML, name: "the configuration made for the data", overrides: overrides)
  }
}

extension Int {
  /// The greatest power of two that is not above this number, within limits that are powers of two.
  func powerOfTwo(from least: Int, to most: Int) -> Int {
    var power = least
    while power < most, power * 2 <= self { power *= 2 }
    return power
  }

  /// This number within limits.
  func limited(_ least: Int, _ most: Int) -> Int { Swift.min(Swift.max(self, least), Swift.max(least, most)) }
}
