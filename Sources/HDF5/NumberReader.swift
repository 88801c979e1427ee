import CHDF5
import Foundation

/// Reads numbers from datasets and attributes with the library's conversion.
struct NumberReader {
  private let kind: ElementKind
  private let stored: Datatype
  private let place: Place

  /// - Throws: `wrongType` if the stored type is not numeric.
  init(_ kind: ElementKind, stored: Datatype, place: Place) throws(HDF5Error) {
    guard stored.isNumeric else {
      throw place.error(.wrongType, "cannot read as \(kind.rawValue)", "it has type \(stored)")
    }
    self.kind = kind
    self.stored = stored
    self.place = place
  }

  /// Fills `bytes` by a transfer that is given the type in memory and room for the values.
  func read(
    into bytes: UnsafeMutableRawBufferPointer, attempt: String,
    transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    // The type of truth values is for writing: any number is read as one.
    let type = try kind.memoryType(for: .other(""), at: place)
    if stored == Self.half, kind == .float32 {
      try readWidening(into: start, count: bytes.count / kind.byteCount, attempt: attempt, transfer: transfer)
    } else if kind == .float16, stored != Self.half {
      try readNarrowing(
        into: start, count: bytes.count / kind.byteCount, attempt: attempt, transfer: transfer)
    } else if needsDetour {
      try readThroughDouble(into: bytes, as: type, attempt: attempt, transfer: transfer)
    } else {
      try place.check(attempt) { transfer(type.value, start) }
    }
    kind.sanitise(bytes)
  }

  /// HDF5 1.10 gets negative numbers wrong when it converts half precision to 64-bit integers: it has a path of its
  /// own only from the C types. From `Double` every integer comes out right, and half precision fits in it.
  private var needsDetour: Bool {
    guard case .float(let bits, _, _) = stored, bits < 32 else { return false }
    switch kind {
    case .float16, .float32, .float64: return false
    default: return true
    }
  }

  private static let half = Datatype.float(bits: 16, exponentBits: 5, isBigEndian: false)

  /// Reads half precision as it is and widens it here: the library takes 50 ns per number.
  private func readWidening(
    into start: UnsafeMutableRawPointer, count: Int, attempt: String,
    transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) {
    #if !(os(macOS) && arch(x86_64))
      let type = try ElementKind.float16.memoryType(for: stored, at: place)
      // The halves lie in the upper half of the result, where each is read before its place is written.
      let halves = start + count * MemoryLayout<Float16>.stride
      try place.check(attempt) { transfer(type.value, halves) }
      for index in 0..<count {
        let value = halves.load(fromByteOffset: index * MemoryLayout<Float16>.stride, as: Float16.self)
        start.storeBytes(of: Float(value), toByteOffset: index * MemoryLayout<Float>.stride, as: Float.self)
      }
    #else
      try place.check(attempt) { transfer(chdf5_native_float(), start) }
    #endif
  }

  /// Reads as `Double` and rounds here: HDF5 1.10 halves what its rounding carries to the next power of two.
  private func readNarrowing(
    into start: UnsafeMutableRawPointer, count: Int, attempt: String,
    transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) {
    #if !(os(macOS) && arch(x86_64))
      let byteCount = try ReadLimit.byteCount(
        elementCount: count, elementSize: MemoryLayout<Double>.stride, at: place, attempt: attempt)
      guard let buffer = malloc(byteCount) else {
        throw place.error(.tooLarge, attempt, "not enough memory")
      }
      defer { free(buffer) }
      try place.check(attempt) { transfer(chdf5_native_double(), buffer) }
      for index in 0..<count {
        let value = buffer.load(fromByteOffset: index * MemoryLayout<Double>.stride, as: Double.self)
        start.storeBytes(
          of: Float16(value), toByteOffset: index * MemoryLayout<Float16>.stride, as: Float16.self)
      }
    #endif
  }

  private func readThroughDouble(
    into bytes: UnsafeMutableRawBufferPointer, as type: Identifier, attempt: String,
    transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) {
    let count = bytes.count / kind.byteCount
    let byteCount = try ReadLimit.byteCount(
      elementCount: count, elementSize: MemoryLayout<Double>.stride, at: place, attempt: attempt)
    guard let buffer = malloc(byteCount) else {
      throw place.error(.tooLarge, attempt, HDF5Error.notEnoughMemory)
    }
    defer { free(buffer) }
    try place.check(attempt) { transfer(chdf5_native_double(), buffer) }
    try place.check(attempt) {
      H5Tconvert(chdf5_native_double(), type.value, count, buffer, nil, chdf5_default())
    }
    bytes.copyMemory(from: UnsafeRawBufferPointer(start: buffer, count: bytes.count))
  }
}
