import HDF5
import Testing

@Suite("The lzf format")
struct LZFTests {
  private func decompress(_ bytes: [UInt8], room: Int) -> [UInt8]? {
    var output = [UInt8](repeating: 0, count: room)
    let count = bytes.withUnsafeBytes { input in
      output.withUnsafeMutableBytes { LZF.decompress(input, into: $0) }
    }
    return count.map { Array(output[..<$0]) }
  }

  @Test("literals, repetitions that overlap, and long ones")
  func valid() {
    #expect(decompress([], room: 0) == [])
    #expect(decompress([2, 1, 2, 3], room: 3) == [1, 2, 3])
    #expect(decompress([0, 7, 0x20, 0], room: 10) == [7, 7, 7, 7])
    #expect(decompress([1, 7, 8, 0x40, 1], room: 10) == [7, 8, 7, 8, 7, 8])
    #expect(decompress([0, 7, 0xe0, 3, 0], room: 20) == [UInt8](repeating: 7, count: 13))
  }

  @Test(
    "damage",
    arguments: [
      [5, 1], [0], [0x20], [0x20, 0], [0, 7, 0x20, 1], [0xe0], [0xe0, 1], [0, 7, 0xe0, 255, 0],
    ]
      as [[UInt8]])
  func invalid(bytes: [UInt8]) {
    #expect(decompress(bytes, room: 100) == nil)
  }

  @Test("compressed data is restored", arguments: [0, 1, 2, 3, 33, 300, 70_000])
  func roundTrip(count: Int) throws {
    // Near and far repetitions, longer than the maximum length, and noise.
    var state: UInt32 = 1
    let bytes = (0..<count).map { place in
      state = state &* 1_664_525 &+ 1_013_904_223
      return place % 3000 < 1000
        ? 7 : place % 3000 < 2000 ? UInt8(place % 1000 / 4 & 0xFF) : UInt8(state >> 24)
    }
    var output = [UInt8](repeating: 0, count: count + count / 32 + 1)
    let written = bytes.withUnsafeBytes { input in
      output.withUnsafeMutableBytes { LZF.compress(input, into: $0) }
    }
    let compressed = Array(output[..<(try #require(written))])
    #expect(decompress(compressed, room: count) == bytes)
    if count == 70_000 { #expect(compressed.count < count / 2) }
  }
}
