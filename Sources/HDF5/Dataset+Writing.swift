import CHDF5

extension Dataset {
  /// Writes everything, in row-major order: `values` has as many elements as the dataset.
  ///
  /// - Throws: `invalidArgument` if the number of values does not match, `wrongType`, `readOnly`, `diskFull`.
  public func write<T: HDF5Element>(_ values: [T]) throws(HDF5Error) {
    let space = try dataspace
    try write(values, Selection(all: space.shape), elementCount: space.elementCount)
  }

  /// Writes a block, in row-major order.
  ///
  /// - Parameters:
  ///   - values: as many elements as the product of `count`.
  ///   - offset: the block's first index in every dimension.
  ///   - count: how many elements to write in every dimension.
  /// - Throws: `wrongRank`, `outOfBounds`, and as ``write(_:)``.
  public func write<T: HDF5Element>(_ values: [T], offset: [Int], count: [Int]) throws(HDF5Error) {
    let selection = try Selection(
      offset: offset, count: count, stride: nil, in: try shape, at: handle.place,
      attempt: Self.writingAttempt)
    try write(values, selection, elementCount: selection.elementCount)
  }

  /// Writes a block from `buffer`, which has exactly the product of `count` elements.
  ///
  /// - Throws: as ``write(_:offset:count:)``.
  package func write<T: HDF5Element>(
    from buffer: UnsafeBufferPointer<T>, offset: [Int], count: [Int]
  ) throws(HDF5Error) {
    let selection = try Selection(
      offset: offset, count: count, stride: nil, in: try shape, at: handle.place,
      attempt: Self.writingAttempt)
    try transfer(buffer, selection, elementCount: selection.elementCount)
  }

  /// Changes the extent, within the maximum shape of a chunked dataset. Data outside a smaller extent is lost.
  ///
  /// - Throws: `wrongRank`, `invalidArgument` beyond the maximum shape, `readOnly`.
  public func extend(to shape: [Int]) throws(HDF5Error) {
    let attempt = "cannot extend to \(shape)"
    let space = try dataspace
    guard shape.count == space.rank else {
      throw handle.place.error(.wrongRank, attempt, "it has \(space.rank) dimensions")
    }
    let fits = zip(shape, space.maximumShape).allSatisfy { $0 >= 0 && $0 <= $1 ?? Int.max }
    guard fits else {
      let maximum = space.maximumShape.map { $0.map(String.init) ?? "unlimited" }.joined(separator: ", ")
      throw handle.place.error(.invalidArgument, attempt, "it can have at most [\(maximum)]")
    }
    let extent = shape.map { hsize_t($0) }
    try handle.place.check(attempt) { H5Dset_extent(handle.id, extent) }
  }

  static let writingAttempt = "cannot write"

  private func write<T: HDF5Element>(
    _ values: [T], _ selection: Selection, elementCount: Int?
  ) throws(HDF5Error) {
    try values.withUnsafeBufferPointer { buffer throws(HDF5Error) in
      try transfer(buffer, selection, elementCount: elementCount)
    }
  }

  private func transfer<T: HDF5Element>(
    _ buffer: UnsafeBufferPointer<T>, _ selection: Selection, elementCount: Int?
  ) throws(HDF5Error) {
    let place = handle.place
    let attempt = Self.writingAttempt
    let kind = T.elementKind
    precondition(MemoryLayout<T>.stride == kind.byteCount, "\(T.self) is not stored as \(kind)")
    guard datatype.isNumeric else {
      throw place.error(.wrongType, "cannot write \(kind.rawValue)", "it has type \(datatype)")
    }
    guard buffer.count == elementCount else {
      throw place.error(
        .invalidArgument, attempt, "there are \(buffer.count) values for the shape \(selection.count)")
    }
    if buffer.isEmpty { return }
    let type = try kind.memoryType(for: datatype, at: place)
    let space = try fileSpace()
    let memory = try selection.apply(to: space, at: place, attempt: attempt)
    try place.check(attempt) {
      H5Dwrite(handle.id, type.value, memory.value, space.value, chdf5_default(), buffer.baseAddress)
    }
  }
}
