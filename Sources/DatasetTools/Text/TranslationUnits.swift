import Markup
import WeftBase

/// A unit of a translation memory: the same text in several languages.
struct TranslationUnit {
  var texts: [(language: String, text: String)] = []
  let line: Int
  /// Its document; nil if the file tells none.
  var group: String?
}

/// Reads the units of TMX, XLIFF and the test sets of WMT, one by one.
///
/// Codes of other programs within texts are left out, such as the tags of a page; what they enclose is kept.
final class TranslationUnits {
  private let reader: MarkupReader
  private let form: MarkedText
  /// The language that the file names as its source; nil if it names none.
  private(set) var sourceLanguage: String?
  private var targetLanguage: String?
  /// Units that are complete.
  private var ready: ArraySlice<TranslationUnit> = []
  /// The unit that is read, and the language of the text that is read.
  private var unit: TranslationUnit?
  private var language: String?
  /// Of a document of WMT: its sources and its first references, by their segments.
  private var document: Document?
  /// References that are not the first of their document, and what systems wrote.
  private(set) var otherReferences: Set<String> = []

  private struct Document {
    let name: String?
    var originalLanguage: String?
    var sources: [(segment: String, text: String, line: Int)] = []
    var references: [String: String] = [:]
    var sourceLanguage: String?
    var referenceLanguage: String?
    var translator: String?
    /// What is read: the segments of sources, of the first references, or of neither.
    var part = Part.none

    enum Part { case none, sources, references }
  }

  /// Elements that contain codes of other programs instead of text.
  private static let codes: Set<String> = ["bpt", "ept", "ph", "it", "ut", "x", "bx", "ex", "sc", "ec"]
  /// Elements in which nothing is a text of the unit.
  private static let others: Set<String> = [
    "alt-trans", "seg-source", "note", "notes", "header", "ignorable", "matches", "originalData",
  ]

  /// - Throws: If the file cannot be opened.
  init(_ path: String, _ form: MarkedText) throws(WeftError) {
    reader = try MarkupReader(path, form: .xml)
    self.form = form
  }

  var path: String { reader.path }
  var byteCount: Int { reader.byteCount }
  var offset: Int { reader.offset }

  /// The next unit; nil after the last one.
  ///
  /// - Throws: If the file is not well formed, or a text has no language.
  func next() throws(WeftError) -> TranslationUnit? {
    while ready.isEmpty {
      guard let event = try reader.next() else { return nil }
      switch event {
      case .begin(let name, let attributes, let line): try begin(name, attributes, line)
      case .end(let name): try end(name)
      case .text: continue
      }
    }
    return ready.popFirst()
  }

  private func begin(_ name: String, _ attributes: [String: String], _ line: Int) throws(WeftError) {
    if form == .references { return try beginOfDocument(name, attributes, line) }
    switch name {
    case "header":
      sourceLanguage = attributes["srclang"].flatMap { $0 == "*all*" ? nil : $0 }
      try skip(name)
    case "xliff", "file":
      sourceLanguage = attributes["srcLang"] ?? attributes["source-language"] ?? sourceLanguage
      targetLanguage = attributes["trgLang"] ?? attributes["target-language"] ?? targetLanguage
    case "tu", "trans-unit", "segment": unit = TranslationUnit(line: line)
    case "tuv": language = attributes["xml:lang"] ?? attributes["lang"]
    case "seg", "source", "target":
      let own =
        name == "source"
        ? sourceLanguage ?? "source" : name == "target" ? targetLanguage ?? "target" : language
      guard unit != nil, let own else {
        throw reader.failure("<\(name)> has no language (xml:lang of <tuv>), or lies in no unit", line: line)
      }
      unit?.texts.append((own, try text(until: name)))
    case let name where Self.others.contains(name): try skip(name)
    default: return
    }
  }

  private func end(_ name: String) throws(WeftError) {
    switch name {
    case "tu", "trans-unit", "segment":
      if let unit { ready.append(unit) }
      unit = nil
    case "doc" where form == .references: try finishDocument()
    case "src" where form == .references, "ref" where form == .references: document?.part = .none
    default: return
    }
  }

  private func beginOfDocument(
    _ name: String, _ attributes: [String: String], _ line: Int
  ) throws(WeftError) {
    switch name {
    case "doc": document = Document(name: attributes["id"], originalLanguage: attributes["origlang"])
    case "src":
      document?.sourceLanguage = attributes["lang"]
      document?.part = .sources
    case "ref":
      let translator = attributes["translator"] ?? ""
      guard document?.translator == nil else {
        otherReferences.insert(translator)
        return try skip(name)
      }
      document?.translator = translator
      document?.referenceLanguage = attributes["lang"]
      document?.part = .references
    case "hyp": try skip(name)
    case "seg":
      guard let part = document?.part, part != .none, let segment = attributes["id"] else {
        throw reader.failure("<seg> has no id, or lies in neither <src> nor <ref>", line: line)
      }
      let text = try text(until: name)
      if part == .sources {
        document?.sources.append((segment, text, line))
      } else {
        document?.references[segment] = text
      }
    default: return
    }
  }

  private func finishDocument() throws(WeftError) {
    guard let document else { return }
    self.document = nil
    let source = document.sourceLanguage ?? document.originalLanguage ?? "source"
    if sourceLanguage == nil { sourceLanguage = source }
    for (segment, text, line) in document.sources {
      var unit = TranslationUnit(texts: [(source, text)], line: line, group: document.name)
      if let reference = document.references[segment] {
        unit.texts.append((document.referenceLanguage ?? "reference", reference))
      } else if document.translator != nil {
        throw reader.failure(
          "segment \(segment) has no reference, but others of its document have one", line: line)
      }
      ready.append(unit)
    }
  }

  /// The text up to the end of the current element, without codes.
  private func text(until end: String) throws(WeftError) -> String {
    var text = ""
    while let event = try reader.next() {
      switch event {
      case .text(let piece): text += piece
      case .end(end): return text.joiningLines
      case .begin(let name, _, _) where Self.codes.contains(name): try skip(name)
      case .begin, .end: continue
      }
    }
    return text.joiningLines
  }

  /// Leaves out the rest of the current element.
  private func skip(_ name: String) throws(WeftError) {
    var depth = 1
    while depth > 0, let event = try reader.next() {
      switch event {
      case .begin(name, _, _): depth += 1
      case .end(name): depth -= 1
      case .begin, .end, .text: continue
      }
    }
  }
}
