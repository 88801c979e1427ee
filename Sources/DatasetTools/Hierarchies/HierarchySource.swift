import Foundation
import HDF5
import WeftBase
import WeftData

/// Reads the sequences of one file.
struct HierarchySource {
  let file: File
  let options: HierarchyDataset
  let objects: SourceObjects
  let forms: StoredForms
  let notes: HierarchyNotes
  let axes: AxisOrder
  private let shared = SharedPlaces()

  /// - Parameter forms: What groups of the file stand for.
  init(
    _ file: File, _ options: HierarchyDataset, _ axes: AxisOrder, _ notes: HierarchyNotes, forms: StoredForms
  ) {
    self.file = file
    objects = forms.objects
    self.forms = forms
    self.options = options
    self.axes = axes
    self.notes = notes
  }

  /// How the file contains sequences.
  enum Organization {
    /// A group or a dataset for each, by names.
    case named([String])
    /// Records, one for each step.
    case records(Dataset)
    /// A row of variable length for each.
    case variableRows([Dataset])
    /// Arrays of steps, in which datasets tell where sequences begin or end.
    case runs([Dataset], bounds: RunReader.Bounds)
    /// Arrays of references, each to a sequence.
    case cells([Dataset])
    /// Arrays of sequences, or of one.
    case arrays([Dataset])
  }

  /// - Throws: If an input is missing, or an option means nothing to it.
  func organization() throws -> Organization {
    if let names = try names() {
      try refuse(
        ["--fields": !options.fields.isEmpty, "--target-field": options.targetField != nil],
        "is for records, but '{}' names arrays")
      try refuse(
        ["--sequence-field": options.sequenceField != nil, "--ends": !options.ends.isEmpty],
        "is for arrays of steps, but '{}' names sequences")
      try refuse(["--width": options.width != 1], "is for rows of variable length, but '{}' names arrays")
      return .named(names)
    }
    try refuse(
      ["--split-lists": !options.splitLists.isEmpty],
      "is for sequences with names, which '{}' in --inputs stands for")
    let datasets = try inputPatterns(first: nil).map(forms.dataset)
    guard let first = datasets.first else { throw WeftError.usage("give the inputs with --inputs") }
    let place = "\(file.path): dataset \(first.path)"
    if case .compound(let fields) = first.datatype {
      if ComplexNumbers.are(fields) {
        throw WeftError.data("\(place): contains complex numbers; \(ComplexNumbers.advice)")
      }
      guard datasets.count == 1 else {
        throw WeftError.usage(
          "--inputs: \(place): contains records, which are read alone; choose columns with --fields")
      }
      try refuse(
        ["--targets": options.targets != nil],
        "is a dataset, but \(place): contains records, whose target is a field; use --target-field")
      try refuse(
        ["--groups": options.groups != nil],
        "is a dataset, but \(place): contains records; sequences with equal values of --sequence-field stay together"
      )
      try refuse(
        ["--axes": axes.rank > 0, "--ends": !options.ends.isEmpty],
        "is for arrays, but \(place): contains records")
      try refuse(
        ["--width": options.width != 1], "is for rows of variable length, but \(place): contains records")
      return .records(first)
    }
    try refuse(
      ["--fields": !options.fields.isEmpty, "--target-field": options.targetField != nil],
      "is for records, but \(place): has type \(first.datatype)")
    if case .sequence = first.datatype {
      try refuse(["--axes": axes.rank > 0], "is for arrays, but \(place): has rows of variable length")
      try refuse(
        ["--sequence-field": options.sequenceField != nil, "--ends": !options.ends.isEmpty],
        "is for arrays of steps, but \(place): has rows of variable length")
      return .variableRows(datasets)
    }
    try refuse(
      ["--width": options.width != 1],
      "is for rows of variable length, but \(place): has type \(first.datatype)")
    if first.datatype == .reference {
      try refuse(
        ["--sequence-field": options.sequenceField != nil, "--ends": !options.ends.isEmpty],
        "is for arrays of steps, but \(place): refers to a dataset for each sequence")
      return .cells(datasets)
    }
    for dataset in datasets { try dataset.checkHasOwnValues() }
    if !options.ends.isEmpty {
      if options.sequenceField != nil {
        throw WeftError.usage(
          "--ends cannot be combined with --sequence-field: both tell where sequences are")
      }
      return .runs(datasets, bounds: .ends(try options.ends.map(forms.dataset)))
    }
    guard let keys = options.sequenceField else { return .arrays(datasets) }
    guard try file.contains(keys) else {
      throw WeftError.usage(
        "--sequence-field: \(place): has no fields, and there is no dataset '\(keys)' whose values could tell where"
          + " sequences begin")
    }
    return .runs(datasets, bounds: .keys(try forms.dataset(keys)))
  }

