import HDF5
import WeftBase

extension DatasetFinder {
  /// A reader of inputs, with the columns that are categories.
  ///
  /// - Parameters:
  ///   - name: A dataset of `data.inputs`, `data.static` or `data.covariates`.
  ///   - format: Layout of the steps; nil for one row per sequence.
  ///   - isAlone: Whether there are no other inputs, so that tokens remain tokens.
  func inputReader(
    _ name: String, format: DataFormat?, isAlone: Bool, key: String = "data.inputs"
  ) throws -> SequenceReader {
    let finder = isAlone || readsTokens(name) ? self : withoutVocabulary
    var reader = try finder.reader(name, format: format, isTarget: false, key: key)
    if case .tokens(let count) = reader.content, !isAlone || data.categories.contains(name) {
      reader = SequenceReader(
        dataset: reader.dataset, file: file, content: .features(1), isScalar: reader.isScalar)
      reader.isVector = try reader.dataset.isMATLABVector
      reader.categories = [CategoryColumn(column: 0, name: label(name), names: [], count: count)]
      return reader
    }
    if data.categories.contains(name) {
      reader.categories = try (0..<reader.width).map { column in
        let label = reader.width == 1 ? label(name) : "\(label(name))/\(column)"
        return try categoryColumn(column, label)
      }
    } else {
      for (column, label) in try reader.dataset.featureNames().enumerated().prefix(reader.width)
      where data.categories.contains(label) {
        reader.categories.append(try categoryColumn(column, label))
      }
    }
    return reader
  }

  /// Whether one of several inputs has the tokens of the vocabulary: `tokens`, otherwise the first, unless it has
  /// categories of its own.
  private func readsTokens(_ name: String) -> Bool {
    if label(name) == "tokens" { return true }
    let names = data.inputs
    return name == names.first && !data.categories.contains(name) && !names.contains { label($0) == "tokens" }
  }

  /// Readers of `data.static`: one row for each sequence.
  func staticReaders(_ places: SequencePlaces) throws -> [SequenceReader] {
    try data.staticInputs.map { name in
      let reader = try inputReader(name, format: nil, isAlone: false, key: "data.static")
      let rows = try shape(reader.dataset)[0]
      guard rows == places.count else {
        throw failure(
          reader.dataset,
          "has \(rows) rows, but there are \(places.count) sequences; data.static needs one row for each")
      }
      return reader
    }
  }

  /// Checks that every name of `data.categories` was found.
  func checkCategories(_ inputs: [SequenceReader]) throws {
    if data.categories.isEmpty { return }
    let readers =
      try inputs
      + data.covariates.map { try inputReader($0, format: .stream, isAlone: false, key: "data.covariates") }
    var found = Set(readers.flatMap { $0.categories.map(\.name) })
    for name in data.inputs + data.staticInputs + data.covariates where data.categories.contains(name) {
      found.insert(name)
    }
    guard let missing = data.categories.first(where: { !found.contains($0) }) else { return }
    let columns = try readers.flatMap { try $0.dataset.featureNames() }
    throw WeftError.data(
      "\(file): data.categories: '\(missing)' is neither a dataset of the inputs nor one of their columns"
        + (columns.isEmpty
          ? ""
          : ", which are \(columns.prefix(12).joined(separator: ", "))\(columns.count > 12 ? ", …" : "")"))
  }

  /// The name of a dataset without its folder.
  private func label(_ name: String) -> String { String(name.split(separator: "/").last ?? Substring(name)) }

  private func categoryColumn(_ column: Int, _ label: String) throws -> CategoryColumn {
    let names = try Self.categoryNames(label, in: group)
    return CategoryColumn(column: column, name: label, names: names, count: names.isEmpty ? nil : names.count)
  }

  /// The names of the categories of a feature, from `/categories`; empty without them.
  static func categoryNames(_ label: String, in group: Group) throws -> [String] {
    let path = "/categories/\(label.replacing("/", with: "_"))"
    guard try group.contains("/categories"), try group.contains(path) else { return [] }
    let dataset = try group.dataset(path)
    switch dataset.datatype {
    case .string, .fixedString: return try dataset.read(as: String.self)
    default: return []
    }
  }
}
