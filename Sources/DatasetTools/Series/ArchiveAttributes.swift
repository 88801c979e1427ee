import WeftBase

/// The attributes of a file of Weka: a step each, and at the end the class or number of the series.
struct ArchiveAttributes {
  private enum Kind {
    case number
    case nominal([String])
    case relation
    case other(String)
  }

  /// An attribute that contains rows of numbers: of dimensions, with a column for each step, or of steps.
  struct Relation {
    let name: String
    var columns: [String] = []
    /// Whether rows are steps: columns are steps where their names differ by a number alone.
    var hasSteps: Bool { Set(columns.map { $0.filter { !$0.isNumber } }).count > 1 }
  }

  private(set) var relation: Relation?
  private var isInRelation = false

  private var attributes: [(name: String, kind: Kind)] = []
  var count: Int { attributes.count }

  /// Names of an attribute that is no step. Numbers of a class may be names as well, which the file should say.
  private static let targets: Set<String> = ["target", "y", "output", "response", "outcome"]
  private static let classes: Set<String> = ["class", "classlabel", "class_label", "label", "labels"]

  /// Reads what follows `@attribute`: a name, which may be quoted, and its type.
  ///
  /// - Throws: If an attribute of a relation is not numeric, or there is another relation.
  mutating func add(_ text: String, _ reader: LineReader) throws(WeftError) {
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
      kind = isNumber ? .number : word == "relational" ? .relation : .other(type)
    }
    if isInRelation {
      guard case .number = kind else {
        throw reader.failure("the attribute '\(name)' of a relation is not numeric")
      }
      relation?.columns.append(String(name))
      return
    }
    if case .relation = kind {
      guard relation == nil else { throw reader.failure("only one relational attribute can be read") }
      (relation, isInRelation) = (Relation(name: String(name)), true)
    }
    attributes.append((String(name), kind))
  }

  /// Ends the attributes of a relation.
  mutating func endRelation() { isInRelation = false }

  /// The classes of the last attribute, or whether it is a number to predict, with a note that tells how the file is
  /// understood.
  ///
  /// - Throws: If an attribute is neither a step nor the class.
  func target(_ reader: LineReader) throws(WeftError) -> (classes: [String]?, hasNumber: Bool, note: String?)
  {
    guard let last = attributes.last else { return (nil, false, nil) }
    if let relation { return try target(besides: relation, reader) }
    let tables = "weft data ts reads one series for each row; write other tables as .csv for weft data table"
    for (index, attribute) in attributes.enumerated() {
      switch attribute.kind {
      case .number, .relation: break
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

  /// The target of rows whose other attribute is a relation.
  private func target(
    besides relation: Relation, _ reader: LineReader
  ) throws(WeftError) -> (classes: [String]?, hasNumber: Bool, note: String?) {
    guard let first = relation.columns.first, let end = relation.columns.last, let last = attributes.last,
      attributes.first?.name == relation.name, attributes.count <= 2
    else {
      throw .data(
        "\(reader.path): the relational attribute '\(relation.name)' must have attributes of its own, and come first,"
          + " followed by the class alone")
    }
    let note =
      relation.hasSteps
      ? "read each row of '\(relation.name)' as a step of \(relation.columns.count) dimensions, '\(first)' to '\(end)'"
      : "read each row of '\(relation.name)' as a dimension of at most \(NumberText.counted(relation.columns.count, "steps")), '\(first)' to"
        + " '\(end)'"
    if attributes.count == 1 { return (nil, false, note) }
    switch last.kind {
    case .nominal(let classes): return (classes, false, note + "; '\(last.name)' is its class")
    case .number: return (nil, true, note + "; '\(last.name)' is its target, a number")
    case .relation: return (nil, false, note)
    case .other(let type):
      throw .data(
        "\(reader.path): the attribute '\(last.name)' is of type '\(type)', neither nominal nor numeric")
    }
  }

  private func note(steps: [String], _ target: String) -> String? {
    guard let first = steps.first, let last = steps.last else { return nil }
    let stems = Set(steps.map { $0.filter { !$0.isNumber } })
    let advice = stems.count > 1 ? "; a table with a row per step is for weft data table" : ""
    return
      "read each row as a series of \(NumberText.counted(steps.count, "steps")), '\(first)' to '\(last)'\(target)\(advice)"
  }
}
