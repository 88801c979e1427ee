/// A type of elements of PyTorch's storages.
enum TorchElement: Equatable {
  /// Numbers that weights can be of.
  case float(StoredFloat)
  /// Integers and truth values: counters and indices.
  case whole(byteCount: Int)
  /// Complex and quantized numbers, by PyTorch's name.
  case unusual(String, byteCount: Int)

  var byteCount: Int {
    switch self {
    case .float(let type): type.byteCount
    case .whole(let count), .unusual(_, let count): count
    }
  }

  /// The elements of a storage's class, such as `FloatStorage`; nil for untyped and unknown ones.
  init?(storage name: String) {
    guard let element = Self.storages[name] else { return nil }
    self = element
  }

  /// The elements of `torch.float32` and so on; nil for unknown names.
  init?(type name: String) {
    guard let element = Self.types[name] else { return nil }
    self = element
  }

  private static let types: [String: TorchElement] = [
    "float64": .float(.float64), "double": .float(.float64), "float32": .float(.float32),
    "float": .float(.float32), "float16": .float(.float16), "half": .float(.float16),
    "bfloat16": .float(.brain16), "int64": .whole(byteCount: 8), "long": .whole(byteCount: 8),
    "int32": .whole(byteCount: 4), "int": .whole(byteCount: 4), "int16": .whole(byteCount: 2),
    "short": .whole(byteCount: 2), "int8": .whole(byteCount: 1), "uint8": .whole(byteCount: 1),
    "uint16": .whole(byteCount: 2), "uint32": .whole(byteCount: 4), "uint64": .whole(byteCount: 8),
    "bool": .whole(byteCount: 1), "complex32": .unusual("complex32", byteCount: 4),
    "complex64": .unusual("complex64", byteCount: 8), "complex128": .unusual("complex128", byteCount: 16),
    "float8_e4m3fn": .unusual("float8_e4m3fn", byteCount: 1),
    "float8_e5m2": .unusual("float8_e5m2", byteCount: 1), "qint8": .unusual("qint8", byteCount: 1),
    "quint8": .unusual("quint8", byteCount: 1), "qint32": .unusual("qint32", byteCount: 4),
  ]

  private static let storages: [String: TorchElement] = [
    "DoubleStorage": .float(.float64), "FloatStorage": .float(.float32), "HalfStorage": .float(.float16),
    "BFloat16Storage": .float(.brain16), "LongStorage": .whole(byteCount: 8),
    "IntStorage": .whole(byteCount: 4), "ShortStorage": .whole(byteCount: 2),
    "CharStorage": .whole(byteCount: 1), "ByteStorage": .whole(byteCount: 1),
    "BoolStorage": .whole(byteCount: 1), "ComplexFloatStorage": .unusual("complex64", byteCount: 8),
    "ComplexDoubleStorage": .unusual("complex128", byteCount: 16),
    "QInt8Storage": .unusual("qint8", byteCount: 1), "QUInt8Storage": .unusual("quint8", byteCount: 1),
    "QInt32Storage": .unusual("qint32", byteCount: 4),
  ]
}
