import Foundation
import WeftBase

/// An array of numbers in an ONNX file.
package struct ONNXTensor: Sendable, Equatable {
  package var shape: [Int]
  /// In row-major order; integers keep their values up to 2⁵³.
  package var values: [Double]

  /// Maximum number of axes; networks have at most four.
  static let maximumRank = 8

  package init(shape: [Int], values: [Double]) {
    self.shape = shape
    self.values = values
  }

  /// As float32.
  package var floats: [Float] { values.map { Float($0) } }
  /// As integers; nil if a value is not an integer. The largest, which stands for the end of an axis, is not exact.
  package var integers: [Int]? {
    let integers = values.compactMap { Int(exactly: $0) ?? ($0 == 0x1p63 ? .max : nil) }
    return integers.count == values.count ? integers : nil
  }

  /// Reads a tensor from a separate file, as in ONNX's test vectors.
  package init(reading path: String) throws(WeftError) {
    let bytes = try InputFile.contents(path)
    guard let tensor = try? ONNXProtoTensor(serializedBytes: bytes) else {
      throw .model("\(path): is not an ONNX tensor")
    }
    try self.init(tensor, file: path)
  }

  /// - Parameters:
  ///   - tensor: The tensor of the file.
  ///   - external: Other files, one of which may have its numbers; nil if it must have them itself.
  ///   - budget: From which the memory of other files is taken.
  init(
    _ tensor: ONNXProtoTensor, external: ONNXExternalData? = nil, budget: FileBudget? = nil, file: String
  ) throws(WeftError) {
    func refuse(_ complaint: String) -> WeftError {
      .model("\(file): tensor '\(tensor.name)': \(complaint)")
    }
    guard let element = ElementType(rawValue: tensor.element) else {
      throw refuse(
        "is of type \(tensor.element), not of float32, float64, float16, bfloat16, int32, int64 or bool")
    }
    let shape = tensor.shape.map(Int.init)
    guard shape.count <= Self.maximumRank, let count = shape.boundedProduct else {
      throw refuse("has no shape")
    }
    var tensor = tensor
    if tensor.isExternal {
      guard let external, let byteCount = [count, element.byteCount].boundedProduct else {
        throw refuse("is stored in another file")
      }
      try budget?.take(elements: shape, of: element.byteCount + MemoryLayout<Double>.stride)
      tensor.raw = try external.bytes(of: tensor, count: byteCount)
    }
    let values = element.values(tensor)
    guard values.count == count else { throw refuse("has \(values.count) values for the shape \(shape)") }
    self.init(shape: shape, values: values)
  }
}

extension ONNXProtoTensor {
  init(_ name: String, shape: [Int], floats: [Float]) {
    self.init()
    self.name = name
    self.shape = shape.map(Int64.init)
    element = ElementType.float32.rawValue
    raw = floats.withUnsafeBytes { Data($0) }
  }

  init(_ name: String, integers: [Int]) {
    self.init()
    self.name = name
    shape = [Int64(integers.count)]
    element = ElementType.int64.rawValue
    raw = integers.map(Int64.init).withUnsafeBytes { Data($0) }
  }
}

/// ONNX's numbers for types of elements.
enum ElementType: Int32 {
  case float32 = 1
  case int32 = 6
  case int64 = 7
  case bool = 9
  case float16 = 10
  case float64 = 11
  case bfloat16 = 16

  var byteCount: Int {
    switch self {
    case .bool: 1
    case .float16, .bfloat16: 2
    case .float32, .int32: 4
    case .int64, .float64: 8
    }
  }

  /// The numbers of a tensor, from its little-endian bytes or from the list of its type.
  fileprivate func values(_ tensor: ONNXProtoTensor) -> [Double] {
    let raw = tensor.raw
    switch self {
    case .float32:
      return raw.isEmpty ? tensor.floats.map(Double.init) : raw.elements(Float.self).map(Double.init)
    case .float64: return raw.isEmpty ? tensor.doubles : raw.elements(Double.self)
    case .int32:
      return raw.isEmpty ? tensor.integers.map(Double.init) : raw.elements(Int32.self).map(Double.init)
    case .int64:
      return raw.isEmpty ? tensor.longIntegers.map(Double.init) : raw.elements(Int64.self).map(Double.init)
    case .bool:
      return raw.isEmpty ? tensor.integers.map(Double.init) : raw.elements(UInt8.self).map(Double.init)
    case .float16, .bfloat16:
      let bits =
        raw.isEmpty ? tensor.integers.map { UInt16(truncatingIfNeeded: $0) } : raw.elements(UInt16.self)
      return bits.map { Double(self == .float16 ? Float(half: $0) : Float(brain: $0)) }
    }
  }
}

extension Data {
  fileprivate func elements<Element: BitwiseCopyable>(_ type: Element.Type) -> [Element] {
    withUnsafeBytes { bytes in
      (0..<bytes.count / MemoryLayout<Element>.size).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.size, as: type)
      }
    }
  }
}
