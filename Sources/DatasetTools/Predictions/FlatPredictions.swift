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
    names = table.names
    let own = Self.header(table, targets: table.targets)
    // Names of targets may be those of other columns.
    header = Set(own).count == own.count ? own : Self.header(table, targets: [])
  }

  /// - Parameter targets: Names of forecast targets, which name the columns of their forecasts.
  private static func header(_ table: PredictionTable, targets: [String]) -> [String] {
    var header = table.index
    if table.stepsPerRow != nil { header += ["step", "ahead"] }
    header += table.columns.filter { $0.kind == .time }.map(\.name)
    if !table.names.isEmpty { header.append("name") }
    for column in table.columns where column.kind != .time {
      header += names(of: column, table, targets: targets)
    }
    return header
  }

  private static func names(
    of column: PredictionTable.Column, _ table: PredictionTable, targets: [String]
  ) -> [String] {
    if column.kind == .integer, column.shape.isEmpty, !table.classes.isEmpty {
      return [column.name.singular, "\(column.name.singular)_class"]
    }
    switch column.name {
    case _ where targets.isEmpty: break
    case "median": return targets
    case "quantiles": return table.levels.flatMap { level in targets.map { "\($0)_\(level)" } }
    case "targets": return targets.map { "\($0)_target" }
    default: break
    }
    return column.labels.isEmpty
      ? [column.name.singular] : column.labels.map { "\(column.name.singular)_\($0)" }
  }

  /// The cells of all rows.
  func rows(_ rows: PredictedRows) -> [[Cell]] {
    (0..<rows.count).flatMap { row in
      (0..<(table.stepsPerRow ?? 1)).map { step in cells(rows, row, step) }
    }
  }

  private func cells(_ rows: PredictedRows, _ row: Int, _ step: Int) -> [Cell] {
    var cells = rows.index.map { Cell.integer($0[row]) }
    if table.stepsPerRow != nil {
      cells += [.integer(rows.index[rows.index.count - 1][row] + step), .integer(step + 1)]
    }
    for (column, values) in zip(table.columns, rows.columns) where column.kind == .time {
      if case .numbers(let times) = values, let style = table.times {
        cells += places(of: column, row: row, step: step).map { .text(style.text(times[$0])) }
      }
    }
    if !names.isEmpty {
      let number = rows.index[0][row]
      cells.append(.text(number < names.count ? names[number] : ""))
    }
    for (column, values) in zip(table.columns, rows.columns) where column.kind != .time {
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
  /// The shortest text of a single-precision number; ten digits of those computed from it; empty for NaN.
  var text: String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value, let isSingle):
      value.isNaN ? "" : isSingle ? Float(value).shortest : NumberText.readable(value)
    case .text(let text): text
    }
  }
}
