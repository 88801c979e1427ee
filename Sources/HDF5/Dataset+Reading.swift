import CHDF5

extension Dataset {
  /// Reads everything, in row-major order, converted to `T`.
  ///
  /// Any stored integer, floating-point number or enumeration is converted, of either byte order; values out of the
  /// range of `T` are clamped.
  /// - Throws: `wrongType` for what is no number, `tooLarge` if the header claims an impossible size, and any damage
  ///   found.
  public func read<T: HDF5Element>(as type: T.Type) throws(HDF5Error) -> [T] {
    let space = try dataspace
    try checkPlausibility(of: space)
    return try read(Selection(all: space.shape), isNull: space.isNull)
  }

  /// Reads a block, in row-major order, converted to `T`.
  ///
  /// - Parameters:
  ///   - type: the type of the result.
  ///   - offset: the block's first index in every dimension.
  ///   - count: how many elements to read in every dimension.
  ///   - stride: the distance between them in every dimension; nil for 1.
  /// - Throws: `wrongRank`, `outOfBounds`, and as ``read(as:)``.
  public func read<T: HDF5Element>(
    as type: T.Type, offset: [Int], count: [Int], stride: [Int]? = nil
  ) throws(HDF5Error) -> [T] {
    let space = try dataspace
    let selection = try Selection(
      offset: offset, count: count, stride: stride, in: space.shape, at: handle.place,
      attempt: Self.readingAttempt)
    return try read(selection, isNull: space.isNull)
  }

  /// Reads the only value of a dataset.
  ///
  /// - Throws: `wrongRank` when there is not exactly one, and as ``read(as:)``.
  public func readScalar<T: HDF5Element>(as type: T.Type) throws(HDF5Error) -> T {
    try checkIsSingle()
    return try read(as: type)[0]
  }

  /// Reads a block into `buffer`, which has exactly the product of `count` elements.
  ///
  /// - Throws: as ``read(as:offset:count:stride:)``.
  package func read<T: HDF5Element>(
    into buffer: UnsafeMutableBufferPointer<T>, offset: [Int], count: [Int], stride: [Int]? = nil
  ) throws(HDF5Error) {
    let space = try dataspace
    let selection = try Selection(
      offset: offset, count: count, stride: stride, in: space.shape, at: handle.place,
      attempt: Self.readingAttempt)
    guard buffer.count == selection.elementCount else {
      throw handle.place.error(
        .invalidArgument, Self.readingAttempt, "there is room for \(buffer.count) elements, not for \(count)")
    }
    try transfer(
      selection, isNull: space.isNull, kind: T.elementKind, into: UnsafeMutableRawBufferPointer(buffer))
  }

  static let readingAttempt = "cannot read"

  func checkIsSingle() throws(HDF5Error) {
    let space = try dataspace
    guard space.elementCount == 1 else {
      throw handle.place.error(
        .wrongRank, Self.readingAttempt, "expected a single value; its shape is \(space)")
    }
  }

  /// Rejects shapes that are far larger than the stored data, before memory is allocated.
  func checkPlausibility(of space: Dataspace) throws(HDF5Error) {
    let claimed = try ReadLimit.byteCount(
      elementCount: space.elementCount, elementSize: try storedElementByteCount, at: handle.place,
      attempt: Self.readingAttempt)
    try checkPlausibility(claimed: claimed)
  }

  /// Rejects a dataset whose shape claims far more than the file stores, as in a damaged or incomplete file, or more than
  /// can be counted. It may be larger than the machine's memory.
  ///
  /// - Throws: `tooLarge`.
  public func checkIsStored() throws(HDF5Error) {
    let size = try storedElementByteCount
    guard let count = try dataspace.elementCount,
      case let claimed = count.multipliedReportingOverflow(by: size),
      !claimed.overflow
    else {
      throw handle.place.error(
        .tooLarge, Self.readingAttempt, "it claims more elements than can be counted")
    }
    if !isVirtual { try checkPlausibility(claimed: claimed.partialValue) }
  }

  /// Rejects data that cannot be read safely: unavailable filters, external files named by an untrusted file, and
  /// chunks larger than any stored chunk can fill, for which the library would allocate memory.
  func checkIsReadable() throws(HDF5Error) {
    for filter in filters where !filter.isAvailable {
      throw handle.place.error(
        .filterUnavailable, Self.readingAttempt,
        "it was written with the filter \(filter), which this machine's HDF5 library does not have; set HDF5_PLUGIN_PATH"
          + " to the folder of its plugin\(filter.pluginAdvice), or rewrite the file with h5repack -f GZIP=4 where it can be"
          + " read")
    }
    if isExternal {
      throw handle.place.error(
        .wrongType, Self.readingAttempt,
        "its values are in an external file; merge them into this one with h5repack -l CONTI OLD NEW")
    }
    guard let chunkShape else { return }
    try checkPlausibility(
      claimed: try ReadLimit.byteCount(
        elementCount: chunkShape.checkedProduct, elementSize: try storedElementByteCount, at: handle.place,
        attempt: Self.readingAttempt))
  }

  private func checkPlausibility(claimed: Int) throws(HDF5Error) {
    let isUnknown = filters.contains { filter in
      if case .other = filter { true } else { false }
    }
    try ReadLimit.checkPlausibility(
      claimed: claimed, stored: storageByteCount, isCompressedByUnknownFilter: isUnknown, at: handle.place,
      attempt: Self.readingAttempt)
  }

  private func read<T: HDF5Element>(_ selection: Selection, isNull: Bool) throws(HDF5Error) -> [T] {
    let kind = T.elementKind
    precondition(MemoryLayout<T>.stride == kind.byteCount, "\(T.self) is not stored as \(kind)")
    let elementCount = isNull ? 0 : selection.elementCount
    let byteCount = try ReadLimit.byteCount(
      elementCount: elementCount, elementSize: kind.byteCount, at: handle.place, attempt: Self.readingAttempt)
    let count = byteCount / kind.byteCount
    return try [T](unsafeUninitializedCapacity: count) { buffer, initialized throws(HDF5Error) in
      let bytes = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      try transfer(selection, isNull: isNull, kind: kind, into: bytes)
      initialized = count
    }
  }

  private func transfer(
    _ selection: Selection, isNull: Bool, kind: ElementKind, into bytes: UnsafeMutableRawBufferPointer
  ) throws(HDF5Error) {
    let place = handle.place
    let attempt = Self.readingAttempt
    let reader = try NumberReader(kind, stored: datatype, place: place)
    if isNull || bytes.isEmpty { return }
    try checkIsReadable()
    try checkChunks(of: selection)
    let space = try fileSpace()
    let memory = try selection.apply(to: space, at: place, attempt: attempt)
    try reader.read(into: bytes, attempt: attempt) { type, buffer in
      H5Dread(handle.id, type, memory.value, space.value, chdf5_default(), buffer)
    }
  }
}
