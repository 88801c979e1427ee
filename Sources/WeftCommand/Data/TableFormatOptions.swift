import ArgumentParser
import DatasetTools
import Foundation
import WeftBase

/// Options of how a table is written.
struct TableFormatOptions: ParsableArguments {
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Text or number that stands for a missing value, in addition to NA, N/A, #N/A, NaN, null, none and ?; repeatable.",
      valueName: "text"))
  var missingMark: [String] = []
  @Option(
    help: ArgumentHelp(
      "Character between fields, or tab; a space stands for any run of blanks. (default: tab in .tsv, ; with --decimal ,"
        + " and otherwise ,)", valueName: "character"))
  var separator: String?
  @Option(
    help: ArgumentHelp(
      "Character around fields that contain separators: \" or none, which takes quotation marks as they are.",
      valueName: "character"))
  var quote = "\""
  @Flag(help: "The first line is a row; the columns' names are 1, 2, 3 and so on.")
  var noHeader = false
  @Option(help: ArgumentHelp("Decimal mark of numbers: . or ,", valueName: "character"))
  var decimal = "."
  @Option(
    help: ArgumentHelp("Encoding of the text: utf-8, latin-1 or windows-1252.", valueName: "encoding"),
    completion: .list(TableEncoding.allCases.map(\.rawValue)))
  var encoding = "utf-8"

  /// - Throws: If an option is malformed.
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
    guard let mark = DecimalMark(rawValue: decimal) else {
      throw .usage("--decimal: '\(decimal)' is neither . nor ,")
    }
    format.decimal = mark
    if mark == .comma, format.separator == UInt8(ascii: ",") {
      throw .usage(
        "--separator: a comma cannot be both between fields and in numbers; use another --separator")
    }
    guard let encoding = TableEncoding(rawValue: encoding.lowercased()) else {
      throw NearMiss.unknownChoice(
        encoding, "encoding", of: "--encoding", among: TableEncoding.allCases.map(\.rawValue),
        otherwise: ", or convert the table with iconv")
    }
    format.encoding = encoding
    guard ["\"", "none"].contains(quote) else { throw .usage("--quote: '\(quote)' is neither \" nor none") }
    if quote == "none" { format.quote = nil }
    format.hasHeader = !noHeader
    format.missingMarks = Set(missingMark.map { $0.trimmingCharacters(in: .whitespaces) })
    return format
  }
}
