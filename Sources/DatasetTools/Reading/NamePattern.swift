import WeftBase

/// What names of files tell, as `7_jackson_32.wav` the digit and the speaker: `{class}_{group}_*`.
///
/// `{class}` and `{group}` stand for one character or more, `{class:2}` for two, `*` for any, `?` for one; each for as few as
/// possible, from left to right. Names are without their extension, and with as many folders before them as the pattern has.
public struct NamePattern: Sendable, Equatable {
  private enum Part: Hashable {
    case character(Character)
    case one
    case any
    /// One character or more, or a number of them, which are the class or the group.
    case named(Name, length: Int?)

    var name: Name? { if case .named(let name, _) = self { name } else { nil } }
  }

  private enum Name: String, Hashable { case `class`, group }

  /// The pattern as it was given.
  public let text: String
  private let parts: [Part]
  private let folderCount: Int

  /// - Throws: A usage error if it has no `{class}`, one of the two twice, or other names in braces.
  public init(_ text: String, option: String) throws(WeftError) {
    self.text = text
    var parts: [Part] = []
    var rest = text[...]
    while let first = rest.popFirst() {
      switch first {
      case "*": parts.append(.any)
      case "?": parts.append(.one)
      case "{":
        guard let end = rest.firstIndex(of: "}"), let part = Self.named(rest[..<end]), let name = part.name
        else {
          throw .usage(
            "\(option): '\(text)': only {class} and {group} stand in braces, as in '{class}_{group}_*', or with a number of"
              + " characters, '{class:2}*'")
        }
        guard !parts.contains(where: { $0.name == name }) else {
          throw .usage("\(option): '\(text)': names {\(name)} twice")
        }
        parts.append(part)
        rest = rest[rest.index(after: end)...]
      default: parts.append(.character(first))
      }
    }
    guard parts.contains(where: { $0.name == .class }) else {
      throw .usage(
        "\(option): '\(text)': has no {class}; say where it is in the name, as in '{class}_{group}_*'")
    }
    self.parts = parts
    folderCount = parts.count { $0 == .character("/") }
  }

  /// Whether it names groups.
  public var hasGroup: Bool { parts.contains { $0.name == .group } }

  /// A name, perhaps with a number of characters: `class:2`.
  private static func named(_ text: Substring) -> Part? {
    let words = text.split(separator: ":", omittingEmptySubsequences: false)
    guard let name = words.first.flatMap({ Name(rawValue: String($0)) }), words.count <= 2 else { return nil }
    guard words.count == 2 else { return .named(name, length: nil) }
    return Int(words[1]).flatMap { (1...255).contains($0) ? .named(name, length: $0) : nil }
  }

  /// The class and the group that a path tells; nil if it does not fit.
  func names(in path: String) -> (class: String, group: String?)? {
    let folders = PathParts.withoutEnding(path).split(separator: "/").suffix(folderCount + 1)
    guard folders.count == folderCount + 1 else { return nil }
    let name = Array(folders.joined(separator: "/"))
    var failed: Set<[Int]> = []
    guard let ends = ends(of: 0, from: 0, in: name, &failed) else { return nil }
    func value(_ wanted: Name) -> String? {
      guard let index = parts.firstIndex(where: { $0.name == wanted }) else { return nil }
      return String(name[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
    }
    return value(.class).map { ($0, value(.group)) }
  }

  /// Where parts end in a name, so that the last ends with it; nil if there is no such way.
  private func ends(
    of part: Int, from start: Int, in name: [Character], _ failed: inout Set<[Int]>
  ) -> [Int]? {
    guard part < parts.count else { return start == name.count ? [] : nil }
    // Each place is tried once, however many wildcards there are.
    guard !failed.contains([part, start]) else { return nil }
    let lengths =
      switch parts[part] {
      case .character, .one: 1...1
      case .any: 0...name.count
      case .named(_, nil): 1...max(name.count, 1)
      case .named(_, let length?): length...length
      }
    for length in lengths {
      guard start + length <= name.count, fits(parts[part], name[start..<start + length]) else { break }
      if let rest = ends(of: part + 1, from: start + length, in: name, &failed) {
        return [start + length] + rest
      }
    }
    failed.insert([part, start])
    return nil
  }

  private func fits(_ part: Part, _ piece: ArraySlice<Character>) -> Bool {
    switch part {
    case .character(let character): piece.first == character
    case .one, .any, .named: !piece.contains("/")
    }
  }
}
