import WeftBase

/// Source of aligned text.
public enum ParallelSource: Sendable, Equatable {
  /// Two files with the same sentences: line by line, or segments of the same documents.
  case files(source: String, target: String)
  /// One file with a tab between source and target, and an optional second tab before a group name.
  case tabSeparated(String)
  /// One document with the sentences of several languages: TMX, XLIFF, a test set of WMT, or JSON lines.
  ///
  /// - Parameter languages: Source and target; nil for those that the document tells.
  case document(String, languages: [String]?)

  /// The files.
  package var paths: [String] {
    switch self {
    case .files(let source, let target): [source, target]
    case .tabSeparated(let path), .document(let path, _): [path]
    }
  }

  /// The paths of the files, for errors.
  var name: String { paths.joined(separator: ", ") }

  /// What names the groups of its pairs; nil if they have none.
  ///
  /// - Throws: If a file cannot be read.
  var groupName: String? {
    get throws(WeftError) {
      switch self {
      case .tabSeparated: "column 3"
      case .files(let path, _), .document(let path, _):
        try MarkedText.form(of: path) == nil ? nil : "the document"
      }
    }
  }
}

/// A pair of parallel sentences.
struct SentencePair: Sendable {
  let source: String
  let target: String
  /// The third column, or the document; nil if it is missing or empty.
  var group: String?

  /// Size of both sentences in bytes.
  var byteCount: Int { source.utf8.count + target.utf8.count }
}

/// Reads pairs of sentences, one by one.
protocol PairReader: AnyObject {
  /// Size of the file in bytes.
  var byteCount: Int { get }
  /// Bytes read so far.
  var offset: Int { get }
  /// How the files are understood, and what was left out, when all have been read.
  var notes: [String] { get }

  /// The next pair; nil after the last one.
  ///
  /// - Throws: If the files are not what their beginning tells, or not aligned.
  func next() throws(WeftError) -> SentencePair?
}

/// Reads aligned text, pair by pair, and tells the progress.
final class SentencePairs {
  private let reader: any PairReader
  private let progress: ProgressReporter

  /// - Throws: If a file cannot be opened.
  init(_ source: ParallelSource, task: String, progress: ProgressReporter) throws(WeftError) {
    switch source {
    case .files(let source, let target): reader = try AlignedPairs(source, target)
    case .tabSeparated(let path): reader = try TabbedPairs(path)
    case .document(let path, let languages):
      if let form = try MarkedText.form(of: path) {
        reader = try UnitPairs(path, form, languages: languages)
      } else {
        reader = try ObjectPairs(path, languages: languages)
      }
    }
    self.progress = progress
    progress.begin(task, total: reader.byteCount, unit: "B")
  }

  var notes: [String] { reader.notes }

  /// The next pair; nil after the last one.
  ///
  /// - Throws: If the files are not text, or not aligned.
  func next() throws(WeftError) -> SentencePair? {
    let before = reader.offset
    let pair = try reader.next()
    progress.advance(by: reader.offset - before)
    return pair
  }
}

/// Reads lines SOURCE TAB TARGET, or SOURCE TAB TARGET TAB GROUP.
final class TabbedPairs: PairReader {
  private let lines: LineReader
  /// Whether each line so far has a number where a sentence should be, on the side of the source and of the target.
  private var areNumbers = (source: true, target: true)

  /// Lines that are looked at.
  private static let tellingCount = 10

  /// - Throws: If the file cannot be opened.
  init(_ path: String) throws(WeftError) { lines = try LineReader(path) }

  var byteCount: Int { lines.byteCount }
  var offset: Int { lines.offset }
  var notes: [String] { [] }

  func next() throws(WeftError) -> SentencePair? {
    guard let line = try lines.next() else { return nil }
    try lines.checkLineEnds(line)
    let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count) else {
      throw lines.failure(
        "has \(parts.count - 1) tabs; expected one between source and target, and optionally a second before a group"
          + (parts.count > 3 ? "; choose its columns first, for example with cut -f 2,4" : ""))
    }
    if lines.number <= Self.tellingCount {
      areNumbers.source = areNumbers.source && Double(MissingValues.trimmed(String(parts[0]))) != nil
      areNumbers.target = areNumbers.target && Double(MissingValues.trimmed(String(parts[1]))) != nil
      if lines.number == Self.tellingCount, areNumbers.source || areNumbers.target {
        throw lines.failure(
          "has a number in column \(areNumbers.source ? 1 : 2), as each line above; choose the columns of source and target"
            + " first, for example with cut -f \(areNumbers.source ? "2" : "1"),\(parts.count == 3 ? 3 : 4)")
      }
    }
    return SentencePair(
      source: String(parts[0]), target: String(parts[1]),
      group: parts.count == 3 && !parts[2].isEmpty ? String(parts[2]) : nil)
  }
}

/// Reads the sentences of two files, of which each in one is the translation of that at the same place in the other.
final class AlignedPairs: PairReader {
  private let source: any SentenceReader
  private let target: any SentenceReader

  /// - Throws: If a file cannot be opened.
  init(_ source: String, _ target: String) throws(WeftError) {
    self.source = try SentenceFiles.reader(source)
    self.target = try SentenceFiles.reader(target)
  }

  var byteCount: Int { source.byteCount }
  var offset: Int { source.offset }
  var notes: [String] { [source.note, target.note].compactMap(\.self) }

  func next() throws(WeftError) -> SentencePair? {
    switch (try source.next(), try target.next()) {
    case (nil, nil): return nil
    case (let one?, let other?):
      if let own = one.key, let key = other.key, own != key {
        throw .data(
          "\(target.path): has \(key) where \(source.path) has \(own); both need the same in the same order")
      }
      return SentencePair(source: one.text, target: other.text, group: one.group)
    case (let one, _):
      let (short, long) = one == nil ? (source, target) : (target, source)
      throw .data(
        "\(short.path): ends after \(short.position), but \(long.path) continues; each sentence of one file must translate"
          + " that at the same place in the other")
    }
  }
}
