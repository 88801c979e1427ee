import WeftBase

/// Source of aligned text.
public enum ParallelSource: Sendable, Equatable {
  /// Two files that are line-by-line translations.
  case files(source: String, target: String)
  /// One file with a tab between source and target, and an optional second tab before a group name.
  case tabSeparated(String)

  /// The files.
  var paths: [String] {
    switch self {
    case .files(let source, let target): [source, target]
    case .tabSeparated(let path): [path]
    }
  }

  /// The paths of the files, for errors.
  var name: String {
    switch self {
    case .files(let source, let target): "\(source), \(target)"
    case .tabSeparated(let path): path
    }
  }
}

/// A pair of parallel sentences.
struct SentencePair {
  let source: String
  let target: String
  /// The third column; nil if it is missing or empty.
  var group: String?
}

/// Reads aligned text, pair by pair.
final class SentencePairs {
  private let sourceReader: LineReader
  /// Nil if both come from one file.
  private let targetReader: LineReader?
  private let progress: ProgressReporter

  /// - Throws: If a file cannot be opened.
  init(_ source: ParallelSource, task: String, progress: ProgressReporter) throws(WeftError) {
    switch source {
    case .files(let source, let target):
      (sourceReader, targetReader) = (try LineReader(source), try LineReader(target))
    case .tabSeparated(let path): (sourceReader, targetReader) = (try LineReader(path), nil)
    }
    self.progress = progress
    progress.begin(task, total: sourceReader.byteCount, unit: "B")
  }

  /// The next pair; nil after the last one.
  ///
  /// - Throws: If the files are not text, or not aligned.
  func next() throws(WeftError) -> SentencePair? {
    let before = sourceReader.offset
    let line = try sourceReader.next()
    progress.advance(by: sourceReader.offset - before)
    guard let targetReader else {
      guard let line else { return nil }
      try sourceReader.checkLineEnds(line)
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard (2...3).contains(parts.count) else {
        throw sourceReader.failure(
          "has \(parts.count - 1) tabs; expected one between source and target, and optionally a second"
            + " before a group"
            + (parts.count > 3 ? "; choose its columns first, for example with cut -f 2,4" : "")
        )
      }
      return SentencePair(
        source: String(parts[0]), target: String(parts[1]),
        group: parts.count == 3 && !parts[2].isEmpty ? String(parts[2]) : nil)
    }
    switch (line, try targetReader.next()) {
    case (let source?, let target?): return SentencePair(source: source, target: target)
    case (nil, nil): return nil
    case (let source, _):
      let (short, long) = source == nil ? (sourceReader, targetReader) : (targetReader, sourceReader)
      throw .data(
        "\(short.path): ends after \(short.number) lines, but \(long.path) continues; line n of one file"
          + " must translate line n of the other"
      )
    }
  }
}
