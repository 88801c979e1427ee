import WeftBase

/// Reads a text of each line, with a word in it that is its class, or several that are its labels.
final class LabelledLines: LabelledTextReader {
  private var remaining: ArraySlice<String>
  private var reader: LineReader?
  /// What labels begin with; nil for texts without classes.
  private let prefix: String?
  let notes: [String] = []

  init(_ paths: [String], prefix: String?) {
    remaining = paths[...]
    self.prefix = prefix
  }

  func next() throws(WeftError) -> LabelledText? {
    while true {
      if reader == nil {
        guard let path = remaining.popFirst() else { return nil }
        reader = try LineReader(path)
      }
      guard let reader else { return nil }
      guard let line = try reader.nextEntry() else {
        self.reader = nil
        continue
      }
      let place = "\(reader.path): line \(reader.number)"
      guard let prefix else { return LabelledText(text: line, labels: nil, place: place) }
      let (labels, text) = try divided(line, prefix, reader)
      return LabelledText(text: text, labels: labels, place: place)
    }
  }

  /// The labels of a line, and its text without them.
  private func divided(
    _ line: String, _ prefix: String, _ reader: LineReader
  ) throws(WeftError) -> (labels: [String], text: String) {
    var labels: [String] = []
    var pieces: [Substring] = []
    var start = line.startIndex
    for word in line.split(whereSeparator: \.isWhitespace) where word.hasPrefix(prefix) {
      let label = String(word.dropFirst(prefix.count))
      if !labels.contains(label) { labels.append(label) }
      pieces.append(line[start..<word.startIndex])
      start = word.endIndex
    }
    pieces.append(line[start...])
    guard !labels.isEmpty else {
      throw reader.failure(
        "has no label, a word that begins with '\(prefix)'; give the line its label, or remove it")
    }
    guard !labels.contains("") else { throw reader.failure("has an empty label, '\(prefix)' alone") }
    let text = pieces.map { String($0).withoutOuterSpace }.filter { !$0.isEmpty }
    return (labels, text.joined(separator: " "))
  }
}
