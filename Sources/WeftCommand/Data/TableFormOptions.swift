import ArgumentParser
import DatasetTools
import WeftBase

/// How a table is written.
struct TableFormOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Character between fields, or tab; a space stands for any run of blanks. (default: tab in .tsv, ; with decimal"
        + " commas, otherwise a comma)", valueName: "character"))
  var separator: String?
  @Option(
    help: ArgumentHelp(
      "Character around fields that contain separators: \" or none, which takes quotation marks as they are.",
      valueName: "character"))
  var quote = "\""
  @Flag(help: "The first line is a row; the columns' names are 1, 2, 3 and so on.")
  var noHeader = false
  @Option(
    help: ArgumentHelp(
      "Lines of the file to leave out, such as 1-4 above the names, 6 with units below them, or 90- at the end.",
      valueName: "lines"))
  var skipLines: String?
  @Option(
    help: ArgumentHelp("Encoding of the text: utf-8, latin-1 or windows-1252.", valueName: "encoding"),
    completion: .list(TableEncoding.allCases.map(\.rawValue)))
  var encoding = "utf-8"

  /// The format with these options, and the usual form of numbers and missing values.
  ///
  /// - Throws: A usage error if one of them is not among the choices.
  func format() throws(WeftError) -> TableFormat {
    var format = TableFormat()
    if let separator {
      let names = ["tab": "\t", "\\t": "\t", "space": " "]
      let character = names[separator] ?? separator
      guard character.utf8.count == 1, let byte = character.utf8.first, ![10, 13, 34].contains(byte) else {
        let pattern = character.map { ".[]*^$/\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
        throw .usage(
          "--separator: '\(separator)' is not a character such as ; or |, or tab"
            + (character.count > 1
              ? "; sed \("s/\(pattern)/\\t/g".shellQuoted) TABLE > table.tsv writes tabs" : ""))
      }
      format.separator = byte
    }
    guard let encoding = TableEncoding(rawValue: encoding.lowercased()) else {
      throw NearMiss.unknownChoice(
        encoding, "encoding", of: "--encoding", among: TableEncoding.allCases.map(\.rawValue),
        otherwise: ", or convert the file with iconv")
    }
    format.encoding = encoding
    guard ["\"", "none"].contains(quote) else { throw .usage("--quote: '\(quote)' is neither \" nor none") }
    if quote == "none" { format.quote = nil }
    format.hasHeader = !noHeader
    format.skippedLines = try skipLines.map(Self.lines) ?? []
    return format
  }

  /// - Throws: A usage error unless a text names lines.
  private static func lines(_ text: String) throws(WeftError) -> [ClosedRange<Int>] {
    var lines: [ClosedRange<Int>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let first = Int(ends[0])
      let last = ends.count == 1 ? first : ends[1].isEmpty ? .max : Int(ends[1])
      guard let first, let last, first >= 1, first <= last else {
        throw .usage("--skip-lines: '\(part)' is not a line or a range of lines, such as 1-4, 6 or 90-")
      }
      lines.append(first...last)
    }
    return lines
  }

  /// An option that was given, other than the encoding; nil if none was.
  var option: String? {
    separator != nil
      ? "--separator"
      : quote != "\""
        ? "--quote"
        : noHeader
          ? "--no-header"
          : skipLines != nil ? "--skip-lines" : nil
  }
}
