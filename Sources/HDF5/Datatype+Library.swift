import CHDF5

extension Datatype {
  /// Maximum nesting depth of described types.
  private static let maximumDepth = 16

  /// Describes a type of the C library.
  init(describing type: Identifier, depth: Int = 0) {
    self = Library.exclusively {
      depth < Self.maximumDepth ? Self.describe(type.value, depth: depth) : .other("…")
    }
  }

  private static func describe(_ type: hid_t, depth: Int) -> Datatype {
    let byteCount = Int(clamping: H5Tget_size(type))
    // Single bytes have no byte order.
    let isBigEndian = byteCount > 1 && H5Tget_order(type) == H5T_ORDER_BE
    switch H5Tget_class(type) {
    case H5T_INTEGER:
      guard hasItsBits(type, in: byteCount) else { return damagedNumber }
      return .integer(
        bits: byteCount * 8, isSigned: H5Tget_sign(type) != H5T_SGN_NONE, isBigEndian: isBigEndian)
    case H5T_FLOAT:
      var (sign, exponent, exponentBits, fraction, fractionBits) = (0, 0, 0, 0, 0)
      let bits = byteCount * 8
      guard hasItsBits(type, in: byteCount),
        H5Tget_fields(type, &sign, &exponent, &exponentBits, &fraction, &fractionBits) >= 0,
        sign < bits, exponent + exponentBits <= bits, fraction + fractionBits <= bits
      else { return damagedNumber }
      return .float(bits: bits, exponentBits: exponentBits, isBigEndian: isBigEndian)
    case H5T_STRING:
      return H5Tis_variable_str(type) > 0 ? .string : .fixedString(byteCount: byteCount)
    case H5T_ENUM:
      return enumeration(type, depth: depth)
    case H5T_COMPOUND:
      let count = max(0, Int(H5Tget_nmembers(type)))
      return .compound(
        (0..<count).map { index in
          let field = Identifier(H5Tget_member_type(type, UInt32(index)))
          return Field(
            name: memberName(type, index), type: Datatype(describing: field, depth: depth + 1))
        })
    case H5T_ARRAY:
      var shape = [hsize_t](repeating: 0, count: max(0, Int(H5Tget_array_ndims(type))))
      H5Tget_array_dims2(type, &shape)
      return .array(base: base(of: type, depth: depth), shape: shape.map { Int(clamping: $0) })
    case H5T_VLEN: return .sequence(of: base(of: type, depth: depth))
    case H5T_OPAQUE: return .opaque(byteCount: byteCount)
    case H5T_BITFIELD: return .bitfield(bits: byteCount * 8)
    case H5T_REFERENCE: return .reference
    case H5T_TIME: return .other("time")
    default: return .other("unknown")
    }
  }

  private static let damagedNumber = Datatype.other("damaged number")

  /// Whether the bits of a number are inside its bytes. The library would convert damaged types beyond its buffers.
  private static func hasItsBits(_ type: hid_t, in byteCount: Int) -> Bool {
    let offset = Int(H5Tget_offset(type))
    let precision = Int(clamping: H5Tget_precision(type))
    return offset >= 0 && precision > 0 && precision <= byteCount * 8 && offset <= byteCount * 8 - precision
  }

  private static func base(of type: hid_t, depth: Int) -> Datatype {
    let base = Identifier(H5Tget_super(type))
    return Datatype(describing: base, depth: depth + 1)
  }

  private static func enumeration(_ type: hid_t, depth: Int) -> Datatype {
    let parent = Identifier(H5Tget_super(type))
    let base = Datatype(describing: parent, depth: depth + 1)
    // Members have the width and byte order of the base type; the library converts them in place, in a buffer large
    // enough for both forms.
    let width = max(Int(clamping: H5Tget_size(type)), MemoryLayout<Int64>.size)
    let count = max(0, Int(H5Tget_nmembers(type)))
    let members = (0..<count).map { index in
      let value = withUnsafeTemporaryAllocation(byteCount: width, alignment: 8) { bytes in
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        H5Tget_member_value(type, UInt32(index), bytes.baseAddress)
        H5Tconvert(parent.value, chdf5_native_int64(), 1, bytes.baseAddress, nil, chdf5_default())
        return bytes.load(as: Int64.self)
      }
      return EnumerationMember(name: memberName(type, index), value: value)
    }
    return .enumeration(base: base, members: members)
  }

  private static func memberName(_ type: hid_t, _ index: Int) -> String {
    guard let name = H5Tget_member_name(type, UInt32(index)) else { return "" }
    defer { H5free_memory(name) }
    return String(cString: name)
  }
}
