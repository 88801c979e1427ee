/// A type whose arrays can be read from and written to HDF5.
///
/// The numeric types of the standard library and `Bool` conform; other types should not.
public protocol HDF5Element: BitwiseCopyable, Sendable {
  /// Numeric kind of the type.
  static var elementKind: ElementKind { get }
}

/// Numeric kinds with both a Swift type and an HDF5 type.
public enum ElementKind: String, Sendable, Hashable, CaseIterable {
  /// IEEE half precision.
  case float16
  /// IEEE single precision.
  case float32
  /// IEEE double precision.
  case float64
  /// Signed 8-bit integer.
  case int8
  /// Signed 16-bit integer.
  case int16
  /// Signed 32-bit integer.
  case int32
  /// Signed 64-bit integer.
  case int64
  /// Unsigned 8-bit integer.
  case uint8
  /// Unsigned 16-bit integer.
  case uint16
  /// Unsigned 32-bit integer.
  case uint32
  /// Unsigned 64-bit integer.
  case uint64
  /// Boolean, stored as in h5py: an enumeration of FALSE and TRUE over `int8`.
  case bool

  /// The size of one element in memory.
  public var byteCount: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }
}

extension ElementKind {
  /// The Swift type of the kind.
  public var type: any HDF5Element.Type {
    switch self {
    case .float16:
      #if !(os(macOS) && arch(x86_64))
        Float16.self
      #else
        preconditionFailure("half precision has no type here")
      #endif
    case .float32: Float.self
    case .float64: Double.self
    case .int8: Int8.self
    case .int16: Int16.self
    case .int32: Int32.self
    case .int64: Int64.self
    case .uint8: UInt8.self
    case .uint16: UInt16.self
    case .uint32: UInt32.self
    case .uint64: UInt64.self
    case .bool: Bool.self
    }
  }
}

extension Float: HDF5Element {
  /// `float32`.
  public static var elementKind: ElementKind { .float32 }
}

extension Double: HDF5Element {
  /// `float64`.
  public static var elementKind: ElementKind { .float64 }
}

#if !(os(macOS) && arch(x86_64))
  extension Float16: HDF5Element {
    /// `float16`.
    public static var elementKind: ElementKind { .float16 }
  }
#endif

extension Int8: HDF5Element {
  /// `int8`.
  public static var elementKind: ElementKind { .int8 }
}

extension Int16: HDF5Element {
  /// `int16`.
  public static var elementKind: ElementKind { .int16 }
}

extension Int32: HDF5Element {
  /// `int32`.
  public static var elementKind: ElementKind { .int32 }
}

extension Int64: HDF5Element {
  /// `int64`.
  public static var elementKind: ElementKind { .int64 }
}

extension Int: HDF5Element {
  /// `int64`.
  public static var elementKind: ElementKind { .int64 }
}

extension UInt8: HDF5Element {
  /// `uint8`.
  public static var elementKind: ElementKind { .uint8 }
}

extension UInt16: HDF5Element {
  /// `uint16`.
  public static var elementKind: ElementKind { .uint16 }
}

extension UInt32: HDF5Element {
  /// `uint32`.
  public static var elementKind: ElementKind { .uint32 }
}

extension UInt64: HDF5Element {
  /// `uint64`.
  public static var elementKind: ElementKind { .uint64 }
}

extension UInt: HDF5Element {
  /// `uint64`.
  public static var elementKind: ElementKind { .uint64 }
}

extension Bool: HDF5Element {
  /// `bool`.
  public static var elementKind: ElementKind { .bool }
}
