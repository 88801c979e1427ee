import WeftBase

/// Names of columns that Python pickled as text (protocol 0), as pandas stores them: texts and whole numbers in lists, and
/// in tuples where columns have several levels.
struct PickledNames {
  /// What the pickle contains.
  indirect enum Value {
    case text(String)
    case values([Value])

    /// The text, or those of the levels joined; nil for lists in lists.
    var name: String? {
      switch self {
      case .text(let text): return text
      case .values(let levels):
        let names = levels.compactMap { if case .text(let text) = $0 { text } else { nil } }
        return names.count == levels.count ? ColumnLevels.joined(names) : nil
      }
    }
  }

  private let value: Value

  /// - Parameter text: The pickle; nil for one with anything else.
  init?(_ text: String) {
    var (stack, marks, memory) = ([Value](), [Int](), [Substring: Value]())
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var rest = line
      // Operations of one letter, and at the end of a line one with a text.
      operations: while let operation = rest.popFirst() {
        switch operation {
        case "(": marks.append(stack.count)
        case "l", "t":
          guard let mark = marks.popLast(), mark <= stack.count else { return nil }
          let values = Array(stack[mark...])
          stack.removeSubrange(mark...)
          stack.append(.values(values))
        case "a":
          guard let item = stack.popLast(), case .values(var values) = stack.popLast() else { return nil }
          values.append(item)
          stack.append(.values(values))
        case "p":
          guard let last = stack.last else { return nil }
          memory[rest] = last
          break operations
        case "g":
          guard let value = memory[rest] else { return nil }
          stack.append(value)
          break operations
        case "V", "S", "I", "L":
          stack.append(.text(Self.text(String(rest), operation)))
          break operations
        case ".":
          guard stack.count == 1 else { return nil }
          value = stack[0]
          return
        default: return nil
        }
      }
    }
    return nil
  }

  /// The names of a list; nil for anything else.
  var list: [String]? {
    guard case .values(let values) = value else { return nil }
    let names = values.compactMap(\.name)
    return names.count == values.count ? names : nil
  }

  /// The names of the only axis of a list of axes with their numbers; nil for anything else.
  var axis: [String]? {
    guard case .values(let axes) = value, axes.count == 1, case .values(let axis) = axes[0], axis.count == 2,
      case .values(let values) = axis[1]
    else { return nil }
    let names = values.compactMap(\.name)
    return names.count == values.count ? names : nil
  }

  private static func text(_ rest: String, _ operation: Character) -> String {
    var text = rest
    if operation == "S" { text = text.unquoted }
    if operation == "L", text.hasSuffix("L") { text.removeLast() }
    while let code = text.firstMatch(of: /\\u([0-9a-fA-F]{4})/),
      let scalar = UInt32(code.1, radix: 16).flatMap(UnicodeScalar.init)
    {
      text.replaceSubrange(code.range, with: String(Character(scalar)))
    }
    return text
  }
}
