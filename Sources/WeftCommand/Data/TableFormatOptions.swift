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
  @Option(help: ArgumentHelp("Decimal mark of numbers: . or , (default: .)", valueName: "character"))
  var decimal: String?
  @Option(
    help: ArgumentHelp(
      "Character between groups of three digits, such as , or . or ', or space for any kind of space. (default: none)",
      valueName: "character"))
  var thousands: String?

  @Option(
    help: ArgumentHelp(
      "Marks of quality after numbers to leave out, separated by commas, such as p,b,e of '1.2 p'.",
      valueName: "marks"))
  var flags: String?

  /// - Throws: If an option is malformed.
  func format() throws(WeftError) -> TableFormat {
    var format = try form.format()
    if let decimal {
      guard let mark = DecimalMark(rawValue: decimal) else {
        throw .usage("--decimal: '\(decimal)' is neither . nor ,")
      }
      (format.decimal, format.isDecimalGiven) = (mark, true)
    }
    if let thousands {
      let character = thousands == "space" ? " " : thousands
      guard character.count == 1, let mark = character.first, !mark.isNumber, !mark.isLetter,
        !"+-\"".contains(mark)
      else { throw .usage("--thousands: '\(thousands)' is not a character such as , or . or ', or space") }
      guard String(mark) != format.decimal.rawValue else {
        throw .usage("--thousands: '\(mark)' is the decimal mark; use --decimal \(mark == "." ? "," : ".")")
      }
      format.thousands = mark
    }
    if let flags {
      let marks = flags.split(separator: ",", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      if let mark = marks.first(where: { $0.isEmpty || $0.contains(where: \.isNumber) }) {
        throw .usage("--flags: '\(mark)' is not a letter or a sign after a number, such as p or *")
      }
      format.flags = Set(marks)
    }
    format.missingMarks = Set(missingMark.map { $0.trimmingCharacters(in: .whitespaces) })
    return format
  }
}
