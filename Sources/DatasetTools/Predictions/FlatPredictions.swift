import WeftBase
import WeftTasks

/// Predictions as a flat table with one value per cell, for text formats: windows become a row for each forecast step.
struct FlatPredictions {
  /// A cell of a row.
  enum Cell {
    case integer(Int)
    case number(Double, isSingle: Bool)
    case text(String)
  }

  private let table: PredictionTable
  private let names: [String]
  /// Names of the columns.
  let header: [String]

  init(_ table: PredictionTable) {
    self.table = table
    let names = table.names
    self.names = names
    header =
      table.index + (table.stepsPerRow == nil ? [] : ["step"]) + (names.isEmpty ? [] : ["name"])
      + table.columns.flatMap { column -> [String] in
        if column.kind == .integer, column.shape.isEmpty, !table.classes.isEmpty {
          return [column.name.singular, "\(column.name.singular)_class"]
        }
        return column.labels.isEmpty
          ? [column.name.singular] : column.labels.map { "\(column.name.singular)_\($0)" }
      }
  }

  /// The cells of all rows.
  func rows(_ rows: PredictedRows) -> [[Cell]] {
    (0..<rows.count).flatMap { row in
      (0..<(table.stepsPerRow ?? 1)).map { step in cells(rows, row, step) }
    }
  }

  private func cells(_ rows: PredictedRows, _ row: Int, _ step: Int) -> [Cell] {
    var cells = rows.index.map { Cell.integer($0[row]) }
    if table.stepsPerRow != nil { cells.append(.integer(rows.index[rows.index.count - 1][row] + step)) }
    if !names.isEmpty {
      let number = rows.index[0][row]
      cells.append(.text(number < names.count ? names[number] : ""))
    }
    for (column, values) in zip(table.columns, rows.columns) {
      switch values {
      case .texts(let texts): cells.append(.text(texts[row]))
      case .integers(let integers):
        let value = Int(integers[row])
        cells.append(.integer(value))
        if column.shape.isEmpty, !table.classes.isEmpty {
          cells.append(.text(table.classes.indices.contains(value) ? table.classes[value] : ""))
        }
      case .numbers(let numbers):
        for place in places(of: column, row: row, step: step) {
          cells.append(.number(numbers[place], isSingle: column.kind == .float))
        }
      }
    }
    return cells
  }

  /// Where the values of a row and a step are.
  private func places(of column: PredictionTable.Column, row: Int, step: Int) -> [Int] {
    let first = row * column.width
    guard let axis = column.stepAxis else { return Array(first..<first + column.width) }
    let outer = column.shape[..<axis].reduce(1, *)
    let inner = column.shape[(axis + 1)...].reduce(1, *)
    return (0..<outer).flatMap { block in
      let start = first + (block * column.shape[axis] + step) * inner
      return start..<start + inner
    }
  }
}

extension String {
  /// The name of one value of a column.
  fileprivate var singular: String {
    switch self {
    case "probabilities": "probability"
    case "predictions", "quantiles", "targets", "scores", "states", "values": String(dropLast())
    case "feature_scores": "feature_score"
    default: self
    }
  }
}

extension FlatPredictions.Cell {
  /// The shortest text of a single-precision number; ten digits of those computed from them; empty for NaN.
  var text: String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value, let isSingle):
      value.isNaN ? "" : isSingle ? Float(value).shortText : NumberText.significant(value, digits: 10)
    case .text(let text): text
    }
  }
}

extension Float {
  /// The value without a fraction of zero.
  fileprivate var shortText: String {
    description.hasSuffix(".0") ? String(description.dropLast(2)) : description
  }
}
