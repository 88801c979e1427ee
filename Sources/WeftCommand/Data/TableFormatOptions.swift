import ArgumentParser
import DatasetTools
import Foundation
import WeftBase

/// How a table of numbers is written.
struct TableFormatOptions: ParsableArguments {
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Text or number that stands for a missing value, in addition to NA, N/A, #N/A, NaN, null, none and ?; repeatable.",
      valueName: "text"))
  var missingMark: [String] = []
  @OptionGroup var form: TableFormOptions
  @Option(help: ArgumentHelp("Decimal mark of numbers: . or ,", valueName: "character"))
  var decimal = "."

  /// - Throws: If an option is malformed.
  func format() throws(WeftError) -> TableFormat {
    var format = try form.format()
    guard let mark = DecimalMark(rawValue: decimal) else {
      throw .usage("--decimal: '\(decimal)' is neither . nor ,")
    }
    format.decimal = mark
    if mark == .comma, format.separator == UInt8(ascii: ",") {
      throw .usage(
        "--separator: a comma cannot be both between fields and in numbers; use another --separator")
    }
    format.missingMarks = Set(missingMark.map { $0.trimmingCharacters(in: .whitespaces) })
    return format
  }
}
