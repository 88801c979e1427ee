import HDF5
import WeftBase

extension ElementKind {
  /// Whether its numbers are floating-point numbers.
  var isFloat: Bool { [.float16, .float32, .float64].contains(self) }

  private var isSigned: Bool { [.int8, .int16, .int32, .int64].contains(self) }

  /// The smallest type that holds the numbers of two types, as `numpy.result_type` says. It holds all of them, except
  /// that `float64` lacks digits of 64-bit integers.
  func common(with other: ElementKind) -> ElementKind {
    if self == other || other == .bool { return self }
    if self == .bool { return other }
    let size = Swift.max(byteCount, other.byteCount)
    if isFloat || other.isFloat {
      // An integer needs a fraction with more bits than it has.
      let sizes = [self, other].map { $0.isFloat ? $0.byteCount : Swift.min($0.byteCount * 2, 8) }
      return [2: .float16, 4: .float32][sizes.max() ?? 8] ?? .float64
    }
    if isSigned == other.isSigned { return byteCount == size ? self : other }
    let (signed, unsigned) = isSigned ? (self, other) : (other, self)
    if signed.byteCount > unsigned.byteCount { return signed }
    return [1: .int16, 2: .int32, 4: .int64][unsigned.byteCount] ?? .float64
  }
}

/// Refuses numbers that a type would change.
struct NumberLimit {
  let kind: ElementKind

  /// The least magnitude that is rounded to infinity; nil if there is none.
  private var bound: Double? {
    switch kind {
    case .float16: 65520
    case .float32: 0x1.ffffffp127
    default: nil
    }
  }

  /// Checks a block of a dataset that is converted to the type.
  ///
  /// - Throws: If one of its numbers would become infinite, or an integer another.
  func check(_ source: Dataset, offset: [Int], count: [Int]) throws {
    switch source.datatype {
    case .float(let bits, let exponentBits, _):
      let isWider = kind == .float16 ? bits > 16 || exponentBits > 5 : kind == .float32 && bits > 32
      if isWider { try check(source.read(as: Double.self, offset: offset, count: count), of: source) }
    case .integer(let bits, let isSigned, _) where bits > 53 && kind.isFloat:
      if isSigned {
        let values = try source.read(as: Int64.self, offset: offset, count: count)
        if let value = values.first(where: { Double(exactly: $0) == nil }) {
          throw failure("\(value)", source)
        }
      } else {
        let values = try source.read(as: UInt64.self, offset: offset, count: count)
        if let value = values.first(where: { Double(exactly: $0) == nil }) {
          throw failure("\(value)", source)
        }
      }
    default: break
    }
  }

  /// Checks numbers of a dataset.
  ///
  /// - Throws: As ``check(_:offset:count:)``.
  func check(_ values: [Double], of source: Dataset) throws {
    guard let bound, let value = values.first(where: { $0.magnitude >= bound && $0.isFinite }) else { return }
    throw failure("\(value)", source)
  }

  private func failure(_ value: String, _ source: Dataset) -> WeftError {
    let limit =
      switch kind {
      case .float16: "at most 65504; use float32"
      case .float32: "at most 3.4e38; use float64"
      default: "whole numbers up to 2^53; store it as floating-point numbers, or divide it first"
      }
    return .data(
      "\(source.file): dataset \(source.path): contains \(value), which \(kind.rawValue) cannot hold (\(limit))"
    )
  }
}
