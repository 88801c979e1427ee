import Foundation
import HDF5
import WeftBase

/// A table that pandas wrote to a group of a file, by `DataFrame.to_hdf`, in its fixed form or as a table of PyTables: its
/// numeric columns with their names, and its index if that is of times.
struct PandasFrame {
  /// Columns side by side: a dataset of blocks, or a field of records.
  private struct Block {
    let dataset: Dataset
    /// The field of records; nil for an array.
    let field: String?
    let names: [String]
  }

  let path: String
  private let blocks: [Block]
  /// The columns in the order of the frame: the block of each and its place there.
  private let columns: [(name: String, block: Int, place: Int)]
  /// Columns that are no numbers.
  private let others: [String]
  /// The times of the rows, and what they are; nil if the index tells none.
  private let index: (dataset: Dataset, field: String?, perSecond: Double, scale: TimeScale)?
  private let rows: Int

  /// The frame of a group, of its table or of one of its blocks; nil if pandas did not write it.
  ///
  /// - Throws: If it is of a kind that is not read, or is damaged.
  init?(_ file: File, _ path: String) throws {
    guard try file.contains(path) else { return nil }
    let group: Group
    if let own = try? file.group(path) {
      group = own
    } else {
      let name = PathParts.name(of: path)
      guard name == "table" || name.wholeMatch(of: /block\d+_values/) != nil,
        let above = try? file.group(PathParts.folder(of: path))
      else { return nil }
      group = above
    }
    guard let kind = try? group.attributes.value("pandas_type", as: String.self) else { return nil }
    self.path = group.path
    let hasLevels =
      (try? group.attributes.value("axis1_variety", as: String.self)) == "multi"
      || (try? group.attributes.value("table_type", as: String.self))?.contains("multi") == true
    if hasLevels {
      throw WeftError.data(
        "\(file.path): group \(group.path): its index has several levels, whose series would run together; write it as a table,"
          + " frame.reset_index().to_csv('x.csv'), for weft data table with --group")
    }
    switch kind {
    case "frame":
      (blocks, others, rows) = try Self.fixedBlocks(group)
      index = try Self.fixedIndex(group)
      columns = Self.ordered(blocks, like: (try? Self.names("axis0", in: group)) ?? [])
    case "frame_table":
      let table = try group.dataset("table")
      blocks = Self.tableBlocks(table)
      others = Self.textColumns(table)
      rows = try table.shape.first ?? 0
      index = Self.tableIndex(table, group)
      let order = (try? group.attributes.value("non_index_axes", as: String.self)).flatMap(PickledNames.init)
      columns = Self.ordered(blocks, like: order?.axis ?? [])
    default:
      throw WeftError.data(
        "\(file.path): group \(group.path): is of pandas, but a '\(kind)' rather than a frame; write it with"
          + " Series.to_frame or to_csv")
    }
    guard !columns.isEmpty else {
      throw WeftError.data("\(file.path): group \(group.path): has no columns of numbers")
    }
  }

  private static func ordered(
    _ blocks: [Block], like order: [String]
  ) -> [(name: String, block: Int, place: Int)] {
    let all = blocks.enumerated().flatMap { block, content in
      content.names.enumerated().map { (name: $1, block: block, place: $0) }
    }
    let ranks = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    return all.enumerated().sorted {
      (ranks[$0.element.name] ?? .max, $0.offset) < (ranks[$1.element.name] ?? .max, $1.offset)
    }.map(\.element)
  }

  private static func texts(_ dataset: Dataset) throws -> [String] {
    if dataset.datatype.isString { return try dataset.read(as: String.self) }
    return try dataset.read(as: Double.self).map { NumberText.json($0) }
  }

