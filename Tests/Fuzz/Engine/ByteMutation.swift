/// Changes the bytes of an HDF5 file.
struct ByteMutation {
  private let original: [UInt8]
  private let anatomy: Anatomy

  init(_ original: [UInt8]) {
    self.original = original
    anatomy = Anatomy(original)
  }

  /// Values at which sizes, signs and sums overflow.
  private static let boundaries: [UInt64] = [
    0, 1, 2, 3, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000,
    0xFFFF_FFFF,
    0x1_0000_0000, 0x4000_0000_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFE,
    .max,
  ]

  /// A changed copy: mostly one or two changes, and mostly with corrected checksums of structures.
  func mutant(_ random: inout RandomNumbers, other: [UInt8]) -> [UInt8] {
    var bytes = original
    let count = random.pick([1, 1, 1, 2, 2, 3, 5, 12])
    for _ in 0..<count { change(&bytes, &random, other: other) }
    if random.happens(0.85) { anatomy.seal(&bytes) }
    // Truncations and insertions come last, without corrected checksums.
    if random.happens(0.08) { resize(&bytes, &random) }
    return bytes
  }

  private func change(_ bytes: inout [UInt8], _ random: inout RandomNumbers, other: [UInt8]) {
    let length = random.pick([1, 2, 4, 8, 16, 64, 256])
    let place = random.happens(0.75) ? nearStructure(&random) : random.below(bytes.count)
    let range = place..<min(place + length, bytes.count)
    switch random.below(9) {
    case 0: bytes[place] ^= 1 << UInt8(random.below(8))
    case 1: bytes[place] = UInt8(random.below(256))
    case 2, 3, 4: put(random.pick(Self.boundaries), width: random.pick([1, 2, 4, 8]), at: place, &bytes)
    case 5:
      let step = random.pick([1, -1, 2, -2, 8, -8, 16])
      bytes[place] = UInt8(truncatingIfNeeded: Int(bytes[place]) + step)
    case 6:
      bytes.replaceSubrange(range, with: repeatElement(random.pick([0, 0xFF, 0x20]), count: range.count))
    case 7:
      // A valid but wrong address.
      put(UInt64(random.pick(anatomy.structures)), width: 8, at: place, &bytes)
    default:
      let source = random.happens(0.5) ? bytes : other
      let start = random.below(max(1, source.count - range.count))
      let piece = source[start..<min(start + range.count, source.count)]
      bytes.replaceSubrange(place..<place + piece.count, with: piece)
    }
  }

  private func nearStructure(_ random: inout RandomNumbers) -> Int {
    let start = random.pick(anatomy.structures)
    return min(start + 4 + random.below(random.pick([16, 64, 256])), original.count - 1)
  }

  private func put(_ value: UInt64, width: Int, at place: Int, _ bytes: inout [UInt8]) {
    for byte in 0..<min(width, bytes.count - place) {
      bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))
    }
  }

  private func resize(_ bytes: inout [UInt8], _ random: inout RandomNumbers) {
    switch random.below(3) {
    case 0: bytes.removeLast(random.below(bytes.count))
    case 1: bytes += (0..<random.below(4096)).map { _ in UInt8(random.below(256)) }
    default:
      let place = random.below(bytes.count)
      bytes.removeSubrange(place..<min(place + 1 + random.below(64), bytes.count))
    }
  }
}
