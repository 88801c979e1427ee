/// The type of stored values.
public indirect enum Datatype: Sendable, Hashable {
  /// An integer with its number of bits.
  case integer(bits: Int, isSigned: Bool, isBigEndian: Bool)
  /// A floating-point number with its width and number of exponent bits.
  case float(bits: Int, exponentBits: Int, isBigEndian: Bool)
  /// Variable-length text.
  case string
  /// Fixed-length text of at most this many bytes.
  case fixedString(byteCount: Int)
  /// An enumeration over integers, its names in the order of definition.
  case enumeration(base: Datatype, members: [EnumerationMember])
  /// A record of named fields.
  case compound([Field])
  /// An array of fixed shape in every element.
  case array(base: Datatype, shape: [Int])
  /// A variable-length sequence in every element.
  case sequence(of: Datatype)
  /// Opaque bytes.
  case opaque(byteCount: Int)
  /// A bit field.
  case bitfield(bits: Int)
  /// A reference to an object or to a region of one.
  case reference
  /// Any other type, by name.
  case other(String)

  /// One named value of an enumeration.
  public struct EnumerationMember: Sendable, Hashable {
    /// The value's name.
    public let name: String
    /// The value; enumerations over `uint64` above `Int64.max` wrap around.
    public let value: Int64
  }

  /// One named field of a compound type.
  public struct Field: Sendable, Hashable {
    /// The field's name.
    public let name: String
    /// The field's type.
    public let type: Datatype
  }

  /// h5py's representation of numpy's `bool`.
  public static let bool = Datatype.enumeration(
    base: .integer(bits: 8, isSigned: true, isBigEndian: false),
    members: [EnumerationMember(name: "FALSE", value: 0), EnumerationMember(name: "TRUE", value: 1)])

  /// Whether values can be read as numbers: integers, floating-point numbers and enumerations.
  public var isNumeric: Bool {
    switch self {
    case .integer, .float, .enumeration: true
    default: false
    }
  }

  /// Whether values can be read as text.
  public var isString: Bool {
    switch self {
    case .string, .fixedString: true
    default: false
    }
  }

  /// Whether the library stores values, or parts of them, outside the dataset.
  var hasVariableLength: Bool {
    switch self {
    case .string, .sequence: true
    case .compound(let fields): fields.contains { $0.type.hasVariableLength }
    case .array(let base, _): base.hasVariableLength
    default: false
    }
  }
}

extension Datatype: CustomStringConvertible {
  /// Short text: `float32`, `int64 big-endian`, `string`, `compound{x: float32, id: int32}`.
  public var description: String {
    switch self {
    case .integer(let bits, let isSigned, let isBigEndian):
      "\(isSigned ? "" : "u")int\(bits)\(isBigEndian ? " big-endian" : "")"
    case .float(let bits, let exponentBits, let isBigEndian):
      (bits == 16 && exponentBits == 8 ? "bfloat16" : "float\(bits)") + (isBigEndian ? " big-endian" : "")
    case .string: "string"
    case .fixedString(let byteCount): "string[\(byteCount)]"
    case .bool: "bool"
    case .enumeration(_, let members):
      "enum{\(Self.list(members.map { "\($0.name.onOneLine)=\($0.value)" }))}"
    case .compound(let fields):
      "compound{\(Self.list(fields.map { "\($0.name.onOneLine): \($0.type)" }))}"
    case .array(let base, let shape): "\(base)\(shape)"
    case .sequence(let base): "sequence of \(base)"
    case .opaque(let byteCount): "opaque[\(byteCount)]"
    case .bitfield(let bits): "bitfield\(bits)"
    case .reference: "reference"
    case .other(let name): name
    }
  }

  private static func list(_ parts: [String]) -> String {
    let limit = 16
    return (parts.prefix(limit) + (parts.count > limit ? ["…"] : [])).joined(separator: ", ")
  }
}