  /// The names of an axis, of which those of several levels are joined.
  private static func names(_ axis: String, in group: Group) throws -> [String] {
    guard (try? group.attributes.value("\(axis)_variety", as: String.self)) == "multi" else {
      return try texts(group.dataset(axis))
    }
    var levels: [[String]] = []
    while levels.count < 64, try group.contains("\(axis)_level\(levels.count)") {
      let names = try texts(group.dataset("\(axis)_level\(levels.count)"))
      let numbers = try group.dataset("\(axis)_label\(levels.count)").read(as: Int.self)
      levels.append(numbers.map { names.indices.contains($0) ? names[$0] : "" })
    }
    guard let first = levels.first, levels.allSatisfy({ $0.count == first.count }) else { return [] }
    return first.indices.map { place in ColumnLevels.joined(levels.map { $0[place] }) }
  }

  /// Whether numbers are times, or the numbers of categories, by their type or what pandas calls it.
  private static func haveOtherMeaning(_ kind: String?) -> Bool {
    guard let kind else { return false }
    return kind == "category" || kind.hasPrefix("datetime64") || kind.hasPrefix("timedelta64")
  }

  private static func haveOtherMeaning(_ field: String, of table: Dataset) -> Bool {
    ["dtype", "meta"].contains { name in
      haveOtherMeaning(try? table.attributes.value("\(field)_\(name)", as: String.self))
    }
  }

  private static func fixedBlocks(_ group: Group) throws -> ([Block], others: [String], rows: Int) {
    var (blocks, others, rows) = ([Block](), [String](), 0)
    for number in 0..<10_000 {
      guard try group.contains("block\(number)_values") else { break }
      let values = try group.dataset("block\(number)_values")
      let shape = try values.shape
      let kind = try? values.attributes.value("value_type", as: String.self)
      guard values.datatype.isNumeric, shape.count == 2, !haveOtherMeaning(kind) else {
        others += (try? names("block\(number)_items", in: group)) ?? []
        continue
      }
      var names = try names("block\(number)_items", in: group)
      if names.count != shape[1] { names = (0..<shape[1]).map { "\(number).\($0)" } }
      guard blocks.isEmpty || rows == shape[0] else {
        throw WeftError.data(
          "\(values.file): dataset \(values.path): has \(shape[0]) rows, but the blocks before it have \(rows)"
        )
      }
      rows = shape[0]
      blocks.append(Block(dataset: values, field: nil, names: names))
    }
    return (blocks, others, rows)
  }

  private static func tableBlocks(_ table: Dataset) -> [Block] {
    table.numericFields.filter { $0.name != "index" && !haveOtherMeaning($0.name, of: table) }.map {
      field, count in
      let names =
        (try? table.attributes.value("\(field)_kind", as: String.self)).flatMap(PickledNames.init)?.list
      return Block(
        dataset: table, field: field,
        names: names?.count == count
          ? names ?? [] : count == 1 ? [field] : (0..<count).map { "\(field).\($0)" })
    }
  }

  /// The columns of a table whose values are no numbers.
  private static func textColumns(_ table: Dataset) -> [String] {
    guard case .compound(let fields) = table.datatype else { return [] }
    let known = Set(table.numericFields.map(\.name).filter { !haveOtherMeaning($0, of: table) })
    return fields.map(\.name).filter { !known.contains($0) && $0 != "index" }.flatMap { field in
      (try? table.attributes.value("\(field)_kind", as: String.self)).flatMap(PickledNames.init)?.list ?? [
        field
      ]
    }
  }

  /// Counts of a kind of index in a second, such as `datetime64[us]`; nil for other kinds.
  private static func perSecond(_ kind: String) -> Double? {
    guard kind.hasPrefix("datetime64") else { return nil }
    return switch kind.dropFirst("datetime64".count).prefix(3) {
    case "[s]": 1
    case "[ms": 1e3
    case "[us": 1e6
    default: 1e9
    }
  }

  /// - Parameter zone: What tells the time zone, perhaps pickled; nil for times without one.
  private static func scale(_ zone: String?) -> TimeScale {
    guard let zone else { return .local }
    for match in zone.matches(of: /[A-Za-z]+(?:\/[A-Za-z_+\-]+)+|UTC/) {
      // A pickled text begins with V.
      if let found = TimeZone(identifier: String(match.0))
        ?? TimeZone(identifier: String(match.0.dropFirst()))
      {
        return found.identifier == "GMT" ? .absolute : .zone(found)
      }
    }
    return .absolute
  }

