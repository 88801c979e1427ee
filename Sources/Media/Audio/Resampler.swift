import CSampleRate

/// Changes the sampling rate of one channel, block by block, with libsamplerate's band-limited interpolation of
/// medium quality: 121 dB of signal to noise, the lower 90% of the band kept.
final class Resampler {
  private let path: String
  private let state: OpaquePointer
  private let ratio: Double
  private var output = [Float](repeating: 0, count: 1 << 14)

  /// - Parameters:
  ///   - from: Sampling rate of the input.
  ///   - to: Sampling rate of the output.
  ///   - path: The file to name in errors.
  /// - Throws: If the rates are more than a factor of 256 apart.
  init(from: Int, to: Int, path: String) throws(MediaError) {
    self.path = path
    ratio = Double(to) / Double(from)
    var code: Int32 = 0
    guard src_is_valid_ratio(ratio) != 0, let state = src_new(Int32(SRC_SINC_MEDIUM_QUALITY), 1, &code)
    else {
      throw MediaError(
        path, "cannot resample from \(from) to \(to) samples per second; the ratio is limited to 256")
    }
    self.state = state
  }

  deinit {
    _ = src_delete(state)
  }

  /// Output samples for `input` and buffered samples.
  ///
  /// - Parameter isLast: Whether `input` is the last; if so, buffered samples are flushed.
  func process(_ input: [Float], isLast: Bool) throws(MediaError) -> [Float] {
    var result: [Float] = []
    var used = 0
    while true {
      let (taken, made, code) = step(input, from: used, isLast: isLast)
      guard code == 0 else {
        throw MediaError(path, "cannot be resampled: \(String(cString: src_strerror(code)))")
      }
      used += taken
      result += output[..<made]
      if made < output.count, used == input.count || taken == 0 { return result }
    }
  }

  private func step(_ input: [Float], from: Int, isLast: Bool) -> (taken: Int, made: Int, code: Int32) {
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        // The library rejects the null pointer of an empty array.
        let start = input.baseAddress.map { UnsafePointer($0 + from) } ?? UnsafePointer(output.baseAddress!)
        var data = SRC_DATA()
        data.data_in = start
        data.input_frames = input.count - from
        data.data_out = output.baseAddress
        data.output_frames = output.count
        data.src_ratio = ratio
        data.end_of_input = isLast ? 1 : 0
        let code = src_process(state, &data)
        return (data.input_frames_used, data.output_frames_gen, code)
      }
    }
  }
}
