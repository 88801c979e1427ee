import WeftBase

/// Text that is more than what it says: markup, objects, tables and columns, which are read as any characters unless
/// something says what they are.
enum FormedText {
  /// Lines that are looked at, and columns that words of a corpus may have.
  private static let (lineCount, columnCount) = (10, 2...14)

  /// Checks that a file of running text is not of objects, and tells what else it looks like.
  ///
  /// - Returns: A note, with the name of the file; nil for running text.
  /// - Throws: If it is JSON or a pickle of Python.
  static func note(onText path: String) throws(WeftError) -> String? {
    let start = try ByteReader.start(of: path)
    let name = path.lowercased()
    if let kind = pickle(start) { throw .data("\(path): \(kind)") }
    if name.hasSuffix(".json"), let first = start.first, "[{".utf8.contains(first) {
      throw .data(
        "\(path): is JSON; name the field of the text with --text-field where each line is an object, and save numbers in"
          + " Python with numpy.savez for weft data numpy")
    }
    if start.first == UInt8(ascii: "<"), let tag = firstTag(start) {
      return "\(path): begins with \(tag), and its tags are read as text"
    }
    if PathParts.name(of: path) == "seq.in", let note = slotNote(in: PathParts.folder(of: path)) {
      return "\(path): is read as running text; \(note)"
    }
    if start.starts(with: "Sentence #,Word".utf8) {
      return
        "\(path): is read as running text, but has a word and its tag in each row; write lines of word, tab and tag, with an"
        + " empty line after each sentence, for --tag-column 2, as awk -F ',' 'NR > 1 {if ($1 != \"\" && NR > 2) print \"\"; print $2"
        + " \"\\t\" $NF}' does where no word is a comma"
    }
    if [".csv", ".tsv", ".csv.gz", ".tsv.gz"].contains(where: name.hasSuffix) {
      return
        "\(path): is read as running text; --text-field and --label-field read the columns of a table as texts with classes"
    }
    if let note = corpus(start) { return "\(path): \(note)" }
    if let count = columns(start) {
      return
        "\(path): is read as running text, but its lines have \(count) columns each; --tag-column \(count) reads a word and"
        + " its tag from each"
    }
    if let tab = tabs(start) {
      return
        "\(path): is read as running text, but each line has \(tab); --no-header --separator tab --quote none with"
        + " --text-field and --label-field reads its columns"
    }
    return nil
  }

  /// What a text of a known corpus has besides its words; nil for any other.
  private static func corpus(_ start: ArraySlice<UInt8>) -> String? {
    let text = String(decoding: start, as: UTF8.self)
    let lines = Array(text.split(whereSeparator: \.isNewline).dropLast())
    func all(_ pattern: some RegexComponent) -> Bool {
      lines.count >= lineCount && lines.allSatisfy { $0.prefixMatch(of: pattern) != nil }
    }
    if text.contains("*** START OF TH") || text.hasPrefix("The Project Gutenberg") {
      return "has the header and the licence of Project Gutenberg, which are read as text; remove them first"
    }
    if let mark = text.firstMatch(of: #/<\|[a-z_]+\|>/#) {
      return
        "has the mark \(mark.0) between texts, which is read as text; --unit tokens makes one token of it"
    }
    if all(#/\([0-9] [\((]/#) || all(#/\([0-9] \S+\)/#) {
      return
        "is read as running text, but its lines are trees with classes (SST); sed -E 's/^\\(([0-9]) /__label__\\1 /; s/\\([0-9]"
        + " //g; s/\\)//g' makes texts with classes of it"
    }
    if all(#/[A-Z]{2,}:[a-z]+ /#) {
      return
        "is read as running text, but each line begins with a class; sed 's/^/__label__/' makes texts with classes of it"
    }
    if all(#/\s*(?:\(\s*)+[A-Z][A-Z$-]* ?[\(A-Za-z]/#) {
      return
        "is read as running text, but its lines are trees of words with their parts of speech (Penn Treebank); write their words"
        + " first, for example with nltk.corpus.BracketParseCorpusReader('.', '.*').sents()"
    }
    if all(#/(\S+/[A-Za-z$.,:'`*+-]+\s*)+$/#) {
      return
        "is read as running text, but each word has its tag after a slash; tr ' ' '\\n' < tagged.txt | sed 's|\\(.*\\)/|\\1\\t|'"
        + " writes lines of word and tag for --tag-column 2, which need an empty line after each sentence"
    }
    return sequences(lines) ?? subtitles(lines) ?? messages(lines) ?? fields(lines)
  }

