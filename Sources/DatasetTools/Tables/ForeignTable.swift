import Foundation
import HDF5
import WeftBase

/// Files that hold tables in another form than text.
enum ForeignTable {
  /// First bytes, long enough that no line of names begins with them.
  private static let kinds: [(start: [UInt8], kind: String)] = [
    (Array("PK\u{3}\u{4}".utf8), "zip"), ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1], "xls"),
    (Array("BZh".utf8), "bz2"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz"), ([0x28, 0xB5, 0x2F, 0xFD], "zst"),
    (Array("PAR1".utf8), "parquet"), (Array("ARROW1\0\0".utf8), "feather"),
    ([0x89] + Array("HDF".utf8), "hdf5"),
    (Array("SQLite format 3\0".utf8), "sqlite"), (Array("%PDF-".utf8), "pdf"),
    (Array("version https://git-lfs".utf8), "lfs"), (Array("<!DOCTYPE".utf8), "html"),
    (Array("<html".utf8), "html"), ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7z"),
    (Array("Rar!\u{1A}".utf8), "rar"), (Array("$FL2@(#)".utf8), "sav"), (Array("<stata_dta>".utf8), "dta"),
    (Array("<?xml ".utf8), "xml"),
  ]

  /// - Throws: If a file is not text, saying what it is and how to convert it.
  static func check(_ path: String) throws(WeftError) {
    guard let file = FileHandle(forReadingAtPath: path) else { return }
    let bytes = Array((try? file.read(upToCount: 4096)) ?? Data())
    let ending = PathParts.ending(of: path).lowercased()
    var kind = kinds.first { bytes.starts(with: $0.start) }?.kind
    // Names of columns may begin with these bytes as well; compressed blocks have a mark of their own.
    if kind == "bz2", !bytes.dropFirst(4).starts(with: [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]) { kind = nil }
    if kind == "parquet", ending.hasSuffix("sv") { kind = nil }
    if kind == "zip", ["xlsx", "xlsm", "xlsb", "ods"].contains(ending) { kind = "xls" }
    if kind == nil, ["json", "jsonl", "ndjson"].contains(ending),
      let first = bytes.first(where: { $0 > 32 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    {
      kind = ending == "json" ? "json" : "jsonl"
      let text = String(decoding: bytes, as: UTF8.self)
      // Objects one a line have lines of their own, which may be longer than what was read.
      if first == UInt8(ascii: "{"), areObjectsOfLines(path) { kind = "jsonl" }
      if first == UInt8(ascii: "{"), text.contains(/"target":\s*\[/), text.contains(/"start":\s*"/) {
        kind = "gluonts"
      } else if kind == "json", text.contains(/^\s*\{"[^"]*":\s*\{"/) {
        // Columns of rows, as to_json writes them.
        kind = "json"
      } else if kind == "json", text.contains(/\{[^{}\[\]]*\{/) {
        kind = "nested"
      }
    }
    if kind == nil, ["hea", "dat", "atr", "pkl", "pickle", "tfrecord"].contains(ending),
      let text = ForeignFile.kind(of: path)
    {
      throw .data("\(path): is not a table as text: \(text)")
    }
    guard let kind, let text = description(kind, path) else { return }
    throw .data("\(path): is not a table as text: \(text)")
  }

  /// Whether the first two lines are objects of their own.
  private static func areObjectsOfLines(_ path: String) -> Bool {
    guard let reader = try? LineReader(path) else { return false }
    for _ in 0..<2 {
      guard let line = try? reader.nextEntry(),
        (try? JSONDecoder().decode([String: JSONField].self, from: Data(line.utf8))) != nil
      else { return false }
    }
    return true
  }

  private static func description(_ kind: String, _ path: String) -> String? {
    let (name, base) = (PathParts.name(of: path), PathParts.stem(of: path))
    func pandas(_ call: String) -> String {
      let target = base.hasSuffix(".csv") ? base : base + ".csv"
      return "convert it with pandas: pandas.\(call).to_csv('\(target)', index=False)"
    }
    return switch kind {
    case "zip": "it is a ZIP archive; unpack it with unzip"
    case "xls": "it is a workbook; save it as CSV, or " + pandas("read_excel('\(name)')")
    case "parquet": "it is Parquet; " + pandas("read_parquet('\(name)')")
    case "feather": "it is Arrow or Feather; " + pandas("read_feather('\(name)')")
    case "xml":
      "it is XML; "
        + pandas("read_xml('\(name)', xpath='//ROW')")
        + ", where ROW is the name of the elements that are rows"
    case "json": "it is JSON; " + pandas("read_json('\(name)')")
    case "nested": "it is JSON; " + pandas("json_normalize(json.load(open('\(name)')))")
    case "gluonts":
      "it is JSON with a series in each line; "
        + pandas("read_json('\(name)', lines=True).explode('target')")
        + ", and read it with --inputs target --group item_id"
    case "jsonl": "it is JSON; " + pandas("read_json('\(name)', lines=True)")
    default: ForeignFile.kind(of: path)
    }
  }
}
