import CSoundFile
import Foundation
import WeftBase

/// An audio file, read block by block: WAV, FLAC, Ogg and other formats of libsndfile.
///
/// Channels are averaged, or one is read. Samples are between −1 and 1, or slightly beyond where a lossy codec overshoots.
final class AudioFile {
  let path: String
  /// Sampling rate in Hz.
  let rate: Int
  let channelCount: Int
  private let file: SystemFile
  private let handle: OpaquePointer
  private var interleaved: [Float]
  private var samplesRead = 0
  /// The first sample that is read.
  private let first: Int
  /// Samples of the piece that is read; nil for the whole file.
  private let pieceCount: Int?
  /// The only channel that is read; nil for all.
  private let channel: Int?
  /// Whether the piece ends after the file, by a little.
  let isShortened: Bool
  /// Declared number of samples; nil if the file does not declare it reliably.
  private let stated: StatedLength?
  /// Bounds the samples that a small file can stand for; digital silence takes almost none.
  private let budget: FileBudget

  /// Bytes of samples per byte: Opus reaches 64 samples per byte at its lowest rate.
  private static let expansion = 1024

  /// - Parameter piece: What is read of it; nil for all.
  /// - Throws: If the file cannot be opened, is not an audio file supported by libsndfile, or ends before the piece.
  init(_ path: String, piece: AudioPiece? = nil) throws(MediaError) {
    self.path = path
    file = try SystemFile(path)
    budget = FileBudget(path: path, fileBytes: file.size, expansion: Self.expansion)
    var information = SF_INFO()
    // A separate descriptor: on failure, libsndfile closes the one it was given despite its flag.
    let descriptor = fcntl(fileno(file.stream), F_DUPFD_CLOEXEC, 0)
    guard let handle = sf_open_fd(descriptor, Int32(SFM_READ), &information, 1) else {
      throw MediaError(
        path, "not a readable audio file: \(String(cString: sf_strerror(nil)))" + Self.remedy(path, file))
    }
    self.handle = handle
    rate = Int(information.samplerate)
    channelCount = Int(information.channels)
    stated = StatedLength(information, file)
    channel = channelCount > 1 ? piece?.channel : nil
    guard rate > 0, channelCount > 0 else {
      (interleaved, first, pieceCount, isShortened) = ([], 0, nil, false)
      throw MediaError(path, "claims \(channelCount) channels at \(rate) samples per second")
    }
    let bounds = Self.bounds(of: piece, channel: channel, information, file, path)
    (first, pieceCount, isShortened) =
      (try? bounds.get()).flatMap(\.self).map { ($0.first, $0.count, $0.isShortened) } ?? (0, nil, false)
    interleaved = []
    _ = try bounds.get()
    if first > 0, sf_seek(handle, sf_count_t(first), Int32(SEEK_SET)) != sf_count_t(first) {
      throw MediaError(
        path,
        "cannot be read from \(Double(first) / Double(rate)) seconds on: \(String(cString: sf_strerror(handle)))"
      )
    }
    let blockSamples = 1 << 16
    interleaved = [Float](repeating: 0, count: max(blockSamples / channelCount, 1) * channelCount)
  }

  deinit {
    sf_close(handle)
  }

  /// Beyond what codecs overshoot full scale by, and what standardized samples reach.
  private static let loudest: Float = 100

  /// What is wrong with a sample that is as loud, or no number.
  private static func fault(of sample: Float, at index: Int) -> String {
    guard sample.isFinite else { return "sample \(index) is \(sample), not finite" }
    let scale = sample.magnitude > 32768 ? "2147483648 or 8388608" : "32768"
    return
      "sample \(index) is \(sample), but full scale of floating-point samples is 1: these have the scale of integers;"
      + " divide them, in Python: x, rate = soundfile.read('old.wav'); soundfile.write('new.wav', x / \(scale), rate)"
  }

  /// What to do with a file of a kind that libsndfile does not read, after its reason; empty for any other.
  private static func remedy(_ path: String, _ file: SystemFile) -> String {
    if String(decoding: file.read(1024, at: 0), as: UTF8.self).contains("embedded-shorten") {
      return " It is compressed by shorten; decode it with sph2pipe."
    }
    let ending = PathParts.ending(of: path).lowercased()
    return ["m4a", "mp4", "aac", "wma", "amr", "webm", "mkv"].contains(ending)
      ? " Convert it to WAV or FLAC, for example with ffmpeg." : ""
  }

