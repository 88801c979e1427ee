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
}
