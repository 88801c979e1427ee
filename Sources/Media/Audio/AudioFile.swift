import CSoundFile
import Foundation
import WeftBase

/// An audio file, read block by block: WAV, FLAC, Ogg and other formats of libsndfile.
///
/// Channels are averaged. Samples are between −1 and 1, or slightly beyond where a lossy codec overshoots.
final class AudioFile {
  let path: String
  /// Sampling rate in Hz.
  let rate: Int
  let channelCount: Int
  private let file: SystemFile
  private let handle: OpaquePointer
  private var interleaved: [Float]
  private var samplesRead = 0
  /// Declared number of samples; nil if the file does not declare it reliably.
  private let stated: StatedLength?
  /// Bounds the samples that a small file can stand for; digital silence takes almost none.
  private let budget: FileBudget

  /// Bytes of samples per byte: Opus reaches 64 samples per byte at its lowest rate.
  private static let expansion = 1024

  /// - Throws: If the file cannot be opened or is not an audio file supported by libsndfile.
  init(_ path: String) throws(MediaError) {
    self.path = path
    file = try SystemFile(path)
    budget = FileBudget(path: path, fileBytes: file.size, expansion: Self.expansion)
    var information = SF_INFO()
    // A separate descriptor: on failure, libsndfile closes the one it was given despite its flag.
    let descriptor = fcntl(fileno(file.stream), F_DUPFD_CLOEXEC, 0)
    guard let handle = sf_open_fd(descriptor, Int32(SFM_READ), &information, 1) else {
      throw MediaError(path, "not a readable audio file: \(String(cString: sf_strerror(nil)))")
    }
    self.handle = handle
    rate = Int(information.samplerate)
    channelCount = Int(information.channels)
    stated = StatedLength(information, file)
    guard rate > 0, channelCount > 0 else {
      interleaved = []
      throw MediaError(path, "claims \(channelCount) channels at \(rate) samples per second")
    }
    if let samples = WAVData(file), samples.isTruncated {
      interleaved = []
      throw MediaError(
        path, "damaged: ends after \(samples.present) of \(samples.stated) bytes of samples")
    }
    let blockSamples = 1 << 16
    interleaved = [Float](repeating: 0, count: max(blockSamples / channelCount, 1) * channelCount)
  }

  deinit {
    sf_close(handle)
  }

  /// The next samples, or nil at the end.
  ///
  /// - Throws: If the file is damaged, or a sample is non-finite.
  func next() throws(MediaError) -> [Float]? {
    let frames = Int(sf_readf_float(handle, &interleaved, sf_count_t(interleaved.count / channelCount)))
    do { try budget.take(elements: [max(frames, 0), channelCount], of: MemoryLayout<Float>.stride) } catch {
      throw MediaError(path, String(error.message.dropFirst(path.count + 2)))
    }
    // The library goes on after an error, with silence in place of what it cannot decode.
    let isComplete = stated.map { samplesRead + max(frames, 0) == $0.count } ?? false
    guard sf_error(handle) == Int32(SF_ERR_NO_ERROR) || (isComplete && file.endsWithTag) else {
      throw MediaError(
        path, "damaged after \(samplesRead) samples: \(String(cString: sf_strerror(handle)))")
    }
    guard frames > 0 else {
      if let stated, samplesRead < stated.count - stated.slack {
        throw MediaError(path, "damaged: ends after \(samplesRead) of \(stated.count) samples")
      }
      return nil
    }
    let scale = 1 / Float(channelCount)
    var samples = [Float](repeating: 0, count: frames)
    for frame in 0..<frames {
      var sum: Float = 0
      for channel in 0..<channelCount { sum += interleaved[frame * channelCount + channel] }
      samples[frame] = channelCount == 1 ? sum : sum * scale
      // Codecs do not overshoot beyond this; squares of larger values would overflow.
      guard samples[frame].magnitude < 1e6 else {
        throw MediaError(path, "sample \(samplesRead + frame) is \(samples[frame]), not finite")
      }
    }
    samplesRead += frames
    return samples
  }
}
