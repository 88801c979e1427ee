import Markup
import WeftBase

/// A sentence of one language.
struct Sentence {
  let text: String
  /// What its translation has as well, such as the document and the segment; nil where only the order tells.
  var key: String?
  /// Its document; nil if the file tells none.
  var group: String?
}

/// Reads sentences of one language, one by one.
protocol SentenceReader: AnyObject {
  var path: String { get }
  /// Size of the file in bytes.
  var byteCount: Int { get }
  /// Bytes read so far.
  var offset: Int { get }
  /// Sentences read so far, in words.
  var position: String { get }
  /// How the file is understood, and what was left out, when all has been read.
  var note: String? { get }

  /// The next sentence; nil after the last one.
  ///
  /// - Throws: If the file is not what its beginning tells.
  func next() throws(WeftError) -> Sentence?
}

/// The forms of files of sentences, told by their first tags.
enum SentenceFiles {
  /// - Throws: If the file cannot be opened, or has sentences of both languages.
  static func reader(_ path: String) throws(WeftError) -> any SentenceReader {
    switch try MarkedText.form(of: path) {
    case .segments: return try SegmentReader(path)
    case .taggedLines: return try TaggedLineReader(path)
    case .memory, .localization, .references:
      throw .usage("\(path) has the sentences of both languages; name it alone")
    case nil: return try SentenceLineReader(path)
    }
  }
}

/// Reads a sentence from each line.
final class SentenceLineReader: SentenceReader {
  private let lines: LineReader

  /// - Throws: If the file cannot be opened.
  init(_ path: String) throws(WeftError) { lines = try LineReader(path) }

  var path: String { lines.path }
  var byteCount: Int { lines.byteCount }
  var offset: Int { lines.offset }
  var position: String { "\(lines.number) lines" }
  var note: String? { nil }

  func next() throws(WeftError) -> Sentence? { try lines.next().map { Sentence(text: $0) } }
}

/// Reads the lines of IWSLT's training texts, without those that tell of a talk. Titles and descriptions are sentences.
final class TaggedLineReader: SentenceReader {
  private let lines: LineReader
  private var left = 0
  private var talk: String?

  private static let kept = ["title", "description"]

  /// - Throws: If the file cannot be opened.
  init(_ path: String) throws(WeftError) { lines = try LineReader(path) }

  var path: String { lines.path }
  var byteCount: Int { lines.byteCount }
  var offset: Int { lines.offset }
  var position: String { "\(lines.number) lines" }
  var note: String? {
    "\(path): sentences between lines of tags (IWSLT); left out: \(left) lines of tags other than titles and descriptions"
  }

  func next() throws(WeftError) -> Sentence? {
    while let line = try lines.next() {
      let text = MissingValues.trimmed(line)
      guard text.first == "<", let name = text.prefixMatch(of: #/</?([A-Za-z]+)[ >]/#)?.1.lowercased() else {
        return Sentence(text: text, key: "line \(lines.number)", group: talk)
      }
      if Self.kept.contains(name), let inner = text.wholeMatch(of: #/<[^>]*>(.*)</[A-Za-z]+>/#)?.1 {
        return Sentence(text: MissingValues.trimmed(String(inner)), key: "line \(lines.number)", group: talk)
      }
      if ["url", "doc", "talkid"].contains(name) { talk = text }
      left += 1
    }
    return nil
  }
}

/// Reads the segments of documents, `<seg id="1">`, as test sets of WMT and IWSLT have them. They are SGML or XML.
final class SegmentReader: SentenceReader {
  private let reader: MarkupReader
  private var document: String?
  private var hasDocuments = false
  private var count = 0
  private var keys: Set<String> = []
  /// Whether the file's last element has ended by itself.
  private let isComplete: Bool

  /// - Throws: If the file cannot be opened.
  init(_ path: String) throws(WeftError) {
    reader = try MarkupReader(path, form: .sgml)
    isComplete = try Self.isComplete(path)
  }

  var path: String { reader.path }
  var byteCount: Int { reader.byteCount }
  var offset: Int { reader.offset }
  var position: String { "\(count) segments" }
  var note: String? { "\(path): \(count) segments of documents (<seg>)" }

  func next() throws(WeftError) -> Sentence? {
    while let event = try reader.next() {
      switch event {
      case .begin("doc", let attributes, _):
        document = attributes["docid"] ?? attributes["id"]
        hasDocuments = true
      case .begin("seg", let attributes, let line): return try sentence(attributes["id"], line)
      case .begin, .end, .text: continue
      }
    }
    guard isComplete else {
      throw .data("\(path): ends after \(count) segments without an end of its last element; is it complete?")
    }
    if count == 0 { throw .data("\(path): has no segments (<seg>)") }
    return nil
  }

  private func sentence(_ number: String?, _ line: Int) throws(WeftError) -> Sentence {
    var text = ""
    reading: while let event = try reader.next() {
      switch event {
      case .text(let piece): text += piece
      case .end("seg"): break reading
      case .end(let name), .begin(let name, _, _):
        throw reader.failure(
          "segment \(number ?? "\(count + 1)") contains the tag '\(name)'; write its '<' as &lt;", line: line)
      }
    }
    count += 1
    guard let number else { return Sentence(text: text.joiningLines, group: document) }
    let key = "segment \(number)" + (document.map { " of document '\($0)'" } ?? "")
    guard keys.insert(key).inserted else {
      throw reader.failure("has \(key) again; a file has one translation of each segment", line: line)
    }
    return Sentence(text: text.joiningLines, key: key, group: document)
  }

  /// Whether the file ends with the end of an element; what is missing would not be missed by a parser of SGML.
  private static func isComplete(_ path: String) throws(WeftError) -> Bool {
    let reader = try ByteReader(path)
    var end: ArraySlice<UInt8> = []
    if reader.isSeekable { reader.seek(to: max(0, reader.byteCount - 512)) }
    while case let piece = try reader.block(), !piece.isEmpty { end = (end + piece).suffix(512) }
    let text = MissingValues.trimmed(String(decoding: end, as: UTF8.self)).lowercased()
    return ["srcset", "refset", "tstset", "mteval", "doc"].contains { text.hasSuffix("</\($0)>") }
  }
}
