import CHDF5
import Foundation

extension Dataset {
  /// A field of records, or one of a record in them.
  private struct Leaf {
    /// The name of each record around the field, from the outermost, and its own.
    let names: [String]
    /// Where it is in its record, in the order of names.
    let indices: [UInt32]
    let type: Datatype

    /// `x`, or `position.x` in a record.
    var name: String { names.joined(separator: ".") }
  }

  /// The fields of records, with those of records in them in their place.
  private var leaves: [Leaf] {
    func leaves(of type: Datatype, names: [String], indices: [UInt32]) -> [Leaf] {
      guard case .compound(let fields) = type else {
        return [Leaf(names: names, indices: indices, type: type)]
      }
      return fields.enumerated().flatMap { index, field in
        leaves(of: field.type, names: names + [field.name], indices: indices + [UInt32(index)])
      }
    }
    guard case .compound = datatype else { return [] }
    return leaves(of: datatype, names: [], indices: [])
  }

  /// The numeric fields of a dataset of records, each with the count of its numbers: 1, or more for an array. Fields of records
  /// in records are named `position.x`.
  public var numericFields: [(name: String, count: Int)] {
    leaves.compactMap { leaf in
      switch leaf.type {
      case .integer, .float, .enumeration: (leaf.name, 1)
      case .array(let base, let shape) where base.isNumeric: shape.checkedProduct.map { (leaf.name, $0) }
      default: nil
      }
    }
  }

  /// The type of a field of records; nil if there is none of that name.
  public func fieldType(_ name: String) -> Datatype? { leaves.first { $0.name == name }?.type }

  /// The type in memory of a record with nothing but one field.
  private func record(
    of leaf: Leaf, _ type: Identifier, size: Int, _ attempt: String
  ) throws(HDF5Error) -> Identifier {
    let place = handle.place
    var record = type
    for name in leaf.names.reversed() {
      let inner = record
      record = try place.identifier(attempt) { H5Tcreate(H5T_COMPOUND, size) }
      try place.check(attempt) { H5Tinsert(record.value, name, 0, inner.value) }
    }
    return record
  }

  /// Reads the numbers of a field of records, in row-major order.
  ///
  /// - Parameters:
  ///   - field: The name of a numeric field, or of one that is an array of numbers.
  ///   - offset: the block's first index in every dimension.
  ///   - count: how many records to read in every dimension.
  /// - Throws: `notFound`, `wrongType`, `wrongRank`, `outOfBounds`, and any damage found.
  public func readField(_ field: String, offset: [Int], count: [Int]) throws(HDF5Error) -> [Double] {
    let (place, attempt) = (handle.place, Self.readingAttempt)
    guard case .compound = datatype else {
      throw place.error(.wrongType, attempt, "it has type \(datatype), not records with fields")
    }
    guard let found = leaves.first(where: { $0.name == field }) else {
      let names = leaves.prefix(16).map(\.name).joined(separator: ", ")
      throw place.error(.notFound, attempt, "it has no field '\(field)'; its fields are \(names)")
    }
    guard let width = numericFields.first(where: { $0.name == field })?.count, width > 0 else {
      throw place.error(
        .wrongType, attempt, "its field '\(field)' has type \(found.type), not numbers")
    }
    let space = try dataspace
    let selection = try Selection(
      offset: offset, count: count, stride: nil, in: space.shape, at: place, attempt: attempt)
    let records = space.isNull ? 0 : selection.elementCount
    let (size, overflow) = width.multipliedReportingOverflow(by: MemoryLayout<Double>.stride)
    guard !overflow else {
      throw place.error(.tooLarge, attempt, "its field '\(field)' is too large")
    }
    let byteCount = try ReadLimit.byteCount(
      elementCount: records, elementSize: size, at: place, attempt: attempt)
    if byteCount == 0 { return [] }
    try checkIsReadable()
    try checkChunks(of: selection)
    var member = try place.identifier(attempt) { H5Tcopy(chdf5_native_double()) }
    if case .array(_, let shape) = found.type {
      let extents = shape.map { hsize_t($0) }
      let number = member
      member = try place.identifier(attempt) {
        H5Tarray_create2(number.value, UInt32(extents.count), extents)
      }
    }
    let record = try record(of: found, member, size: size, attempt)
    let file = try fileSpace()
    let memory = try selection.apply(to: file, at: place, attempt: attempt)
    let total = byteCount / MemoryLayout<Double>.stride
    return try [Double](unsafeUninitializedCapacity: total) {
      buffer, initialized throws(HDF5Error) in
      let start = buffer.baseAddress
      try place.check(attempt) {
        H5Dread(handle.id, record.value, memory.value, file.value, chdf5_default(), start)
      }
      initialized = total
    }
  }

  /// Reads the texts of a field of records, of fixed or of variable length.
  ///
  /// - Throws: as ``readField(_:offset:count:)``.
  public func readTextField(_ field: String, offset: [Int], count: [Int]) throws(HDF5Error)
    -> [String]
  {
    let (place, attempt) = (handle.place, Self.readingAttempt)
    guard let found = leaves.first(where: { $0.name == field }) else {
      throw place.error(.notFound, attempt, "it has no field '\(field)'")
    }
    guard found.type.isString else {
      throw place.error(.wrongType, attempt, "its field '\(field)' has type \(found.type), not text")
    }
    let space = try dataspace
    let selection = try Selection(
      offset: offset, count: count, stride: nil, in: space.shape, at: place, attempt: attempt)
    guard let total = space.isNull ? 0 : selection.elementCount, total > 0 else { return [] }
    try checkIsReadable()
    try checkChunks(of: selection)
    var stored = try Self.storedType(of: handle)
    for index in found.indices {
      let outer = stored
      stored = try place.identifier(attempt) { H5Tget_member_type(outer.value, index) }
    }
    let file = try fileSpace()
    let memory = try selection.apply(to: file, at: place, attempt: attempt)
    return try StringReader(storedType: stored, datatype: found.type, place: place).read(
      count: total, memory: memory, attempt: attempt,
      record: { type, size throws(HDF5Error) in try record(of: found, type, size: size, attempt) }
    ) { type, properties, buffer in
      H5Dread(handle.id, type, memory.value, file.value, properties, buffer)
    }
  }
}
