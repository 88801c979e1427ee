import CHDF5
import Foundation

extension Dataset {
  /// The numeric fields of a dataset of records, each with the count of its numbers: 1, or more for an array.
  public var numericFields: [(name: String, count: Int)] {
    guard case .compound(let fields) = datatype else { return [] }
    return fields.compactMap { field in
      switch field.type {
      case .integer, .float, .enumeration: (field.name, 1)
      case .array(let base, let shape) where base.isNumeric:
        shape.checkedProduct.map { (field.name, $0) }
      default: nil
      }
    }
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
    guard case .compound(let fields) = datatype else {
      throw place.error(.wrongType, attempt, "it has type \(datatype), not records with fields")
    }
    guard let found = fields.first(where: { $0.name == field }) else {
      let names = fields.prefix(16).map(\.name).joined(separator: ", ")
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
    let record = try place.identifier(attempt) { H5Tcreate(H5T_COMPOUND, size) }
    try place.check(attempt) { H5Tinsert(record.value, field, 0, member.value) }
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

  /// Reads the texts of a field of records whose length is fixed or variable.
  ///
  /// - Throws: as ``readField(_:offset:count:)``.
  public func readTextField(_ field: String, offset: [Int], count: [Int]) throws(HDF5Error)
    -> [String]
  {
    let (place, attempt) = (handle.place, Self.readingAttempt)
    guard case .compound(let fields) = datatype,
      let found = fields.first(where: { $0.name == field }),
      case .fixedString(let size) = found.type
    else {
      throw place.error(.wrongType, attempt, "it has no field '\(field)' of texts of fixed length")
    }
    let space = try dataspace
    let selection = try Selection(
      offset: offset, count: count, stride: nil, in: space.shape, at: place, attempt: attempt)
    let byteCount = try ReadLimit.byteCount(
      elementCount: space.isNull ? 0 : selection.elementCount, elementSize: size, at: place,
      attempt: attempt)
    if byteCount == 0 { return [] }
    try checkIsReadable()
    try checkChunks(of: selection)
    let text = try place.identifier(attempt) { H5Tcopy(chdf5_c_string()) }
    try place.check(attempt) { H5Tset_size(text.value, size) }
    try place.check(attempt) { H5Tset_strpad(text.value, H5T_STR_NULLPAD) }
    let record = try place.identifier(attempt) { H5Tcreate(H5T_COMPOUND, size) }
    try place.check(attempt) { H5Tinsert(record.value, field, 0, text.value) }
    let file = try fileSpace()
    let memory = try selection.apply(to: file, at: place, attempt: attempt)
    let bytes = try [UInt8](unsafeUninitializedCapacity: byteCount) {
      buffer, initialized throws(HDF5Error) in
      let start = buffer.baseAddress
      try place.check(attempt) {
        H5Dread(handle.id, record.value, memory.value, file.value, chdf5_default(), start)
      }
      initialized = byteCount
    }
    return stride(from: 0, to: byteCount, by: size).map { start in
      String(decoding: bytes[start..<start + size].prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
