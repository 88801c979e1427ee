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
        throw .usage("--separator: '\(separator)' is not a character such as ; or |, or tab")
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
    return format
  }

  /// An option that was given, other than the encoding; nil if none was.
  var option: String? {
    separator != nil ? "--separator" : quote != "\"" ? "--quote" : noHeader ? "--no-header" : nil
  }
}