  private static func fixedIndex(
    _ group: Group
  ) throws -> (dataset: Dataset, field: String?, perSecond: Double, scale: TimeScale)? {
    guard try group.contains("axis1") else { return nil }
    let axis = try group.dataset("axis1")
    guard let kind = try? axis.attributes.value("kind", as: String.self), let perSecond = perSecond(kind)
    else { return nil }
    return (axis, nil, perSecond, scale(try? axis.attributes.value("tz", as: String.self)))
  }

  private static func tableIndex(
    _ table: Dataset, _ group: Group
  ) -> (dataset: Dataset, field: String?, perSecond: Double, scale: TimeScale)? {
    guard let kind = try? table.attributes.value("index_kind", as: String.self),
      let perSecond = perSecond(kind), table.numericFields.contains(where: { $0.name == "index" })
    else { return nil }
    // What pandas knows of the index, pickled: its zone follows the word tz.
    let info = (try? group.attributes.value("info", as: String.self)) ?? ""
    let zone = info.range(of: #"[VS]'?tz'?\n"#, options: .regularExpression).map {
      String(info[$0.upperBound...])
    }
    return (table, "index", perSecond, scale(zone))
  }

  /// The rows as one sequence, of some columns or all.
  ///
  /// - Throws: If a column is missing, or the file is damaged.
  func sequence(_ options: HierarchyDataset, name: String?, _ notes: HierarchyNotes) throws -> SourceSequence
  {
    func column(_ name: String) throws(WeftError) -> Int {
      guard let place = columns.firstIndex(where: { $0.name == name }) else {
        throw .usage(
          "--fields: \(path): has no column '\(name)' of numbers; its columns are"
            + " \(columns.prefix(20).map(\.name).joined(separator: ", "))\(columns.count > 20 ? ", …" : "")")
      }
      return place
    }
    let target = try options.targetField.map(column)
    let chosen =
      options.fields.isEmpty
      ? columns.indices.filter { $0 != target } : try options.fields.map { try column($0) }
    let contents = try blocks.map { block in
      if let field = block.field {
        return rows == 0 ? [] : try block.dataset.readField(field, offset: [0], count: [rows])
      }
      return try block.dataset.read(as: Double.self)
    }
    func value(_ row: Int, _ column: Int) -> Double {
      let (_, block, place) = columns[column]
      return contents[block][row * blocks[block].names.count + place]
    }
    var values: [Double] = []
    values.reserveCapacity(rows * chosen.count)
    for row in 0..<rows { for column in chosen { values.append(value(row, column)) } }
    let numbers = target.map { target in (0..<rows).map { value($0, target) } }
    var sequence = SourceSequence(
      values: values, width: chosen.count, isPrecise: true,
      target: numbers.map { numbers in
        .numbers(numbers, width: 1, areIntegers: numbers.allSatisfy { $0 == $0.rounded() })
      }, group: nil, name: name)
    sequence.featureNames = chosen.map { columns[$0].name }
    if let index {
      let raw =
        try index.field.map { try index.dataset.readField($0, offset: [0], count: [rows]) }
        ?? index.dataset.read(as: Double.self)
      guard raw.count == rows else {
        throw WeftError.data(
          "\(index.dataset.file): dataset \(index.dataset.path): has \(raw.count) times, but the columns have \(rows) rows"
        )
      }
      // Double precision holds nanoseconds since 1970 to a fraction of a microsecond.
      sequence.times = raw.map { ($0 / index.perSecond * 1e6).rounded() / 1e6 }
      sequence.scale = index.scale
    }
    let shown = sequence.featureNames.prefix(4).joined(separator: ", ") + (chosen.count > 4 ? ", …" : "")
    notes.add(
      "\(name == nil ? path : "groups"): read \(chosen.count) \(chosen.count == 1 ? "column" : "columns") of pandas (\(shown))"
        + (index == nil ? "; the index has no times" : ", with the times of the index")
        + (others.isEmpty
          ? "" : "; left out columns that are no numbers: \(others.prefix(4).joined(separator: ", "))"))
    return sequence
  }
}
