import Foundation
import HDF5
import WeftBase
import WeftData

/// Reads the sequences of one file.
struct HierarchySource {
  private let file: File
  private let options: HierarchyDataset
  private let axes: AxisOrder

  init(_ file: File, _ options: HierarchyDataset, _ axes: AxisOrder) {
    self.file = file
    self.options = options
    self.axes = axes
  }

  /// Classes by which targets are numbered.
  enum Classes {
    case texts(Set<String>)
    case members([String])
  }

  /// Names in place of `{}`, in natural order; nil if the file is one sequence or one array of them.
  private func names() throws -> [String]? {
    guard let pattern = options.inputs.first(where: { $0.contains("{}") }) else { return nil }
    let range = pattern.range(of: "{}")
    let before = range.map { String(pattern[..<$0.lowerBound]) } ?? ""
    let (parent, prefix) =
      before.lastIndex(of: "/").map {
        (String(before[..<$0]), String(before[before.index(after: $0)...]))
      }
      ?? ("", before)
    let container: any Container =
      parent.isEmpty || parent == "/" ? file : try file.group(parent)
    let rest = range.map { String(pattern[$0.upperBound...]) } ?? ""
    let ending = rest.prefix { $0 != "/" && $0 != "@" }
    let names = try container.children.map(\.name).filter {
      $0.hasPrefix(prefix) && $0.hasSuffix(ending) && $0.count >= prefix.count + ending.count
    }.map { String($0.dropFirst(prefix.count).dropLast(ending.count)) }
    let found = try names.filter { name in
      let path = Place(pattern, name: name).path
      return try file.contains(path)
    }
    guard !found.isEmpty else {
      throw WeftError.data("\(file.path): nothing matches '\(pattern)'")
    }
    return found.sorted { $0.precedesNaturally($1) }
  }

  /// A path of a dataset or a group, and the name of an attribute there.
  private struct Place {
    let path: String
    let attribute: String?

    init(_ pattern: String, name: String?) {
      let text = name.map { pattern.replacing("{}", with: $0) } ?? pattern
      let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      path = parts[0].isEmpty ? "/" : parts[0]
      attribute = parts.count > 1 ? parts[1] : nil
    }
  }

  /// The classes of the targets; nil if they are numbers.
  func classNames() throws -> Classes? {
    var found: Set<String> = []
    guard let pattern = options.targets else { return try fieldClasses() }
    for name in try names().map({ $0.map(Optional.some) }) ?? [nil] {
      let place = Place(pattern, name: name)
      if let attribute = place.attribute {
        let attributes = try attributes(of: place.path)
        guard let texts = try? attributes.values(attribute, as: String.self) else { return nil }
        found.formUnion(texts)
        continue
      }
      let dataset = try file.dataset(place.path)
      switch dataset.datatype {
      case .string, .fixedString: found.formUnion(try dataset.read(as: String.self))
      case .enumeration(_, let members):
        return .members(members.sorted { $0.value < $1.value }.map(\.name))
      default: return nil
      }
    }
    return .texts(found)
  }

  private func fieldClasses() throws -> Classes? {
    guard let field = options.targetField, let input = options.inputs.first else { return nil }
    let dataset = try file.dataset(input)
    guard case .compound(let fields) = dataset.datatype,
      case .fixedString? = fields.first(where: { $0.name == field })?.type
    else { return nil }
    return .texts(
      Set(try dataset.readTextField(field, offset: [0], count: [try dataset.shape.first ?? 0])))
  }

  private func attributes(of path: String) throws -> Attributes {
    if path == "/" { return file.attributes }
    if let group = try? file.group(path) { return group.attributes }
    return try file.dataset(path).attributes
  }

