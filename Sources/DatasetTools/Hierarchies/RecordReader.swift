import HDF5
import WeftBase

/// Reads a dataset of records, such as a table of PyTables or pandas, one record for each step.
struct RecordReader {
  private let dataset: Dataset
  private let options: HierarchyDataset
  private let fields: [String]
  private static let blockCount = 1 << 16

  /// - Throws: If it lacks a field.
  init(_ dataset: Dataset, _ options: HierarchyDataset, _ notes: HierarchyNotes) throws {
    self.dataset = dataset
    self.options = options
    let known = dataset.numericFields.map(\.name)
    let others = [options.targetField, options.sequenceField].compactMap(\.self)
    // The index of pandas is no feature.
    fields =
      options.fields.isEmpty
      ? known.filter { !others.contains($0) && $0 != "index" } : options.fields
    if let missing = fields.first(where: { !known.contains($0) }) {
      throw WeftError.data(
        "\(dataset.file): dataset \(dataset.path): has no field '\(missing)' of numbers; its fields are"
          + " \(known.joined(separator: ", "))")
    }
    guard !fields.isEmpty else {
      throw WeftError.data("\(dataset.file): dataset \(dataset.path): has no fields of numbers")
    }
    if let key = options.sequenceField,
      let count = dataset.numericFields.first(where: { $0.name == key })?.count,
      count > 1
    {
      throw WeftError.data(
        "\(dataset.file): dataset \(dataset.path): field '\(key)' is an array of \(count) numbers, which tell no sequences"
      )
    }
    if options.fields.isEmpty {
      let counts = Dictionary(dataset.numericFields.map { ($0.name, $0.count) }, uniquingKeysWith: { $1 })
      notes.add(
        "\(dataset.path): fields read as inputs: "
          + fields.map { $0 + (counts[$0].map { $0 > 1 ? " (\($0))" : "" } ?? "") }.joined(separator: ", "))
    }
    // pandas keeps the names of such columns in pickles.
    if fields.contains(where: { $0.hasPrefix("values_block_") }) {
      notes.add(
        "\(dataset.path): columns of pandas, among them those to be predicted, are side by side without names; to choose some,"
          + " save them with to_csv for weft data table")
    }
  }

  /// Calls `body` with each run of records with equal values of the field of sequences, or with all.
  func forEachSequence(_ body: (SourceSequence) throws -> Void) throws {
    let count = try dataset.shape.first ?? 0
    var run = Run()
    for first in stride(from: 0, to: count, by: Self.blockCount) {
      let rows = min(Self.blockCount, count - first)
      let columns = try fields.map { field in
        let values = try dataset.readField(field, offset: [first], count: [rows])
        return (values: values, width: values.count / rows)
      }
      let (values, width) = try HierarchySource.sideBySide(columns, file: dataset.file)
      let keys = try options.sequenceField.map { try texts(of: $0, first, rows) }
      let targets = try options.targetField.map { try self.targets($0, first, rows) }
      for row in 0..<rows {
        let key = keys?[row] ?? ""
        if !run.values.isEmpty, key != run.key {
          try body(run.sequence(width: width))
          run = Run()
        }
        run.key = key
        run.values += values[row * width..<(row + 1) * width]
        run.width = width
        targets?.append(row, to: &run)
      }
    }
    if !run.values.isEmpty { try body(run.sequence(width: run.width)) }
  }

  /// Records of one sequence.
  private struct Run {
    var key = ""
    var values: [Double] = []
    var width = 1
    var numbers: [Double] = []
    var texts: [String] = []
    var areIntegers = true
    /// Numbers of a target.
    var targetWidth = 1

    func sequence(width: Int) -> SourceSequence {
      var target: SourceSequence.Target?
      if !texts.isEmpty { target = .texts(texts) }
      if !numbers.isEmpty { target = .numbers(numbers, width: targetWidth, areIntegers: areIntegers) }
      return SourceSequence(
        values: values, width: width, isPrecise: true, target: target,
        group: key.isEmpty ? nil : key,
        name: key.isEmpty ? nil : key.hasSuffix(".0") ? String(key.dropLast(2)) : key)
    }
  }

  private enum Targets {
    /// Row-major `[records, width]`.
    case numbers([Double], width: Int, areIntegers: Bool)
    case texts([String])

    func append(_ row: Int, to run: inout Run) {
      switch self {
      case .numbers(let values, let width, let areIntegers):
        run.numbers += values[row * width..<(row + 1) * width]
        (run.areIntegers, run.targetWidth) = (areIntegers, width)
      case .texts(let values): run.texts.append(values[row])
      }
    }
  }

  private func targets(_ field: String, _ first: Int, _ rows: Int) throws -> Targets {
    guard let type = dataset.fieldType(field) else {
      throw WeftError.data("\(dataset.file): dataset \(dataset.path): has no field '\(field)'")
    }
    if case .enumeration(_, let members) = type {
      let values = try dataset.readField(field, offset: [first], count: [rows]).map { Int64($0) }
      return .texts(
        try members.names(of: values) {
          .data("\(dataset.file): dataset \(dataset.path): field '\(field)' \($0)")
        })
    }
    if type.isString {
      return .texts(try dataset.readTextField(field, offset: [first], count: [rows]))
    }
    let values = try dataset.readField(field, offset: [first], count: [rows])
    return .numbers(values, width: max(values.count / max(rows, 1), 1), areIntegers: type.isInteger)
  }

  private func texts(of field: String, _ first: Int, _ rows: Int) throws -> [String] {
    if dataset.numericFields.contains(where: { $0.name == field }) {
      return try dataset.readField(field, offset: [first], count: [rows]).map { "\($0)" }
    }
    return try dataset.readTextField(field, offset: [first], count: [rows])
  }
}