  /// The times and senders of the messages of a chat, as WhatsApp exports it; nil for other text.
  private static func messages(_ lines: [Substring]) -> String? {
    let start =
      #/\P{Nd}{0,3}\d{1,4}[.\/\-]\d{1,2}[.\/\-]\d{2,4},? \d{1,2}[:.]\d\d[^\]\-]{0,12}[\]\-] [^:]{1,60}: /#
    guard lines.count >= lineCount, 2 * lines.count(where: { $0.prefixMatch(of: start) != nil }) > lines.count
    else {
      return nil
    }
    return
      "is read as running text, but its lines begin with the times and senders of messages; sed -E"
      + " 's#^[^0-9]*[0-9][-0-9./]+,? [^]-]*(\\]| -) [^:]*: ##' leaves what they say"
  }

  /// The numbers and times of subtitles; nil for other text.
  private static func subtitles(_ lines: [Substring]) -> String? {
    let times = #/(\d+:)?\d\d:\d\d[,.]\d{3} --> /#
    guard lines.prefix(lineCount).contains(where: { $0.prefixMatch(of: times) != nil }) else { return nil }
    return
      "is read as running text, but has the numbers and times of subtitles; grep -v -E '^[0-9]+.?$|-->|^WEBVTT' leaves their"
      + " words"
  }

  /// What FASTA and FASTQ have besides sequences of letters.
  private static func sequences(_ lines: [Substring]) -> String? {
    guard let first = lines.first, lines.count > 1 else { return nil }
    let letters = #/[A-Za-z*.\-]+/#
    if first.hasPrefix(">"), !first.hasPrefix("> "),
      lines.allSatisfy({ $0.hasPrefix(">") || $0.hasPrefix(";") || $0.wholeMatch(of: letters) != nil })
    {
      return
        "is FASTA, whose headers and ends of lines are read as text; awk '/^>/ {if (NR > 1) print \"\"; next} {printf \"%s\","
        + " $0} END {print \"\"}' makes a line of each sequence, for --lines --unit characters"
    }
    if first.hasPrefix("@"), lines.count > 2, lines[lines.startIndex + 2].hasPrefix("+") {
      return
        "is FASTQ, whose names and qualities are read as text; awk 'NR % 4 == 2' leaves the sequences, for --lines --unit"
        + " characters"
    }
    return nil
  }

  /// Fields of lines of texts, and how to read them; nil for other text.
  private static func fields(_ lines: [Substring]) -> String? {
    let start = "is read as running text, but "
    if let first = lines.first, first.hasPrefix("#begin document") {
      return
        start
        + "has a word in each line (CoNLL-2012); --word-column 4 --tag-column 5 reads words and their parts of speech"
    }
    guard lines.count >= lineCount else { return nil }
    if lines.allSatisfy({ $0.contains(" +++$+++ ") }) {
      return start
        + "its fields stand between ' +++$+++ '; sed 's/.* +++$+++ //' leaves the last, which is the text"
    }
    for separator in [";", "|"] as [Character] {
      let ends = lines.map { $0.split(separator: separator, omittingEmptySubsequences: false) }
      let classes = Set(ends.compactMap(\.last))
      guard
        ends.allSatisfy({ $0.count == 2 && $0[0].contains(" ") && !$0[1].isEmpty && !$0[1].contains(" ") }),
        classes.count > 1, classes.count * 3 < lines.count
      else { continue }
      return
        start
        + "each line ends with one of few words after \(separator); --no-header --separator '\(separator)' --quote none"
        + " --text-field 1 --label-field 2 reads texts with classes"
    }
    return nil
  }