  /// Calls `body` with each sequence.
  func forEachSequence(_ body: (SourceSequence) throws -> Void) throws {
    if let names = try names() {
      for name in names { try body(try sequence(named: name)) }
      return
    }
    let datasets = try options.inputs.map { path in
      guard try file.contains(path) else {
        throw WeftError.data("\(file.path): no dataset '\(path)'")
      }
      return try file.dataset(path)
    }
    guard let first = datasets.first else { throw WeftError.usage("give the inputs with --inputs") }
    if case .compound = first.datatype {
      return try RecordReader(first, options).forEachSequence(body)
    }
    if case .sequence = first.datatype { return try forEachRow(of: datasets, body) }
    let rank = try first.shape.count
    guard let order = axes.order(rank: rank, isSequence: options.files.count > 1) else {
      throw WeftError.data(
        "\(file.path): dataset \(first.path): has the shape \(try first.shape); say with --axes what its dimensions are"
      )
    }
    if order.sequence == nil { return try body(try sequence(named: nil)) }
    try SequenceArray(datasets, order, file: file.path).forEachSequence { number, values, width in
      try body(
        SourceSequence(
          values: values, width: width, isPrecise: first.datatype.exceedsSinglePrecision,
          target: try rowTarget(number, steps: values.count / max(width, 1)),
          group: try rowGroup(number)))
    }
  }

  /// A sequence of its own group, dataset or file.
  private func sequence(named name: String?) throws -> SourceSequence {
    var columns: [(values: [Double], width: Int)] = []
    var isPrecise = false
    for pattern in options.inputs {
      let dataset = try file.dataset(Place(pattern, name: name).path)
      guard dataset.datatype.isNumeric else {
        throw WeftError.data(
          "\(file.path): dataset \(dataset.path): has type \(dataset.datatype), expected numbers")
      }
      let shape = try dataset.shape
      guard let order = axes.order(rank: shape.count, isSequence: true), order.sequence == nil
      else {
        throw WeftError.data(
          "\(file.path): dataset \(dataset.path): has the shape \(shape); a sequence has steps, or steps and features"
        )
      }
      columns.append(try SequenceArray([dataset], order, file: file.path).whole())
      isPrecise = isPrecise || dataset.datatype.exceedsSinglePrecision
    }
    let (values, width) = try Self.sideBySide(
      columns, file: "\(file.path)\(name.map { ": '\($0)'" } ?? "")")
    return SourceSequence(
      values: values, width: width, isPrecise: isPrecise,
      target: try options.targets.map {
        try target(Place($0, name: name), steps: values.count / max(width, 1))
      },
      group: try options.groups.map { try text(of: Place($0, name: name)) }, name: fullName(name))
  }

  /// The name of a sequence among those of all files.
  private func fullName(_ name: String?) -> String? {
    guard options.files.count > 1 else { return name }
    let stem = URL(filePath: file.path).deletingPathExtension().lastPathComponent
    return name.map { "\(stem)/\($0)" } ?? stem
  }

  static func sideBySide(
    _ columns: [(values: [Double], width: Int)], file: String
  ) throws -> (values: [Double], width: Int) {
    if columns.count == 1 { return columns[0] }
    let steps = columns.map { $0.width == 0 ? 0 : $0.values.count / $0.width }
    guard Set(steps).count == 1 else {
      throw WeftError.data(
        "\(file): its inputs have \(steps.map(String.init).joined(separator: ", ")) steps")
    }
    let values = (0..<steps[0]).flatMap { step in
      columns.flatMap { $0.values[step * $0.width..<(step + 1) * $0.width] }
    }
    return (values, columns.reduce(0) { $0 + $1.width })
  }

  private func target(_ place: Place, steps: Int) throws -> SourceSequence.Target {
    if let attribute = place.attribute {
      let attributes = try attributes(of: place.path)
      if let texts = try? attributes.values(attribute, as: String.self), texts.count == 1 {
        return .text(texts[0])
      }
      let numbers = try attributes.values(attribute, as: Double.self)
      return .numbers(
        numbers, width: numbers.count, areIntegers: numbers.allSatisfy { $0 == $0.rounded() })
    }
    let dataset = try file.dataset(place.path)
    let shape = try dataset.shape
    switch dataset.datatype {
    case .string, .fixedString:
      let texts = try dataset.read(as: String.self)
      return texts.count == 1 ? .text(texts[0]) : .texts(texts)
    case .enumeration(_, let members):
      let ordered = members.sorted { $0.value < $1.value }
      let numbers = try dataset.read(as: Int64.self).map { value in
        Double(ordered.firstIndex { $0.value == value } ?? -1)
      }
      return .numbers(numbers, width: shape.first == steps ? 1 : numbers.count, areIntegers: true)
    default:
      let numbers = try dataset.read(as: Double.self)
      let isPerStep = shape.first == steps && steps > 1
      return .numbers(
        numbers, width: isPerStep ? numbers.count / steps : numbers.count,
        areIntegers: dataset.datatype.isInteger)
    }
  }

