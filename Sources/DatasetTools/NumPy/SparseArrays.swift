import HDF5
import WeftBase

/// A sparse matrix of SciPy in an `.npz` file, as `scipy.sparse.save_npz` writes it.
struct SparseArrays {
  let values: SparseValues
  /// Such as `csr`.
  let format: String
  let isPrecise: Bool

  /// - Parameter sources: The arrays of a file.
  /// - Returns: Nil for other arrays.
  /// - Throws: If they are of a matrix in another format, or damaged.
  init?(_ sources: [(name: String, open: () throws -> RandomAccessFile)]) throws {
    let names = Set(sources.map { $0.name.split(separator: "/").last.map(String.init) ?? $0.name })
    guard sources.count == names.count, names.isSuperset(of: ["format", "shape", "data"]) else { return nil }
    func rows(_ name: String) throws -> ArrayRows {
      guard let source = sources.first(where: { $0.name == name }) else {
        throw WeftError.data("is a sparse matrix of SciPy without '\(name)'")
      }
      return try ArrayRows(source.open())
    }
    let formatRows = try rows("format")
    guard formatRows.header.text != nil, formatRows.header.shape.isEmpty || formatRows.header.count == 1,
      let format = try formatRows.texts(isSingle: true).first
    else { return nil }
    let shape = try rows("shape").wholeNumbers()
    let data = try rows("data")
    func failure(_ reason: String) -> WeftError { .data("\(data.path): \(reason)") }
    try SparseValues.check(shape: shape, failure: failure)
    let order: SparseValues.Order
    switch format {
    case "csr":
      order = .rows(
        pointers: try rows("indptr").wholeNumbers(), columns: try rows("indices").wholeNumbers())
    case "csc":
      order = .columns(pointers: try rows("indptr").wholeNumbers(), rows: try rows("indices").wholeNumbers())
    case "coo" where names.contains("row"):
      order = .places(rows: try rows("row").wholeNumbers(), columns: try rows("col").wholeNumbers())
    default:
      throw failure("is a sparse matrix in the format '\(format)' of SciPy; save x.tocsr()")
    }
    self.format = format
    values = SparseValues(shape: shape, values: try data.numbers(), order: order)
    isPrecise = data.header.kind.byteCount > 4 || [.int32, .uint32].contains(data.header.kind)
  }
}

extension ArrayRows {
  /// All numbers.
  ///
  /// - Throws: If there are texts, or the file cannot be read.
  fileprivate func numbers() throws -> [Double] {
    func all<Element: HDF5Element>(_ type: Element.Type, _ convert: (Element) -> Double) throws -> [Double] {
      var values: [Double] = []
      values.reserveCapacity(header.count)
      try forEachBlock(of: type) { values += $0.map(convert) }
      return values
    }
    guard header.text == nil else { throw WeftError.data("\(path): has texts, expected numbers") }
    return switch header.kind {
    case .bool: try all(Bool.self) { $0 ? 1 : 0 }
    case .int8: try all(Int8.self) { Double($0) }
    case .int16: try all(Int16.self) { Double($0) }
    case .int32: try all(Int32.self) { Double($0) }
    case .int64: try all(Int64.self) { Double($0) }
    case .uint8: try all(UInt8.self) { Double($0) }
    case .uint16: try all(UInt16.self) { Double($0) }
    case .uint32: try all(UInt32.self) { Double($0) }
    case .uint64: try all(UInt64.self) { Double($0) }
    case .float16: try all(Float16.self) { Double($0) }
    case .float32: try all(Float.self) { Double($0) }
    case .float64: try all(Double.self) { $0 }
    }
  }

  /// All numbers, as places in a matrix.
  ///
  /// - Throws: If one is none, or the file cannot be read.
  fileprivate func wholeNumbers() throws -> [Int] {
    try numbers().map { number in
      guard let whole = Int(exactly: number) else {
        throw WeftError.data("\(path): has \(number), expected whole numbers")
      }
      return whole
    }
  }
}