  /// The samples of a piece; nil for those of the whole file.
  private static func bounds(
    of piece: AudioPiece?, channel: Int?, _ information: SF_INFO, _ file: SystemFile, _ path: String
  ) -> Result<PieceBounds?, MediaError> {
    Result { () throws(MediaError) in
      if let samples = WAVData(file), samples.isTruncated {
        throw MediaError(
          path, "damaged: ends after \(samples.present) of \(samples.stated) bytes of samples")
      }
      if let channel, channel < 0 || channel >= Int(information.channels) {
        throw MediaError(
          path, "has \(information.channels) channels, but channel \(channel + 1) is to be read")
      }
      guard let piece, piece.start > 0 || piece.end != nil else { return nil }
      return try PieceBounds(piece, information, path: path)
    }
  }

  /// The next samples, or nil at the end.
  ///
  /// - Throws: If the file is damaged, or a sample is non-finite.
  func next() throws(MediaError) -> [Float]? {
    let wanted = min(interleaved.count / channelCount, pieceCount.map { $0 - samplesRead } ?? .max)
    if wanted == 0 { return nil }
    let frames = Int(sf_readf_float(handle, &interleaved, sf_count_t(wanted)))
    do { try budget.take(elements: [max(frames, 0), channelCount], of: MemoryLayout<Float>.stride) } catch {
      throw MediaError(path, String(error.message.dropFirst(path.count + 2)))
    }
    // The library goes on after an error, with silence in place of what it cannot decode.
    let isComplete = stated.map { first + samplesRead + max(frames, 0) == $0.count } ?? false
    guard sf_error(handle) == Int32(SF_ERR_NO_ERROR) || (isComplete && file.endsWithTag) else {
      throw MediaError(
        path, "damaged after \(samplesRead) samples: \(String(cString: sf_strerror(handle)))")
    }
    guard frames > 0 else {
      if let pieceCount {
        throw MediaError(path, "damaged: ends after \(first + samplesRead) of \(first + pieceCount) samples")
      }
      if let stated, samplesRead < stated.count - stated.slack {
        throw MediaError(path, "damaged: ends after \(samplesRead) of \(stated.count) samples")
      }
      return nil
    }
    let scale = 1 / Float(channelCount)
    var samples = [Float](repeating: 0, count: frames)
    for frame in 0..<frames {
      if let channel {
        samples[frame] = interleaved[frame * channelCount + channel]
      } else {
        var sum: Float = 0
        for channel in 0..<channelCount { sum += interleaved[frame * channelCount + channel] }
        samples[frame] = channelCount == 1 ? sum : sum * scale
      }
      guard samples[frame].magnitude < Self.loudest else {
        throw MediaError(path, Self.fault(of: samples[frame], at: first + samplesRead + frame))
      }
    }
    samplesRead += frames
    return samples
  }
}

/// The samples of a piece of a file.
private struct PieceBounds {
  let first: Int
  let count: Int
  let isShortened: Bool

  /// - Throws: If the file ends before the piece does.
  init(_ piece: AudioPiece, _ information: SF_INFO, path: String) throws(MediaError) {
    guard information.seekable != 0, information.frames > 0, information.frames < sf_count_t.max else {
      throw MediaError(
        path, "does not tell its length, so that no piece of it can be read; convert it to FLAC or WAV")
    }
    let (total, rate) = (Int(information.frames), Double(information.samplerate))
    let length = Double(total) / rate
    guard piece.start.isFinite, piece.start >= 0, piece.start < length else {
      throw MediaError(
        path, "ends after \(Self.text(length)) s, before the piece begins at \(Self.text(piece.start)) s")
    }
    let end = piece.end ?? length
    guard end.isFinite, end > piece.start else {
      throw MediaError(
        path, "the piece from \(Self.text(piece.start)) to \(Self.text(end)) s has no length")
    }
    guard end <= length + AudioPiece.overshoot else {
      throw MediaError(
        path,
        "ends after \(Self.text(length)) s, before the piece ends at \(Self.text(end)) s; are its times seconds?"
      )
    }
    first = min(Int((piece.start * rate).rounded()), total)
    let stop = Int((end * rate).rounded())
    // Half a sample is no difference.
    isShortened = stop > total + 1
    count = min(stop, total) - first
    guard count > 0 else {
      throw MediaError(path, "the piece from \(Self.text(piece.start)) to \(Self.text(end)) s has no samples")
    }
  }

  private static func text(_ seconds: Double) -> String { NumberText.significant(seconds, digits: 6) }
}
