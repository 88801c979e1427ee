import CHDF5

extension Dataset {
  private static let completenessAttempt = "cannot read all of it"

  /// Rejects a dataset with parts that were never written and that have no fill value of their own: the library reads
  /// zeros there, as if they were data.
  ///
  /// - Throws: `damaged`, which tells how much is missing.
  public func checkIsComplete() throws(HDF5Error) {
    let space = try dataspace
    guard let elements = space.elementCount, elements > 0 else { return }
    let (properties, hasOwnFill) = try creation(Self.completenessAttempt)
    if hasOwnFill || isExternal { return }
    if isVirtual {
      guard let covered = try VirtualSources.elementCount(of: properties, at: handle.place) else { return }
      if covered < elements {
        throw missing("\(elements - covered) of \(elements) values have no source")
      }
    } else if let chunkShape {
      let wanted = BlockGrid(shape: space.shape, block: chunkShape).count ?? .max
      let stored = storageByteCount == 0 ? 0 : try chunkCount
      if stored < wanted { throw missing("\(wanted - stored) of \(wanted) chunks were never written") }
    } else if storageByteCount == 0 {
      throw missing("it was never written")
    }
  }

  /// The value of elements that were never written, where the file names one, as a number; nil without one.
  ///
  /// - Throws: Any damage found.
  public var ownFillValue: Double? {
    get throws(HDF5Error) {
      guard datatype.isNumeric else { return nil }
      let attempt = "cannot read its fill value"
      let (properties, hasOwnFill) = try creation(attempt)
      if !hasOwnFill { return nil }
      var value = 0.0
      try handle.place.check(attempt) {
        H5Pget_fill_value(properties.value, chdf5_native_double(), &value)
      }
      return value
    }
  }

  /// The properties that it was created with, and whether they name a fill value.
  private func creation(_ attempt: String) throws(HDF5Error) -> (properties: Identifier, hasOwnFill: Bool) {
    let place = handle.place
    let properties = try place.identifier(attempt) { H5Dget_create_plist(handle.id) }
    var status = H5D_FILL_VALUE_DEFAULT
    try place.check(attempt) { H5Pfill_value_defined(properties.value, &status) }
    return (properties, status == H5D_FILL_VALUE_USER_DEFINED)
  }

  private func missing(_ cause: String) -> HDF5Error {
    handle.place.error(
      .damaged, Self.completenessAttempt,
      "\(cause) and would be read as zeros; write them, or set a fill value when creating the dataset")
  }
}

extension VirtualSources {
  /// Values of a virtual dataset that have a source; nil if all have, because it is as long as its only source.
  ///
  /// - Throws: `wrongType` if several sources can grow, between which there may be gaps.
  static func elementCount(of properties: Identifier, at place: Place) throws(HDF5Error) -> Int? {
    let attempt = "cannot open"
    var count = 0
    try place.check(attempt) { H5Pget_virtual_count(properties.value, &count) }
    var covered = 0
    for index in 0..<count {
      let space = try place.identifier(attempt) { H5Pget_virtual_vspace(properties.value, index) }
      // Unlimited, it has no number.
      let points = Library.exclusively { Int(clamping: H5Sget_select_npoints(space.value)) }
      if points < 0 {
        if count == 1 { return nil }
        throw place.error(
          .wrongType, attempt,
          "several of its sources have no limit, so that it may have gaps; rewrite it with h5repack -l CONTI OLD NEW"
        )
      }
      covered += min(max(points, 0), .max - covered)
    }
    return covered
  }
}
