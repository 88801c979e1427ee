import Foundation
import WeftBase

/// Reads pairs of sentences from JSON objects, one a line: `{"translation": {"de": "…", "en": "…"}}` as the Hugging Face Hub
/// has them, or objects that have both texts themselves.
final class ObjectPairs: PairReader {
  private let lines: LineReader
  private let languages: [String]?
  /// The texts of each object; nil where a line is no object.
  private let objects: ConcurrentMap<JSONLine, [String: String]?>

  /// Names of fields whose direction is plain.
  private static let usual = [["source", "target"], ["src", "tgt"], ["src", "trg"], ["src", "ref"]]

  /// - Parameter languages: The fields of source and target; nil if their names tell.
  /// - Throws: If the file cannot be opened.
  init(_ path: String, languages: [String]?) throws(WeftError) {
    let (lines, decoder) = (try LineReader(path), JSONDecoder())
    self.lines = lines
    self.languages = languages
    objects = ConcurrentMap(lines.nextObject, size: { $0.text.utf8.count }) { line in
      guard line.isObject else { return nil }
      let object = try? decoder.decode(Object.self, from: Data(line.text.utf8))
      return object?.inner ?? object?.texts
    }
  }

  var byteCount: Int { lines.byteCount }
  var offset: Int { lines.offset }
  private(set) var notes: [String] = []

  func next() throws(WeftError) -> SentencePair? {
    guard let (line, found) = try objects.next() else { return nil }
    func failure(_ message: String) -> WeftError { lines.failure(message, line: line.number) }
    guard let texts = found else {
      throw failure(
        "is not a JSON object of its own; each line needs one, such as {\"translation\": {\"de\": \"…\", \"en\": \"…\"}}"
      )
    }
    guard
      let names = languages ?? Self.usual.first(where: { $0.allSatisfy { texts[$0] != nil } })
    else {
      let found = texts.keys.sorted()
      if found.count < 2 {
        throw failure(
          "has \(found.isEmpty ? "no text" : "one text alone, '\(found[0])'"); write pairs as JSON lines with both texts, such as"
            + " {\"source\": \"…\", \"target\": \"…\"}, which jq -c makes of lists in lists")
      }
      let example = found.prefix(2).joined(separator: ",")
      throw failure(
        "has the texts \(found.map { "'\($0)'" }.joined(separator: ", ")); choose source and target, for example with"
          + " --languages \(example)")
    }
    if notes.isEmpty { notes = ["\(lines.path): translated from '\(names[0])' to '\(names[1])'"] }
    guard let source = texts[names[0]], let target = texts[names[1]] else {
      let missing = names.first { texts[$0] == nil } ?? ""
      throw failure(
        "has no text '\(missing)'; its texts are \(texts.keys.sorted().map { "'\($0)'" }.joined(separator: ", "))"
      )
    }
    return SentencePair(source: source.joiningLines, target: target.joiningLines)
  }

  /// An object, of which texts matter.
  private struct Object: Decodable {
    var texts: [String: String] = [:]
    /// Those of the field `translation`.
    var inner: [String: String]?

    init(from decoder: any Decoder) throws {
      let values = try decoder.singleValueContainer().decode([String: Value].self)
      for (name, value) in values {
        switch value {
        case .text(let text): texts[name] = text
        case .texts(let found): if name == "translation" { inner = found }
        case .other: continue
        }
      }
    }
  }

  private enum Value: Decodable {
    case text(String)
    case texts([String: String])
    case other

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let text = try? value.decode(String.self) {
        self = .text(text)
      } else if let texts = try? value.decode([String: String].self) {
        self = .texts(texts)
      } else {
        self = .other
      }
    }
  }
}
