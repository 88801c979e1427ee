/// The checksum of HDF5's newer structures: Jenkins' lookup3, `hashlittle` with an initial value of 0
/// (burtleburtle.net/bob/c/lookup3.c; HDF5 File Format Specification, appendix "checksum").
func structureChecksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  var a = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: bytes.count)
  var (b, c) = (a, a)
  var rest = bytes

  func word(_ index: Int) -> UInt32 {
    (0..<4).reduce(0) { sum, byte in
      let place = rest.startIndex + 4 * index + byte
      return place < rest.endIndex ? sum | UInt32(rest[place]) << (8 * UInt32(byte)) : sum
    }
  }
  func rotated(_ value: UInt32, _ bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }
  /// `target = (target ^ other) − other`, rotated.
  func finish(_ target: inout UInt32, _ other: UInt32, _ bits: UInt32) {
    target = (target ^ other) &- rotated(other, bits)
  }

  while rest.count > 12 {
    a = a &+ word(0)
    b = b &+ word(1)
    c = c &+ word(2)
    a = (a &- c) ^ rotated(c, 4)
    c = c &+ b
    b = (b &- a) ^ rotated(a, 6)
    a = a &+ c
    c = (c &- b) ^ rotated(b, 8)
    b = b &+ a
    a = (a &- c) ^ rotated(c, 16)
    c = c &+ b
    b = (b &- a) ^ rotated(a, 19)
    a = a &+ c
    c = (c &- b) ^ rotated(b, 4)
    b = b &+ a
    rest = rest.dropFirst(12)
  }
  if rest.isEmpty { return c }
  a = a &+ word(0)
  b = b &+ word(1)
  c = c &+ word(2)
  finish(&c, b, 14)
  finish(&a, c, 11)
  finish(&b, a, 25)
  finish(&c, b, 16)
  finish(&a, c, 4)
  finish(&b, a, 14)
  finish(&c, b, 24)
  return c
}
