import HDF5
import WeftBase
import WeftData

/// What other programs store in several datasets of a group and mean as one: sparse matrices, and columns of categories of
/// AnnData. They are written out to a temporary file.
final class StoredForms {
  private let file: File
  /// What references of the file lead to.
  let objects: SourceObjects
  private let notes: HierarchyNotes
  private var made: [String: Dataset] = [:]
  /// The temporary files, which are removed with this object.
  private var copies: [TemporaryFile] = []

  init(_ file: File, _ notes: HierarchyNotes) {
    self.file = file
    objects = SourceObjects(file)
    self.notes = notes
  }

  /// The dataset at a path, or what a group there stands for.
  ///
  /// - Throws: If there is neither, or the parts of the group do not fit together.
  func dataset(_ path: String) throws -> Dataset {
    if let known = made[path] { return known }
    let path = try objects.resolved(path)
    guard let group = try? file.group(path) else { return try file.presentDataset(path) }
    if let matrix = try sparse(group) {
      return try write(matrix, of: group, at: path)
    }
    if let texts = try categories(group) {
      return try write(path) { file in try file.write(Self.name(of: group), texts) }
    }
    return try file.presentDataset(path)
  }

  private func failure(_ group: Group, _ reason: String) -> WeftError {
    .data("\(file.path): group \(group.path): \(reason)")
  }

  /// Writes the dataset that stands for the group at a path, and opens it under the name of the file.
  private func write(_ path: String, _ body: (File) throws -> Dataset) throws -> Dataset {
    let copy = try TemporaryFile("weft-dense", purpose: file.path) { _ in }
    let new = try File(creating: copy.path, overwrite: true)
    let name = try body(new).path
    try new.close()
    copies.append(copy)
    let dataset = try File(opening: copy.path, named: file.path).dataset(name)
    made[path] = dataset
    return dataset
  }

  private static func name(of group: Group) -> String {
    String(group.path.split(separator: "/").last ?? "matrix")
  }

  // MARK: - Sparse matrices

  /// A sparse matrix, and what its file says of it.
  private struct Matrix {
    let values: SparseValues
    let isPrecise: Bool
    let description: String
    /// Whether its dimensions are those of MATLAB, in reverse.
    var isMATLAB = false
  }

  private func write(_ matrix: Matrix, of group: Group, at path: String) throws -> Dataset {
    let dense = try matrix.values.dense { failure(group, $0) }
    let shape = matrix.values.shape
    // Zeros take little room.
    let chunk = [max(1, min(shape[0], (1 << 16) / shape[1])), shape[1]]
    let (name, filters) = (Self.name(of: group), [Filter.shuffle, .deflate(level: 1)])
    let dataset = try write(path) { file in
      let dataset =
        matrix.isPrecise
        ? try file.write(name, dense, shape: shape, chunk: chunk, filters: filters)
        : try file.write(name, dense.map { Float($0) }, shape: shape, chunk: chunk, filters: filters)
      if matrix.isMATLAB { try dataset.attributes.set("MATLAB_class", to: "double") }
      return dataset
    }
    let share = Double(matrix.values.values.count) / Double(max(1, dense.count))
    notes.add(
      "\(group.path): \(matrix.description), written out as \(shape[0]) x \(shape[1]) numbers, of which"
        + " \(NumberText.significant(100 * share, digits: 2))% are stored")
    return dataset
  }

  private func sparse(_ group: Group) throws -> Matrix? {
    if try group.attributes.contains("MATLAB_sparse"), try group.contains("jc") { return try matlab(group) }
    guard try ["data", "indices", "indptr"].allSatisfy({ try group.contains($0) }) else { return nil }
    var shape: [Int]?
    for name in ["shape", "h5sparse_shape"] where try group.attributes.contains(name) {
      shape = try group.attributes.values(name, as: Int.self)
    }
    if shape == nil, try group.contains("shape") { shape = try group.dataset("shape").read(as: Int.self) }
    guard let shape, shape.count == 2 else {
      throw failure(
        group, "is a sparse matrix without a shape; write it as an array, for example x.toarray() of scipy")
    }
    let form = try ["encoding-type", "h5sparse_format", "format"].lazy.compactMap { name in
      try group.attributes.contains(name) ? try? group.attributes.value(name, as: String.self) : nil
    }.first
    // 10x Genomics stores genes x barcodes by columns, which is barcodes x genes by rows.
    let isOfBarcodes = try form == nil && group.contains("barcodes")
    let own = isOfBarcodes ? [shape[1], shape[0]] : shape
    try SparseValues.check(shape: own) { failure(group, $0) }
    let data = try group.dataset("data")
    let pointers = try numbers("indptr", of: group)
    let places = try numbers("indices", of: group)
    let order: SparseValues.Order
    let description: String
    switch form {
    case nil where isOfBarcodes:
      (order, description) = (
        .rows(pointers: pointers, columns: places), "sparse matrix of barcodes x features (10x Genomics)"
      )
    case let form? where form.hasPrefix("csr"):
      (order, description) = (.rows(pointers: pointers, columns: places), "sparse matrix")
    case let form? where form.hasPrefix("csc"):
      (order, description) = (.columns(pointers: pointers, rows: places), "sparse matrix")
    default:
      throw failure(
        group,
        "is a sparse matrix that does not tell whether it is stored by rows or by columns; write it as an array"
      )
    }
    return Matrix(
      values: SparseValues(shape: own, values: try data.read(as: Double.self), order: order),
      isPrecise: data.datatype.exceedsSinglePrecision, description: description)
  }

  private func matlab(_ group: Group) throws -> Matrix {
    let pointers = try numbers("jc", of: group)
    // An empty matrix has no numbers.
    guard try group.contains("data"), try group.contains("ir") else {
      throw failure(group, "is a sparse matrix without numbers")
    }
    let rows = try group.attributes.value("MATLAB_sparse", as: Int.self)
    let data = try group.dataset("data")
    // Columns of MATLAB are rows of the file.
    let shape = [max(0, pointers.count - 1), rows]
    try SparseValues.check(shape: shape) { failure(group, $0) }
    return Matrix(
      values: SparseValues(
        shape: shape, values: try data.read(as: Double.self),
        order: .rows(pointers: pointers, columns: try numbers("ir", of: group))),
      isPrecise: data.datatype.exceedsSinglePrecision, description: "sparse matrix of MATLAB", isMATLAB: true)
  }

  private func numbers(_ name: String, of group: Group) throws -> [Int] {
    let dataset = try group.dataset(name)
    guard dataset.datatype.isInteger else { throw failure(group, "'\(name)' has type \(dataset.datatype)") }
    return try dataset.read(as: Int.self)
  }

  // MARK: - Columns of categories

  private func categories(_ group: Group) throws -> [String]? {
    guard try group.contains("codes"), try group.contains("categories") else { return nil }
    let categories = try group.dataset("categories")
    let names =
      categories.datatype.isString
      ? try categories.read(as: String.self)
      : try categories.read(as: Double.self).map { NumberText.readable($0) }
    return try numbers("codes", of: group).enumerated().map { row, code in
      guard names.indices.contains(code) else {
        throw failure(
          group,
          code == -1
            ? "row \(row) has no category; leave such rows out first"
            : "row \(row) has the category \(code) of \(names.count)")
      }
      return names[code]
    }
  }
}