  /// What to do with the files of ATIS and SNIPS in a folder, of which one has the words, one the slots and one the intents;
  /// nil for other folders.
  static func slotNote(in folder: String) -> String? {
    func path(_ name: String) -> String { PathParts.path(name, in: folder) }
    guard OutputFile.exists(path("seq.in")), OutputFile.exists(path("label")) else { return nil }
    return
      "'label' has the class of each line of seq.in: paste \(path("label").shellQuoted) \(path("seq.in").shellQuoted) >"
      + " texts.tsv, and weft data text texts.tsv --no-header --separator tab --quote none --text-field 2 --label-field 1"
  }

  /// Checks that a file of sentences is not markup.
  ///
  /// - Returns: A note, with the name of the file; nil for sentences.
  /// - Throws: If it is a document of XML.
  static func note(onSentences path: String) throws(WeftError) -> String? {
    if try MarkedText.form(of: path) != nil { return nil }
    let start = try ByteReader.start(of: path)
    guard start.first == UInt8(ascii: "<"), let tag = firstTag(start) else { return nil }
    let documents = ["<?xml", "<!doctype", "<doc", "<dataset", "<html"]
    if documents.contains(where: tag.lowercased().hasPrefix) {
      throw .data(
        "\(path): is XML, of which TMX, XLIFF and test sets of WMT and IWSLT are read; write the sentences of others one a"
          + " line first, for example with xml.etree.ElementTree of Python")
    }
    return
      "\(path): begins with \(tag); lines of tags are read as sentences, so remove them in both languages"
  }

  /// The first tag of markup; nil if `<` begins something else, such as `<unk>`.
  private static func firstTag(_ start: ArraySlice<UInt8>) -> String? {
    guard let end = start.firstIndex(of: UInt8(ascii: ">")), end - start.startIndex < 1 << 10 else {
      return nil
    }
    let tag = String(decoding: start[...end], as: UTF8.self)
    guard tag.dropFirst().first.map({ $0.isLetter || $0 == "?" || $0 == "!" }) == true,
      !["<unk>", "<s>", "<bos>", "<pad>", "<sos>"].contains(tag.lowercased())
    else { return nil }
    return tag.count > 40 ? "\(tag.prefix(40))…" : tag
  }

  /// Older pickles are ASCII.
  private static func pickle(_ start: ArraySlice<UInt8>) -> String? {
    let head = String(decoding: start.prefix(24), as: UTF8.self)
    guard
      head.hasPrefix("(dp") || head.hasPrefix("(lp") || head.hasPrefix("ccopy_reg")
        || head.hasPrefix("cnumpy"),
      head.contains("\n")
    else { return nil }
    return
      "is a Python pickle; load it in Python, save its arrays with numpy.savez, and convert them with weft data numpy"
  }

  /// The columns of lines of one word each, with empty lines between sentences; nil for other text.
  private static func columns(_ start: ArraySlice<UInt8>) -> Int? {
    // The last line may be cut.
    let lines = start.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
    let counts = lines.map { line in
      line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }.count
    }
    let words = counts.filter { $0 > 0 }
    guard words.count >= lineCount, words.count < counts.count, let count = words.first,
      columnCount.contains(count), words.allSatisfy({ $0 == count })
    else { return nil }
    return count
  }

  /// How many tabs each line has, in words; nil if they differ.
  private static func tabs(_ start: ArraySlice<UInt8>) -> String? {
    let lines = start.split(separator: UInt8(ascii: "\n")).dropLast()
    let counts = lines.map { $0.count { $0 == UInt8(ascii: "\t") } }
    guard counts.count >= lineCount, let count = counts.first, count > 0, counts.allSatisfy({ $0 == count })
    else { return nil }
    return count == 1 ? "a tab" : "\(count) tabs"
  }
}
