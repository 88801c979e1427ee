import WeftBase

/// The attributes of a file of Weka: a step each, and at the end the class or number of the series.
struct ArchiveAttributes {
  private enum Kind {
    case number
    case nominal([String])
    case other(String)
  }

  private var attributes: [(name: String, kind: Kind)] = []

  /// Names of an attribute that is no step. Numbers of a class may be names as well, which the file should say.
  private static let targets: Set<String> = ["target", "y", "output", "response", "outcome"]
  private static let classes: Set<String> = ["class", "classlabel", "class_label", "label", "labels"]

  /// Reads what follows `@attribute`: a name, which may be quoted, and its type.
  mutating func add(_ text: String) {
    var rest = MissingValues.trimmed(text)[...]
    let name: Substring
    if let quote = rest.first, quote == "'" || quote == "\"", let end = rest.dropFirst().firstIndex(of: quote)
    {
      name = rest[rest.index(after: rest.startIndex)..<end]
      rest = rest[rest.index(after: end)...]
    } else {
      name = rest.prefix { !$0.isWhitespace && $0 != "{" }
      rest = rest.dropFirst(name.count)
    }
    let type = MissingValues.trimmed(String(rest))
    let kind: Kind
    if let start = type.firstIndex(of: "{"), let end = type.lastIndex(of: "}"), start < end {
      kind = .nominal(
        type[type.index(after: start)..<end].split(separator: ",").map { String($0).unquoted })
    } else {
      let word = type.lowercased().prefix { !$0.isWhitespace }
      let isNumber = ["numeric", "real", "integer"].contains(word)
      kind = isNumber ? .number : .other(type)
    }
    attributes.append((String(name), kind))
  }

  /// The classes of the last attribute, or whether it is a number to predict, with a note that tells how the file is
  /// understood.
  ///
  /// - Throws: If an attribute is neither a step nor the class.
  func target(_ reader: LineReader) throws(WeftError) -> (classes: [String]?, hasNumber: Bool, note: String?)
  {
    guard let last = attributes.last else { return (nil, false, nil) }
    let tables = "weft data ts reads one series for each row; write other tables as .csv for weft data table"
    for (index, attribute) in attributes.enumerated() {
      switch attribute.kind {
      case .number: break
      case .nominal:
        if index < attributes.count - 1 {
          throw .data(
            "\(reader.path): the attribute '\(attribute.name)' is nominal, but not the last; \(tables)")
        }
      case .other(let type):
        throw .data(
          "\(reader.path): the attribute '\(attribute.name)' is of type '\(type)', not numeric; \(tables)")
      }
    }
    if case .nominal(let classes) = last.kind {
      return (classes, false, note(steps: attributes.dropLast().map(\.name), "; '\(last.name)' is its class"))
    }
    let name = last.name.lowercased()
    if Self.classes.contains(name), attributes.count > 1 {
      throw .data(
        "\(reader.path): the last attribute '\(last.name)' is numeric; for classes write its values, such as @attribute"
          + " \(last.name) {1,2}, and name a number to predict 'target'")
    }
    let hasNumber = Self.targets.contains(name) && attributes.count > 1
    let steps = (hasNumber ? attributes.dropLast() : attributes[...]).map(\.name)
    return (nil, hasNumber, note(steps: steps, hasNumber ? "; '\(last.name)' is its target, a number" : ""))
  }

  private func note(steps: [String], _ target: String) -> String? {
    guard let first = steps.first, let last = steps.last else { return nil }
    let stems = Set(steps.map { $0.filter { !$0.isNumber } })
    let advice = stems.count > 1 ? "; a table with a row per step is for weft data table" : ""
    return "read each row as a series of \(steps.count) steps, '\(first)' to '\(last)'\(target)\(advice)"
  }
}