  private func refuse(_ options: [String: Bool], _ reason: String) throws(WeftError) {
    for (name, isGiven) in options.sorted(by: { $0.key < $1.key }) where isGiven {
      throw .usage("\(name) \(reason)")
    }
  }

  /// The table that pandas wrote, if that is the only input, and read with no option that is for something else.
  func pandasFrame() throws -> PandasFrame? {
    guard options.inputs.count == 1, let path = options.inputs.first, !path.contains("{}"),
      !path.contains("@"), !path.contains("*"), options.targets == nil, options.groups == nil, axes.rank == 0,
      options.sequenceField == nil, options.ends.isEmpty, options.width == 1
    else { return nil }
    // Fields of its records have names of their own.
    if options.fields.isEmpty, options.targetField == nil { return try PandasFrame(file, path) }
    return try (try? file.group(path)) == nil ? nil : PandasFrame(file, path)
  }

  /// Calls `body` with each sequence.
  func forEachSequence(_ body: (SourceSequence) throws -> Void) throws {
    if let frame = try pandasFrame() {
      return try body(frame.sequence(options, name: options.files.count > 1 ? fullName(nil) : nil, notes))
    }
    switch try organization() {
    case .named(let names):
      let inputs = try inputPatterns(first: names.first)
      let splits = try listedSplits(names)
      let siblings = siblings(of: names)
      for (number, name) in names.enumerated() {
        if !options.splitLists.isEmpty, splits[name] == nil {
          notes.unlistedCount += 1
          continue
        }
        if axes.sequence != nil {
          let datasets = try inputs.map { try forms.dataset(Place($0, name: name).path) }
          for dataset in datasets { try dataset.checkHasOwnValues() }
          try forEachSequence(of: datasets, named: name) { sequence in
            var sequence = sequence
            sequence.split = splits[name]
            try body(sequence)
          }
          continue
        }
        var sequence = try sequence(
          named: name, inputs, number: number, of: names.count, siblings[number])
        sequence.split = splits[name]
        try body(sequence)
      }
    case .records(let dataset): try RecordReader(dataset, options, notes).forEachSequence(body)
    case .variableRows(let datasets): try forEachRow(of: datasets, body)
    case .runs(let datasets, let bounds):
      guard axes.rank == 0 || axes.sequence == nil && axes.time == 0 else {
        throw WeftError.usage("--axes: with --sequence-field or --ends, the first axis is T (time steps)")
      }
      try RunReader(
        datasets, bounds, targets: try targetReader(), groups: try options.groups.map(forms.dataset),
        notes
      ).forEachSequence(body)
    case .cells(let datasets):
      let reader = try CellReader(
        datasets, targets: try options.targets.map(forms.dataset), axes, objects, notes)
      try checkGroups(count: reader.count)
      try reader.forEachSequence(group: rowGroup, body)
    case .arrays(let datasets): try forEachSequence(of: datasets, body)
    }
  }

  /// A sequence of its own group, dataset or file.
  ///
  /// - Parameters:
  ///   - number: Its number among those of the file.
  ///   - count: How many there are.
  ///   - sibling: Its number among those that share the first parts of its name; nil if targets are not theirs together.
  func sequence(
    named name: String?, _ inputs: [String], number: Int, of count: Int, _ sibling: Sibling? = nil
  ) throws -> SourceSequence {
    if inputs.count == 1, options.targets == nil, options.groups == nil,
      let frame = try PandasFrame(file, Place(inputs[0], name: name).path)
    {
      return try frame.sequence(options, name: fullName(name), notes)
    }
    var columns: [(values: [Double], width: Int)] = []
    var isPrecise = false
    var order = axes
    for pattern in inputs {
      let dataset = try forms.dataset(Place(pattern, name: name).path)
      try dataset.checkHasOwnValues()
      guard dataset.datatype.isNumeric else {
        throw WeftError.data(
          "\(file.path): dataset \(dataset.path): has type \(dataset.datatype), expected numbers")
      }
      let shape = axes.rank > 1 ? try dataset.shape : try dataset.stepShape
      try checkReversedOrder(dataset)
      guard
        let own = try namedOrder(dataset, isSequence: true) ?? matlabOrder(dataset, name: name)
          ?? axes.order(rank: shape.count, isSequence: true), own.sequence == nil
      else {
        throw WeftError.data(
          "\(file.path): dataset \(dataset.path): has the shape \(shape); a sequence has steps, or steps and features;"
            + " \(axes.advice(rank: shape.count, isSequence: true))")
      }
      order = own
      columns.append(try SequenceArray([dataset], own, notes).whole())
      isPrecise = isPrecise || dataset.datatype.exceedsSinglePrecision
    }
    var (values, width) = try Self.sideBySide(
      columns, file: "\(file.path)\(name.map { ": '\($0)'" } ?? "")")
    if let name, width > 0, try hasLastObservation(name, steps: values.count / width) {
      values.removeLast(width)
    }
    return SourceSequence(
      values: values, width: width, isPrecise: isPrecise,
      target: try options.targets.map {
        let place = Place($0, name: name)
        let isShared = name != nil && !$0.contains("{}")
        return try target(
          place, steps: values.count / max(width, 1), order,
          shared: isShared ? (number, count) : sibling.flatMap { try row($0, of: place) })
      },
      group: try options.groups.map {
        try text(of: Place($0, name: name), shared: name != nil && !$0.contains("{}") ? (number, count) : nil)
      }, name: fullName(name))
  }

