import WeftBase

/// A sentence with a tag for each word.
struct TaggedSentence {
  var words: [String] = []
  var tags: [String] = []
  /// The line of each word.
  var lines: [Int] = []
  var path = ""
  /// What the document of the sentence is known by: its name, or its first sentence; nil outside of documents.
  var document: String?
  /// Whether the document begins with it.
  var beginsDocument = false
}

/// Reads sentences of one word a line, with columns between tabs or spaces and an empty line between sentences, as the
/// shared tasks of CoNLL and Universal Dependencies write them.
final class TaggedSentences {
  /// What begins a document in CoNLL-2003.
  static let documentStart = "-DOCSTART-"

  private var remaining: ArraySlice<String>
  private var reader: LineReader?
  private let columns: TaggedColumns
  /// How the lines of the current file are written, by its first line of a word.
  private var shape: (isTabbed: Bool, count: Int, line: Int, isUniversal: Bool)?
  /// The document of the last sentence: its name, or its first sentence once it is known; nil outside of documents.
  private var document: (key: String?, hasBegun: Bool)?
  /// Whether the next sentence begins a document.
  private var beginsNext = false
  /// What was left out.
  private var documents = 0
  private var remarks = 0
  private var ranges = 0

  init(_ paths: [String], columns: TaggedColumns) {
    remaining = paths[...]
    self.columns = columns
  }

  /// What was left out, for the user.
  var notes: [String] {
    var left: [String] = []
    if documents > 0 { left.append("\(documents) of \(Self.documentStart)") }
    if remarks > 0 { left.append("\(remarks) of remarks (#)") }
    if ranges > 0 { left.append("\(ranges) of several words at once or of none (1-2, 1.1)") }
    return left.isEmpty ? [] : ["lines left out: \(left.joined(separator: ", "))"]
  }

  /// The next sentence; nil after the last one.
  ///
  /// - Throws: If a line has other columns than the first, or no tag.
  func next() throws(WeftError) -> TaggedSentence? {
    while true {
      if reader == nil {
        guard let path = remaining.popFirst() else { return nil }
        reader = try LineReader(path)
        (shape, document) = (nil, nil)
      }
      guard let reader else { return nil }
      if var sentence = try sentence(reader) {
        place(&sentence)
        return sentence
      }
      self.reader = nil
    }
  }

  /// Tells a sentence its document.
  private func place(_ sentence: inout TaggedSentence) {
    guard let (key, hasBegun) = document else { return }
    let own = key ?? sentence.words.joined(separator: " ")
    (sentence.document, sentence.beginsDocument) = (own, !hasBegun)
    document = (own, true)
  }

  /// Begins a document where a remark says so: `# newdoc id = weblog-1` in CoNLL-U, `#begin document (bc/cctv/00)` in
  /// OntoNotes.
  private func beginDocument(_ remark: String) {
    var words = remark.drop { $0 == "#" }.split(separator: " ")[...]
    if words.first == "newdoc" {
      words = words.dropFirst().drop { $0 == "id" || $0 == "=" }
    } else if words.starts(with: ["begin", "document"]) {
      words = words.dropFirst(2)
    } else {
      return
    }
    document = (words.isEmpty ? nil : words.joined(separator: " "), false)
  }

  private func sentence(_ reader: LineReader) throws(WeftError) -> TaggedSentence? {
    var sentence = TaggedSentence()
    sentence.path = reader.path
    if beginsNext { (document, beginsNext) = ((nil, false), false) }
    while let line = try reader.next() {
      if line.allSatisfy(\.isWhitespace) {
        if sentence.words.isEmpty { continue }
        return sentence
      }
      try reader.checkLineEnds(line)
      let isTabbed = shape?.isTabbed ?? line.contains("\t")
      let fields = line.split(separator: isTabbed ? "\t" : " ", omittingEmptySubsequences: !isTabbed).map {
        String($0).withoutOuterSpace
      }
      if sentence.words.isEmpty, line.hasPrefix("#"), isRemark(fields) {
        remarks += 1
        beginDocument(line)
        continue
      }
      if fields[0] == Self.documentStart {
        documents += 1
        if !sentence.words.isEmpty {
          beginsNext = true
          return sentence
        }
        document = (nil, false)
        continue
      }
      try add(fields, isTabbed, to: &sentence, reader)
    }
    return sentence.words.isEmpty ? nil : sentence
  }

  /// Whether a line that begins with `#` before a sentence is a remark rather than the word `#`.
  private func isRemark(_ fields: [String]) -> Bool {
    // Before the first word nothing tells how many columns there are, but `#` is its own part of speech.
    guard let shape else { return fields[0] != "#" || fields.count < 2 || fields[1] != "#" }
    return shape.isUniversal || fields.count != shape.count
  }

  private func add(
    _ fields: [String], _ isTabbed: Bool, to sentence: inout TaggedSentence, _ reader: LineReader
  ) throws(WeftError) {
    if shape == nil {
      let isUniversal =
        isTabbed && fields.count == TaggedColumns.universal.count && fields[0].first?.isNumber == true
      shape = (isTabbed, fields.count, reader.number, isUniversal)
    }
    guard let shape else { return }
    guard fields.count == shape.count else {
      throw reader.failure(
        "has \(fields.count) column\(fields.count == 1 ? "" : "s"), but line \(shape.line) has \(shape.count); each word needs as many, between"
          + " \(shape.isTabbed ? "tabs" : "spaces")")
    }
    if shape.isUniversal, Int(fields[0]) == nil {
      // Of several words at once, `1-2`, each follows; `1.1` is none of the text.
      ranges += 1
      return
    }
    let word = columns.word ?? (shape.isUniversal ? 2 : 1)
    let tag = columns.tag ?? (shape.isUniversal ? 4 : shape.count)
    guard max(word, tag) <= shape.count, word != tag else {
      throw reader.failure(
        word == tag
          ? "column \(word) is the word and the tag as well; name them with --word-column and --tag-column"
          : "has \(shape.count) columns, so that there is no column \(max(word, tag))")
    }
    guard !fields[word - 1].isEmpty else { throw reader.failure("column \(word), of the word, is empty") }
    // In CoNLL-U a line below stands for nothing.
    guard !fields[tag - 1].isEmpty, !(shape.isUniversal && fields[tag - 1] == "_" && fields[word - 1] != "_")
    else {
      throw reader.failure(
        "the word '\(fields[word - 1])' has no tag in column \(tag); give it one, or name another --tag-column"
      )
    }
    sentence.words.append(fields[word - 1])
    sentence.tags.append(fields[tag - 1])
    sentence.lines.append(reader.number)
    let isCounted = sentence.words.count == 3 && sentence.words == ["1", "2", "3"]
    if columns.word == nil, isCounted {
      throw reader.failure(
        "column \(word) counts the words; name the column of words with --word-column, counted from 1")
    }
  }
}