  private func text(of place: Place) throws -> String {
    if let attribute = place.attribute {
      let attributes = try attributes(of: place.path)
      if let texts = try? attributes.values(attribute, as: String.self) { return texts.joined() }
      return try attributes.values(attribute, as: Double.self).map { "\($0)" }.joined(
        separator: ",")
    }
    let dataset = try file.dataset(place.path)
    return dataset.datatype.isString
      ? try dataset.read(as: String.self).joined()
      : try dataset.read(as: Double.self).map { "\($0)" }.joined(separator: ",")
  }

  /// The row of the targets of an array of sequences.
  private func rowTarget(_ row: Int, steps: Int) throws -> SourceSequence.Target? {
    guard let path = options.targets else { return nil }
    let dataset = try file.dataset(path)
    let shape = try dataset.shape
    guard let rows = shape.first, row < rows else {
      throw WeftError.data(
        "\(file.path): dataset \(path): has \(shape.first ?? 0) rows, fewer than there are sequences"
      )
    }
    let rest = Array(shape.dropFirst())
    let (offset, count) = ([row] + rest.map { _ in 0 }, [1] + rest)
    if dataset.datatype.isString {
      return .text(try dataset.read(as: String.self, offset: offset, count: count)[0])
    }
    var numbers = try dataset.read(as: Double.self, offset: offset, count: count)
    if case .enumeration(_, let members) = dataset.datatype {
      let ordered = members.sorted { $0.value < $1.value }
      numbers = numbers.map { value in
        Double(ordered.firstIndex { Double($0.value) == value } ?? -1)
      }
    }
    let isPerStep = rest.first == steps && steps > 1
    var areIntegers = dataset.datatype.isInteger
    if case .enumeration = dataset.datatype { areIntegers = true }
    return .numbers(
      numbers, width: isPerStep ? numbers.count / steps : numbers.count, areIntegers: areIntegers)
  }

  private func rowGroup(_ row: Int) throws -> String? {
    guard let path = options.groups else { return nil }
    let dataset = try file.dataset(path)
    return dataset.datatype.isString
      ? try dataset.read(as: String.self, offset: [row], count: [1])[0]
      : try dataset.read(as: Double.self, offset: [row], count: [1]).map { "\($0)" }[0]
  }

  /// Rows of variable length: of steps, or of steps times features.
  private func forEachRow(of datasets: [Dataset], _ body: (SourceSequence) throws -> Void) throws {
    let count = try datasets[0].shape.first ?? 0
    for row in 0..<count {
      let columns = try datasets.map { dataset in
        let values = try dataset.readSequences(as: Double.self, offset: [row], count: [1])[0]
        guard values.count.isMultiple(of: options.width) else {
          throw WeftError.data(
            "\(file.path): dataset \(dataset.path): row \(row) has \(values.count) values, no multiple of --width"
              + " \(options.width)")
        }
        return (values: values, width: options.width)
      }
      let (values, width) = try Self.sideBySide(columns, file: "\(file.path): row \(row)")
      var isPrecise = false
      if case .sequence(let base) = datasets[0].datatype { isPrecise = base.exceedsSinglePrecision }
      try body(
        SourceSequence(
          values: values, width: width, isPrecise: isPrecise,
          target: try rowTarget(row, steps: values.count / max(width, 1)), group: try rowGroup(row))
      )
    }
  }
}

extension String {
  /// Whether it comes before another text when runs of digits count as numbers.
  func precedesNaturally(_ other: String) -> Bool {
    compare(other, options: [.numeric]) == .orderedAscending
  }
}
