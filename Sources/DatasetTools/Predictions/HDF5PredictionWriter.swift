import HDF5
import WeftBase
import WeftTasks

/// Writes predictions to an HDF5 file with a dataset for each column.
///
/// Rows of steps of sequences are ragged: `offsets` has the first row of each sequence, and the number of rows at last.
final class HDF5PredictionWriter: PredictionWriter {
  private let writer: DatasetWriter
  private let table: PredictionTable
  private let index: [ArrayWriter<Int64>]
  private var numbers: [Int: ArrayWriter<Float>] = [:]
  private var doubles: [Int: ArrayWriter<Double>] = [:]
  private var integers: [Int: ArrayWriter<Int32>] = [:]
  private var texts: [Int: [String]] = [:]
  /// First rows of sequences; nil if a sequence has one row.
  private var offsets: ArrayWriter<Int64>?
  private var latestSequence: Int?
  private var count = 0

  init(_ path: String, table: PredictionTable, overwrites: Bool) throws {
    self.table = table
    let writer = try DatasetWriter(path, overwrites: overwrites)
    self.writer = writer
    try writer.file.attributes.set("weft_format", to: "predictions")
    index = table.index.map { writer.array($0, of: Int64.self) }
    if table.index == ["sequence", "step"] { offsets = writer.array("offsets", of: Int64.self) }
    for (number, column) in table.columns.enumerated() {
      switch column.kind {
      case .float: numbers[number] = writer.array(column.name, of: Float.self, rowShape: column.shape)
      case .double: doubles[number] = writer.array(column.name, of: Double.self, rowShape: column.shape)
      case .time:
        doubles[number] = writer.array(
          column.name, of: Double.self, rowShape: column.shape,
          attributes: table.times?.scale.attributes ?? [:])
      case .integer: integers[number] = writer.array(column.name, of: Int32.self, rowShape: column.shape)
      case .text: texts[number] = []
      }
    }
    if !table.classes.isEmpty { try writer.file.write("classes", table.classes) }
    if !table.levels.isEmpty { try writer.file.write("levels", table.levels) }
    if !table.names.isEmpty { try writer.file.write("names", table.names) }
    if !table.targets.isEmpty { try writer.file.write("target_names", table.targets) }
  }

  func append(_ rows: PredictedRows) throws {
    for (array, values) in zip(index, rows.index) { try array.append(values.map { Int64($0) }) }
    if let offsets {
      for (row, sequence) in rows.index[0].enumerated() where sequence != latestSequence {
        try offsets.append(Int64(count + row))
        latestSequence = sequence
      }
    }
    count += rows.count
    for (number, values) in rows.columns.enumerated() {
      switch values {
      case .numbers(let values):
        try numbers[number]?.append(values.map { Float($0) })
        try doubles[number]?.append(values)
      case .integers(let values): try integers[number]?.append(values)
      case .texts(let values): texts[number]? += values
      }
    }
  }

  func finish() throws {
    try offsets?.append(Int64(count))
    for (number, values) in texts { try writer.file.write(table.columns[number].name, values) }
    try writer.finish()
  }
}
