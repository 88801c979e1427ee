import CHDF5

/// A stored number: a standard type, of either byte order.
struct StoredNumber: Sendable, Hashable {
  let kind: ElementKind
  let isSwapped: Bool

  var byteCount: Int { kind.byteCount }

  var isInteger: Bool { ![.float16, .float32, .float64].contains(kind) }

  /// The numeric format of a stored type; nil if it is not a standard type.
  init?(describing datatype: Datatype, type: Identifier, at place: Place) throws(HDF5Error) {
    guard let (kind, isBigEndian) = Self.parts(of: datatype) else { return nil }
    let standard = try kind.memoryType(for: .other(""), at: place)
    let order = isBigEndian ? H5T_ORDER_BE : H5T_ORDER_LE
    let attempt = "cannot compare its type"
    if kind.byteCount > 1 { try place.check(attempt) { H5Tset_order(standard.value, order) } }
    // The integers below an enumeration are what it stores.
    var stored = type
    if case .enumeration = datatype { stored = try place.identifier(attempt) { H5Tget_super(type.value) } }
    guard try place.check(attempt, { H5Tequal(stored.value, standard.value) }) > 0 else { return nil }
    self.kind = kind
    isSwapped = kind.byteCount > 1 && isBigEndian != Self.isBigEndianHere
  }

  /// Numbers in native byte order.
  init(_ kind: ElementKind) {
    self.kind = kind
    isSwapped = false
  }

  private static let isBigEndianHere = 1.bigEndian == 1

  private static func parts(of datatype: Datatype) -> (kind: ElementKind, isBigEndian: Bool)? {
    switch datatype {
    case .enumeration(let base, _): return parts(of: base)
    case .float(let bits, _, let isBigEndian):
      guard let kind = [16: ElementKind.float16, 32: .float32, 64: .float64][bits] else { return nil }
      return (kind, isBigEndian)
    case .integer(let bits, let isSigned, let isBigEndian):
      let kinds: [Int: ElementKind] =
        isSigned
        ? [8: .int8, 16: .int16, 32: .int32, 64: .int64] : [8: .uint8, 16: .uint16, 32: .uint32, 64: .uint64]
      return kinds[bits].map { ($0, isBigEndian) }
    default: return nil
    }
  }
}

extension StoredNumber {
  /// Whether all numbers are finite. Exponents of ones alone mark those that are not.
  func areFinite(_ bytes: UnsafeRawBufferPointer) -> Bool {
    switch kind {
    case .float16: lacks(UInt16(0x7C00), bytes)
    case .float32: lacks(UInt32(0x7F80_0000), bytes)
    case .float64: lacks(UInt64(0x7FF0_0000_0000_0000), bytes)
    default: true
    }
  }

  /// Whether no number has all bits of `exponent` set.
  private func lacks<Stored: FixedWidthInteger>(_ exponent: Stored, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let start = bytes.baseAddress else { return true }
    let mask = isSwapped ? exponent.byteSwapped : exponent
    let width = MemoryLayout<Stored>.size
    var found: Stored = 0
    for index in 0..<bytes.count / width {
      let bits = start.loadUnaligned(fromByteOffset: index &* width, as: Stored.self) & mask
      found |= bits == mask ? 1 : 0
    }
    return found == 0
  }

  /// Widens or narrows `count` numbers to `Float`, as the library does.
  func convert(_ source: UnsafeRawPointer, to output: UnsafeMutablePointer<Float>, count: Int) {
    switch kind {
    case .float32 where !isSwapped:
      UnsafeMutableRawPointer(output).copyMemory(from: source, byteCount: count * MemoryLayout<Float>.stride)
    case .float32: each(source, UInt32.self, output, count) { Float(bitPattern: $0) }
    case .float64: each(source, UInt64.self, output, count) { Float(Double(bitPattern: $0)) }
    case .float16: each(source, UInt16.self, output, count, Self.widened)
    case .int8: each(source, Int8.self, output, count) { Float($0) }
    case .uint8, .bool: each(source, UInt8.self, output, count) { Float($0) }
    case .int16: each(source, Int16.self, output, count) { Float($0) }
    case .uint16: each(source, UInt16.self, output, count) { Float($0) }
    case .int32: each(source, Int32.self, output, count) { Float($0) }
    case .uint32: each(source, UInt32.self, output, count) { Float($0) }
    case .int64: each(source, Int64.self, output, count) { Float($0) }
    case .uint64: each(source, UInt64.self, output, count) { Float($0) }
    }
  }

