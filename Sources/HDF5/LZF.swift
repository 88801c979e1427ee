/// The compressed format of LibLZF, which h5py offers beside deflate.
///
/// A stream is a sequence of tokens. A first byte below 32 announces so many literal bytes plus one. Otherwise its
/// upper three bits are a length less two (seven: add the next byte), and its lower five bits with the byte that
/// follows are how far back, less one, the repeated bytes begin. Repetitions may overlap what they produce.
package enum LZF {
  /// Decompresses a chunk.
  ///
  /// - Parameters:
  ///   - input: the compressed bytes.
  ///   - output: room for the result.
  /// - Returns: how many bytes were written, or nil when the input is damaged or the output too small.
  package static func decompress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> Int? {
    var (read, written) = (0, 0)
    while read < input.count {
      let control = Int(input[read])
      read += 1
      if control < 32 {
        let length = control + 1
        guard read + length <= input.count, written + length <= output.count else { return nil }
        UnsafeMutableRawBufferPointer(rebasing: output[written..<(written + length)])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: input[read..<(read + length)]))
        read += length
        written += length
      } else {
        var length = control >> 5
        if length == 7 {
          guard read < input.count else { return nil }
          length += Int(input[read])
          read += 1
        }
        length += 2
        guard read < input.count else { return nil }
        let source = written - ((control & 31) << 8 | Int(input[read])) - 1
        read += 1
        guard source >= 0, written + length <= output.count else { return nil }
        // Byte by byte and upwards: a repetition may read what it has just written.
        for index in 0..<length {
          output[written + index] = output[source + index]
        }
        written += length
      }
    }
    return written
  }

  private static let maximumLiteralCount = 32
  private static let maximumDistance = 1 << 13
  private static let maximumLength = 264
  private static let hashBits = 14

  /// Compresses a chunk: at each place the latest repetition of three bytes or more is taken.
  ///
  /// - Parameters:
  ///   - input: the bytes.
  ///   - output: room for the result.
  /// - Returns: how many bytes were written, or nil when the output is too small.
  package static func compress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> Int? {
    // Last position of three bytes with a hash.
    var places = [Int](repeating: -1, count: 1 << hashBits)
    var (read, written, literalStart) = (0, 0, 0)
    func writeLiterals(upTo end: Int) -> Bool {
      while literalStart < end {
        let count = min(end - literalStart, maximumLiteralCount)
        guard written + 1 + count <= output.count else { return false }
        output[written] = UInt8(count - 1)
        UnsafeMutableRawBufferPointer(rebasing: output[written + 1..<written + 1 + count])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: input[literalStart..<literalStart + count]))
        written += 1 + count
        literalStart += count
      }
      return true
    }
    func hash(_ place: Int) -> Int {
      let bytes = UInt32(input[place]) << 16 | UInt32(input[place + 1]) << 8 | UInt32(input[place + 2])
      return Int((bytes &* 2_654_435_761) >> UInt32(32 - hashBits))
    }
    while read + 2 < input.count {
      let slot = hash(read)
      let candidate = places[slot]
      places[slot] = read
      guard candidate >= 0, read - candidate <= maximumDistance, input[candidate] == input[read],
        input[candidate + 1] == input[read + 1], input[candidate + 2] == input[read + 2]
      else {
        read += 1
        continue
      }
      var length = 3
      let longest = min(maximumLength, input.count - read)
      while length < longest, input[candidate + length] == input[read + length] { length += 1 }
      guard writeLiterals(upTo: read), written + 3 <= output.count else { return nil }
      let (distance, code) = (read - candidate - 1, length - 2)
      output[written] = UInt8(min(code, 7) << 5 | distance >> 8)
      written += 1
      if code >= 7 {
        output[written] = UInt8(code - 7)
        written += 1
      }
      output[written] = UInt8(distance & 0xFF)
      written += 1
      // The places within a repetition are found again by later ones.
      for place in read + 1..<read + length where place + 2 < input.count { places[hash(place)] = place }
      read += length
      literalStart = read
    }
    return writeLiterals(upTo: input.count) ? written : nil
  }
}
