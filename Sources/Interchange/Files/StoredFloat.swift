import Foundation

/// A floating-point type of a file, little endian. The raw values are safetensors' names.
enum StoredFloat: String {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case brain16 = "BF16"

  var byteCount: Int {
    switch self {
    case .float64: 8
    case .float32: 4
    case .float16, .brain16: 2
    }
  }

  /// As many numbers as the bytes hold.
  func values(_ bytes: some ContiguousBytes) -> [Float] {
    bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / byteCount).map { index in
        let offset = index * byteCount
        switch self {
        case .float64:
          return Float(
            Double(
              bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))))
        case .float32:
          return Float(
            bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        case .float16, .brain16:
          let bits = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
          return self == .float16 ? Float(half: bits) : Float(brain: bits)
        }
      }
    }
  }
}
