import CHDF5

extension Dataset {
  /// Reads everything as text, in row-major order; bytes that are not UTF-8 become U+FFFD.
  ///
  /// - Throws: `wrongType` for what is no text, `tooLarge`, and any damage found.
  public func read(as type: String.Type) throws(HDF5Error) -> [String] {
    let space = try dataspace
    try checkPlausibility(of: space)
    return try readStrings(Selection(all: space.shape), isNull: space.isNull)
  }

  /// Reads a block as text, in row-major order.
  ///
  /// - Parameters:
  ///   - type: `String.self`.
  ///   - offset: the block's first index in every dimension.
  ///   - count: how many elements to read in every dimension.
  /// - Throws: `wrongRank`, `outOfBounds`, `wrongType`, and any damage found.
  public func read(as type: String.Type, offset: [Int], count: [Int]) throws(HDF5Error) -> [String] {
    let space = try dataspace
    let selection = try Selection(
      offset: offset, count: count, stride: nil, in: space.shape, at: handle.place,
      attempt: Self.readingAttempt)
    return try readStrings(selection, isNull: space.isNull)
  }

  /// Reads the only value of a dataset as text.
  ///
  /// - Throws: `wrongRank` when there is not exactly one, and as ``read(as:)-(String.Type)``.
  public func readScalar(as type: String.Type) throws(HDF5Error) -> String {
    try checkIsSingle()
    return try read(as: type)[0]
  }

  /// Writes everything, in row-major order, to a dataset of variable-length text.
  ///
  /// - Throws: `invalidArgument` for a wrong number of texts or a NUL in a text, `wrongType`, `readOnly`, `diskFull`.
  public func write(_ values: [String]) throws(HDF5Error) {
    let space = try dataspace
    try write(values, Selection(all: space.shape), elementCount: space.elementCount)
  }

  /// Writes a block, in row-major order, to a dataset of variable-length text.
  ///
  /// - Throws: `wrongRank`, `outOfBounds`, and as ``write(_:)-([String])``.
  public func write(_ values: [String], offset: [Int], count: [Int]) throws(HDF5Error) {
    let selection = try Selection(
      offset: offset, count: count, stride: nil, in: try shape, at: handle.place,
      attempt: Self.writingAttempt)
    try write(values, selection, elementCount: selection.elementCount)
  }

  private func readStrings(_ selection: Selection, isNull: Bool) throws(HDF5Error) -> [String] {
    let attempt = Self.readingAttempt
    let reader = try StringReader(
      storedType: try Self.storedType(of: handle), datatype: datatype, place: handle.place)
    guard let count = isNull ? 0 : selection.elementCount, count > 0 else { return [] }
    try checkIsReadable()
    try checkChunks(of: selection)
    let space = try fileSpace()
    let memory = try selection.apply(to: space, at: handle.place, attempt: attempt)
    return try reader.read(count: count, memory: memory, attempt: attempt) { type, properties, buffer in
      H5Dread(handle.id, type, memory.value, space.value, properties, buffer)
    }
  }

  private func write(_ values: [String], _ selection: Selection, elementCount: Int?) throws(HDF5Error) {
    let place = handle.place
    let attempt = Self.writingAttempt
    guard datatype == .string else {
      throw place.error(.wrongType, "cannot write text", "it has type \(datatype)")
    }
    guard values.count == elementCount else {
      throw place.error(
        .invalidArgument, attempt, "there are \(values.count) values for the shape \(selection.count)")
    }
    try StringWriter.check(values, at: place, attempt: attempt)
    if values.isEmpty { return }
    let type = try StringWriter.memoryType(for: try Self.storedType(of: handle), at: place)
    let space = try fileSpace()
    let memory = try selection.apply(to: space, at: place, attempt: attempt)
    try StringWriter.withPointers(to: values) { pointers throws(HDF5Error) in
      try place.check(attempt) {
        H5Dwrite(handle.id, type.value, memory.value, space.value, chdf5_default(), pointers)
      }
    }
  }
}
