import WeftBase

/// Assignment of text to splits.
public enum TextSplitting: String, Sendable, CaseIterable {
  /// By position: the first part for training, the last for testing, cut between lines.
  case position
  /// Random paragraphs, separated by empty lines; equal ones stay together.
  case paragraph
  /// Random whole files, by name.
  case file
}

/// A piece of text that belongs to one split: a line, or a paragraph. Line breaks are `\n`, also after the last line.
struct Passage: Sendable {
  let text: String
  /// Index of its split.
  let split: Int
}

/// Reads the passages of text files in order.
final class TextPassages {
  private let plan: SplitPlan
  private let splitting: TextSplitting
  private let progress: ProgressReporter
  /// The files that are left, and the split of all passages of a file; nil for one that the plan divides.
  private var remaining: ArraySlice<(path: String, split: Int?)>
  /// The split of all passages of the current file.
  private var own: Int?
  private var reader: LineReader?
  private var split = 0
  /// A line read ahead: the start of the next paragraph.
  private var pending: String?
  /// Bytes of completed files, and of all files.
  private var finished = 0
  private let total: Int

  /// - Parameters:
  ///   - files: What the plan divides.
  ///   - others: Splits that have their own files.
  /// - Throws: If a file cannot be opened, or all of a split are empty.
  init(
    _ files: [String], others: [SplitSource<[String]>], plan: SplitPlan, by splitting: TextSplitting,
    task: String,
    progress: ProgressReporter
  ) throws {
    self.plan = try plan.adding(others.map(\.split))
    self.splitting = splitting
    self.progress = progress
    let names = self.plan.names
    let sources: [([String], Int?)] =
      [(files, nil)] + others.map { ($0.source, names.firstIndex(of: $0.split)) }
    remaining = sources.flatMap { files, split in files.map { (path: $0, split: split) } }[...]
    let sizes = try sources.map { files, _ in try files.reduce(0) { try $0 + ByteReader($1).byteCount } }
    if let empty = sizes.firstIndex(of: 0) {
      throw WeftError.data("\(sources[empty].0.joined(separator: ", ")): contains no text")
    }
    total = sizes[0]
    progress.begin(task, total: sizes.reduce(0, +), unit: "B")
  }

  /// The next passage; nil after the last one.
  ///
  /// - Throws: If a file cannot be read or is not text.
  func next() throws(WeftError) -> Passage? {
    while true {
      if reader == nil {
        guard let file = remaining.popFirst() else { return nil }
        reader = try LineReader(file.path)
        own = file.split
        if splitting == .file { split = plan.split(of: PathParts.name(of: file.path).utf8) }
      }
      guard let reader else { return nil }
      let before = reader.offset
      if splitting == .position { split = place(of: finished + before) }
      let text = try splitting == .paragraph ? paragraph(reader) : reader.next().map { $0 + "\n" }
      progress.advance(by: reader.offset - before)
      guard let text else {
        finished += reader.byteCount
        self.reader = nil
        continue
      }
      let drawn = splitting == .paragraph ? plan.split(of: text.utf8) : split
      return Passage(text: text, split: own ?? drawn)
    }
  }

  private func place(of offset: Int) -> Int {
    var bound = 0.0
    for (index, fraction) in plan.fractions.enumerated() {
      bound += fraction * Double(total)
      if Double(offset) < bound { return index }
    }
    return plan.lastDrawn
  }

  /// A paragraph with the empty lines after it.
  private func paragraph(_ reader: LineReader) throws(WeftError) -> String? {
    var text = ""
    var hasEnded = false
    if let line = pending { text = line + "\n" }
    pending = nil
    while let line = try reader.next() {
      let isEmpty = line.allSatisfy(\.isWhitespace)
      if !isEmpty, hasEnded {
        pending = line
        return text
      }
      hasEnded = hasEnded || (isEmpty && !text.isEmpty)
      text += line + "\n"
    }
    return text.isEmpty ? nil : text
  }
}
