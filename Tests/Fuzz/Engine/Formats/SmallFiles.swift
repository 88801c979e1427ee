/// Valid files of formats that are short enough to be written here.
enum SmallFiles {
  /// Three images of 2 × 2 pixels, as files of MNIST are written.
  static let images: [UInt8] =
    [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2] + (0..<12).map { 20 * $0 }

  static let tables = [
    item("table.csv", ["a,b,c", "1,2.5,yes", "2,-3e4,no", "3,,\"yes, \"\"quoted\"\"\"", "4,1e-3,no"]),
    item(
      "monthly.tsf",
      [
        "# monthly", "@relation monthly", "@attribute name string", "@attribute start_timestamp date",
        "@frequency monthly", "@horizon 2", "@missing true", "@equallength false", "@data",
        "T1:1979-01-01 00-00-00:1,2.5,?,4,5,6", "T2:1980-02-01 00-00-00:7,8,9,10",
      ]),
  ]

  static let translations = [
    item(
      "memory.tmx",
      [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<!DOCTYPE tmx SYSTEM \"tmx14.dtd\">",
        "<tmx version=\"1.4\"><header srclang=\"de\"/><body>",
        "<tu><tuv xml:lang=\"de\"><seg>Ein &amp; <ph>x</ph>Satz</seg></tuv>",
        "<tuv xml:lang=\"en\"><seg>a sentence</seg></tuv></tu>",
        "<tu><tuv xml:lang=\"de\"><seg>zwei</seg></tuv><tuv xml:lang=\"en\"><seg>two</seg></tuv></tu>",
        "</body></tmx>",
      ]),
    item(
      "bundle.xlf",
      [
        "<?xml version=\"1.0\"?>", "<xliff version=\"1.2\" xmlns=\"urn:oasis:names:tc:xliff:document:1.2\">",
        "<file source-language=\"de\" target-language=\"en\" datatype=\"plaintext\" original=\"a\"><body>",
        "<trans-unit id=\"1\"><source>Haus <g id=\"1\">rot</g></source><target>red house</target></trans-unit>",
        "<trans-unit id=\"2\"><source>Tür</source><target>door</target></trans-unit>",
        "</body></file></xliff>",
      ]),
    item(
      "pairs.json",
      [
        "{\"translation\": {\"de\": \"ein Haus\", \"en\": \"a house\"}}",
        "{\"translation\": {\"de\": \"zwei T\\u00fcren\", \"en\": \"two doors\"}}",
      ]),
  ]

  private static func item(_ name: String, _ lines: [String]) -> Corpus.Item {
    Corpus.Item(name: name, bytes: Array((lines.joined(separator: "\n") + "\n").utf8))
  }
}
