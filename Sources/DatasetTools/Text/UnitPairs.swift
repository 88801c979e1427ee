import WeftBase

/// Chooses two languages of units of translation.
final class UnitPairs: PairReader {
  private let units: TranslationUnits
  /// Source and target; nil until the first unit tells.
  private var languages: (source: String, target: String)?
  private var (count, incomplete, extra) = (0, 0, 0)

  /// - Parameter languages: Source and target; nil for the two that the file has, of which the source is that which it names
  ///   as such, or otherwise the first.
  /// - Throws: If the file cannot be opened.
  init(_ path: String, _ form: MarkedText, languages: [String]?) throws(WeftError) {
    units = try TranslationUnits(path, form)
    self.languages = languages.map { ($0[0], $0[1]) }
  }

  var byteCount: Int { units.byteCount }
  var offset: Int { units.offset }

  var notes: [String] {
    guard let languages else { return [] }
    var notes = ["\(units.path): translated from '\(languages.source)' to '\(languages.target)'"]
    if incomplete > 0 { notes.append("units without a text in both languages, left out: \(incomplete)") }
    if extra > 0 { notes.append("units with texts in other languages, left out there: \(extra)") }
    if !units.otherReferences.isEmpty {
      let names = units.otherReferences.sorted().map { "'\($0)'" }.joined(separator: ", ")
      notes.append("the first reference of each document is read; left out: those of \(names)")
    }
    return notes
  }

  func next() throws(WeftError) -> SentencePair? {
    while let unit = try units.next() {
      if languages == nil { languages = try choose(unit) }
      guard let chosen = languages, let source = try text(chosen.source, of: unit),
        let target = try text(chosen.target, of: unit),
        !source.isEmpty, !target.isEmpty
      else {
        incomplete += 1
        continue
      }
      if unit.texts.count > 2 { extra += 1 }
      count += 1
      return SentencePair(source: source, target: target, group: unit.group)
    }
    guard count > 0 else {
      let which = languages.map { " in '\($0.source)' and '\($0.target)'" } ?? " in two languages"
      throw .data("\(units.path): has no units with texts\(which); --languages chooses others")
    }
    return nil
  }

  /// The languages of a unit with two texts; nil if it has fewer.
  private func choose(_ unit: TranslationUnit) throws(WeftError) -> (source: String, target: String)? {
    var found: [String] = []
    for (language, _) in unit.texts where !found.contains(language) { found.append(language) }
    guard found.count > 1 else { return nil }
    let source = units.sourceLanguage.flatMap { own in found.first { Self.areAlike($0, own) } } ?? found[0]
    let others = found.filter { $0 != source }
    guard others.count == 1 else {
      throw .data(
        "\(units.path): line \(unit.line): has texts in \(found.map { "'\($0)'" }.joined(separator: ", ")); choose source and"
          + " target, for example with --languages \(found[0]),\(found[1])")
    }
    return (source, others[0])
  }

  /// The text of a unit in a language, of which the file may name a variety, such as `en-US`.
  private func text(_ language: String, of unit: TranslationUnit) throws(WeftError) -> String? {
    if let exact = unit.texts.first(where: { $0.language.lowercased() == language.lowercased() }) {
      return exact.text
    }
    let alike = unit.texts.filter { Self.areAlike($0.language, language) }
    guard alike.count < 2 else {
      throw .data(
        "\(units.path): line \(unit.line): has texts in '\(alike[0].language)' and '\(alike[1].language)'; name one of them"
          + " with --languages")
    }
    return alike.first?.text
  }

  private static func areAlike(_ one: String, _ other: String) -> Bool {
    let (one, other) = (normal(one), normal(other))
    return one == other || one.hasPrefix(other + "-") || other.hasPrefix(one + "-")
  }

  private static func normal(_ language: String) -> String {
    language.lowercased().replacing("_", with: "-")
  }
}