  /// Converts `count` numbers to `Double`.
  func convert(_ source: UnsafeRawPointer, to output: UnsafeMutablePointer<Double>, count: Int) {
    switch kind {
    case .float64 where !isSwapped:
      UnsafeMutableRawPointer(output).copyMemory(
        from: source, byteCount: count * MemoryLayout<Double>.stride)
    case .float64: each(source, UInt64.self, output, count) { Double(bitPattern: $0) }
    case .float32: each(source, UInt32.self, output, count) { Double(Float(bitPattern: $0)) }
    case .float16: each(source, UInt16.self, output, count) { Double(Self.widened($0)) }
    case .int8: each(source, Int8.self, output, count) { Double($0) }
    case .uint8, .bool: each(source, UInt8.self, output, count) { Double($0) }
    case .int16: each(source, Int16.self, output, count) { Double($0) }
    case .uint16: each(source, UInt16.self, output, count) { Double($0) }
    case .int32: each(source, Int32.self, output, count) { Double($0) }
    case .uint32: each(source, UInt32.self, output, count) { Double($0) }
    case .int64: each(source, Int64.self, output, count) { Double($0) }
    case .uint64: each(source, UInt64.self, output, count) { Double($0) }
    }
  }

  /// Converts `count` numbers to `Int32`; those out of range are clamped, and non-integers become its minimum.
  func convert(_ source: UnsafeRawPointer, to output: UnsafeMutablePointer<Int32>, count: Int) {
    switch kind {
    case .int32 where !isSwapped:
      UnsafeMutableRawPointer(output).copyMemory(from: source, byteCount: count * MemoryLayout<Int32>.stride)
    case .int32: each(source, Int32.self, output, count) { $0 }
    case .int8: each(source, Int8.self, output, count) { Int32($0) }
    case .uint8, .bool: each(source, UInt8.self, output, count) { Int32($0) }
    case .int16: each(source, Int16.self, output, count) { Int32($0) }
    case .uint16: each(source, UInt16.self, output, count) { Int32($0) }
    case .uint32: each(source, UInt32.self, output, count) { Int32(clamping: $0) }
    case .int64: each(source, Int64.self, output, count) { Int32(clamping: $0) }
    case .uint64: each(source, UInt64.self, output, count) { Int32(clamping: $0) }
    case .float16: each(source, UInt16.self, output, count) { Self.whole(Double(Self.widened($0))) }
    case .float32: each(source, UInt32.self, output, count) { Self.whole(Double(Float(bitPattern: $0))) }
    case .float64: each(source, UInt64.self, output, count) { Self.whole(Double(bitPattern: $0)) }
    }
  }

  private static func whole(_ value: Double) -> Int32 { Int32(exactly: value) ?? .min }

  @inline(__always)
  private func each<Stored: FixedWidthInteger, Result>(
    _ source: UnsafeRawPointer, _ type: Stored.Type, _ output: UnsafeMutablePointer<Result>, _ count: Int,
    _ convert: (Stored) -> Result
  ) {
    let width = MemoryLayout<Stored>.size
    if isSwapped {
      for index in 0..<count {
        output[index] = convert(
          source.loadUnaligned(fromByteOffset: index &* width, as: Stored.self).byteSwapped)
      }
    } else {
      for index in 0..<count {
        output[index] = convert(source.loadUnaligned(fromByteOffset: index &* width, as: Stored.self))
      }
    }
  }

  /// Half precision from its bits, exactly.
  private static func widened(_ bits: UInt16) -> Float {
    #if !(os(macOS) && arch(x86_64))
      return Float(Float16(bitPattern: bits))
    #else
      let (sign, exponent, fraction) = (UInt32(bits >> 15), UInt32(bits >> 10 & 31), UInt32(bits & 1023))
      if exponent == 0 { return Float(fraction) * 0x1p-24 * (sign == 0 ? 1 : -1) }
      return Float(bitPattern: sign << 31 | (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13)
    #endif
  }
}
