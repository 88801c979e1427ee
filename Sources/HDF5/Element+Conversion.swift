import CHDF5

extension ElementKind {
  /// The library's type for values of this kind in memory.
  ///
  /// - Parameter stored: the type in the file. Booleans are converted as bytes except into an enumeration.
  func memoryType(for stored: Datatype, at place: Place) throws(HDF5Error) -> Identifier {
    switch self {
    case .float16: try Self.makeHalf(at: place)
    case .bool where stored == .bool: try Self.makeTruthValue(at: place)
    default: try place.identifier("cannot prepare its type") { H5Tcopy(native) }
    }
  }

  /// The stored type of a new dataset or attribute of this kind.
  func storedType(at place: Place) throws(HDF5Error) -> Identifier {
    switch self {
    case .float16: try Self.makeHalf(at: place)
    case .bool: try Self.makeTruthValue(at: place)
    default: try place.identifier("cannot prepare its type") { H5Tcopy(native) }
    }
  }

  /// The library's type; for kinds that it lacks, the type from which they are built.
  private var native: hid_t {
    switch self {
    case .float16, .float32: chdf5_native_float()
    case .float64: chdf5_native_double()
    case .int8: chdf5_native_int8()
    case .int16: chdf5_native_int16()
    case .int32: chdf5_native_int32()
    case .int64: chdf5_native_int64()
    case .uint8, .bool: chdf5_native_uint8()
    case .uint16: chdf5_native_uint16()
    case .uint32: chdf5_native_uint32()
    case .uint64: chdf5_native_uint64()
    }
  }

  /// IEEE half precision: sign at bit 15, 5 bits of exponent from bit 10 with bias 15, 10 bits of fraction.
  private static func makeHalf(at place: Place) throws(HDF5Error) -> Identifier {
    let type = try place.identifier("cannot prepare its type") { H5Tcopy(chdf5_native_float()) }
    try place.check("cannot prepare its type") {
      H5Tset_fields(type.value, 15, 10, 5, 0, 10) < 0 || H5Tset_size(type.value, 2) < 0
        || H5Tset_ebias(type.value, 15) < 0 ? -1 : 0
    }
    return type
  }

  private static func makeTruthValue(at place: Place) throws(HDF5Error) -> Identifier {
    let type = try place.identifier("cannot prepare its type") {
      H5Tenum_create(chdf5_native_int8())
    }
    for (name, value) in [("FALSE", 0), ("TRUE", 1)] as [(String, Int8)] {
      try place.check("cannot prepare its type") {
        withUnsafePointer(to: value) { H5Tenum_insert(type.value, name, $0) }
      }
    }
    return type
  }

  /// Normalizes bytes just read to valid values: a `Bool` must be 0 or 1, but a file may contain 2.
  func sanitise(_ bytes: UnsafeMutableRawBufferPointer) {
    guard self == .bool else { return }
    for index in bytes.indices where bytes[index] > 1 {
      bytes[index] = 1
    }
  }
}
