import ArgumentParser
import DatasetTools
import WeftBase

/// Options of long tables, with a row for each value.
struct PivotOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Column of the names of a long table, with a row for each value, such as Parameter: each name becomes a column,"
        + " and rows of the same --time and --group become one.", valueName: "column"))
  var namesFrom: String?
  @Option(
    help: ArgumentHelp("Column of the values of a long table, such as Value.", valueName: "column"))
  var valuesFrom: String?
  @Option(
    help: ArgumentHelp(
      "What becomes of several values of one name at the same time in a long table: error, first, last or mean. (default:"
        + " error)", valueName: "choice"))
  var duplicates: String?

  /// - Throws: If one option lacks the other.
  func pivot() throws(WeftError) -> TablePivot? {
    guard let namesFrom, let valuesFrom else {
      for (name, other, value) in [
        ("names-from", "values-from", namesFrom), ("values-from", "names-from", valuesFrom),
      ]
      where value != nil {
        throw .usage("--\(name) needs --\(other)")
      }
      if duplicates != nil { throw .usage("--duplicates needs --names-from and --values-from") }
      return nil
    }
    var pivot = TablePivot(names: namesFrom, values: valuesFrom)
    if let duplicates {
      guard let choice = TablePivot.Duplicates(rawValue: duplicates) else {
        throw NearMiss.unknownChoice(
          duplicates, "choice", of: "--duplicates", among: TablePivot.Duplicates.allCases.map(\.rawValue))
      }
      pivot.duplicates = choice
    }
    return pivot
  }
}
