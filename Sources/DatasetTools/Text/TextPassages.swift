import Foundation

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
struct Passage {
  let text: String
  /// Index of its split.
  let split: Int
}

/// Reads the passages of text files in order.
final class TextPassages {
  private let plan: SplitPlan
  private let splitting: TextSplitting
  private let files: [String]
  private let progress: ProgressReporter
  private var remaining: ArraySlice<String>
  private var reader: LineReader?
  private var split = 0
  /// A line read ahead: the start of the next paragraph.
  private var pending: String?
  /// Bytes of completed files, and of all files.
  private var finished = 0
  private let total: Int

  /// - Throws: If a file cannot be opened.
  init(
    _ files: [String], plan: SplitPlan, by splitting: TextSplitting, task: String, progress: ProgressReporter
  ) throws {
    self.files = files
    self.plan = plan
    self.splitting = splitting
    self.progress = progress
    remaining = files[...]
    total = try files.reduce(0) { try $0 + ByteReader($1).byteCount }
    progress.begin(task, total: total, unit: "B")
  }

  /// The next passage; nil after the last one.
  ///
  /// - Throws: If a file cannot be read or is not text.
  func next() throws -> Passage? {
    while true {
      if reader == nil {
        guard let file = remaining.popFirst() else { return nil }
        reader = try LineReader(file)
        if splitting == .file { split = plan.split(of: (file as NSString).lastPathComponent.utf8) }
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
      return Passage(text: text, split: splitting == .paragraph ? plan.split(of: text.utf8) : split)
    }
  }

  private func place(of offset: Int) -> Int {
    var bound = 0.0
    for (index, fraction) in plan.fractions.enumerated() {
      bound += fraction * Double(total)
      if Double(offset) < bound { return index }
    }
    return plan.fractions.count - 1
  }

  /// A paragraph with the empty lines after it.
  private func paragraph(_ reader: LineReader) throws -> String? {
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