  /// The name of a sequence among those of all files.
  func fullName(_ name: String?) -> String? {
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

  /// The target of a sequence of its own group, dataset or file.
  ///
  /// - Parameter shared: Its number, and how many there are, if the place is that of the targets of all.
  func target(
    _ place: Place, steps: Int, _ order: AxisOrder, shared: (number: Int, count: Int)?
  ) throws -> SourceSequence.Target {
    /// What a place that has one value for each sequence, or one for all of a file, has for this one.
    func index(among count: Int) throws -> Int {
      guard let shared, count != shared.count else { return shared?.number ?? 0 }
      if count == 1, options.files.count > 1 { return 0 }
      throw WeftError.data(
        "\(file.path): '\(options.targets ?? "")' has \(count) rows, but there are \(shared.count) sequences; give one for"
          + " each, in the natural order of their names, or a path with '{}'")
    }
    if let attribute = place.attribute {
      let attributes = try attributes(of: place.path)
      let texts = try attributes.texts(of: attribute) {
        .data("\(file.path): attribute \(attribute) of \(place.path): \($0)")
      }
      if let texts {
        if shared != nil { return .text(texts[try index(among: texts.count)]) }
        if texts.count == 1 { return .text(texts[0]) }
      }
      var numbers = try attributes.values(attribute, as: Double.self)
      if shared != nil { numbers = [numbers[try index(among: numbers.count)]] }
      return .numbers(
        numbers, width: numbers.count, areIntegers: numbers.allSatisfy { $0 == $0.rounded() })
    }
    guard shared != nil else {
      return try TargetReader(try forms.dataset(place.path), objects, notes).whole(steps: steps, order)
    }
    let reader = try self.shared.targets(at: place.path) {
      try TargetReader(forms.dataset(place.path), objects, notes)
    }
    let row = try index(among: reader.shape.first ?? 1)
    return reader.shape.isEmpty ? try reader.whole(steps: 0, order) : try reader.row(row, steps: steps)
  }

  /// What a place has for a sequence: the texts or numbers there, or where it is a group, its path.
  func text(of place: Place, shared: (number: Int, count: Int)?) throws -> String {
    if let path = try groupPath(place) { return path }
    func chosen(_ values: [String]) throws -> String {
      guard let shared, values.count > 1 else { return values.joined(separator: ",") }
      guard values.count == shared.count else {
        throw WeftError.data(
          "\(file.path): '\(options.groups ?? "")' has \(values.count) values, but there are \(shared.count) sequences"
        )
      }
      return values[shared.number]
    }
    if let attribute = place.attribute {
      let attributes = try attributes(of: place.path)
      if let texts = try? attributes.values(attribute, as: String.self) { return try chosen(texts) }
      return try chosen(attributes.values(attribute, as: Double.self).map { "\($0)" })
    }
    func values() throws -> [String] {
      let dataset = try forms.dataset(place.path)
      return try dataset.datatype.isString
        ? dataset.read(as: String.self) : dataset.read(as: Double.self).map { "\($0)" }
    }
    return try chosen(shared == nil ? values() : self.shared.texts(at: place.path, values))
  }

  /// The path of a group of the file, which `{}` in the pattern has named; nil for anything else.
  func groupPath(_ place: Place) throws -> String? {
    guard place.attribute == nil, options.groups?.contains("{}") == true,
      let path = try? objects.resolved(place.path), (try? file.group(path)) != nil
    else { return nil }
    return place.path
  }

  /// - Throws: If the groups of sequences are not as many as those.
  func checkGroups(count: Int) throws {
    guard let path = options.groups else { return }
    let dataset = try forms.dataset(path)
    guard try dataset.shape == [count] else {
      throw WeftError.data(
        "\(file.path): dataset \(dataset.path): has the shape \(try dataset.shape); --groups needs one value for each of"
          + " \(count) sequences")
    }
  }

  func rowGroup(_ row: Int) throws -> String? {
    guard let path = options.groups else { return nil }
    let dataset = try forms.dataset(path)
    return dataset.datatype.isString
      ? try dataset.read(as: String.self, offset: [row], count: [1])[0]
      : try dataset.read(as: Double.self, offset: [row], count: [1]).map { "\($0)" }[0]
  }
}
