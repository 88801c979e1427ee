import CSoundFile

/// The number of samples that an audio file states, where its format is reliable about it.
///
/// FLAC and Ogg state it exactly; MP3 does in the tag of its first frame, without which libsndfile's number is an
/// estimate. For WAV files see `WAVData`.
struct StatedLength {
  let count: Int
  /// Samples that may be missing: encoders count the delays of lossy codecs differently.
  let slack: Int

  /// Nil if the file states none, or not reliably.
  init?(_ information: SF_INFO, _ file: SystemFile) {
    guard information.frames != sf_count_t.max, information.frames > 0 else { return nil }
    count = Int(information.frames)
    // Not every version of the library has a name for MPEG.
    let mpeg: Int32 = 0x23_0000
    switch information.format & Int32(SF_FORMAT_TYPEMASK) {
    case Int32(SF_FORMAT_FLAC): slack = 0
    case Int32(SF_FORMAT_OGG): slack = 2 * Self.frame
    case mpeg where Self.hasTag(file): slack = 2 * Self.frame
    default: return nil
    }
  }

  /// Samples of the longest MP3 frame.
  private static let frame = 1152

  /// Whether the first frame of an MP3 file tells the number of frames, in the tag of Xing or LAME: after the header and
  /// the side information, at most 36 bytes.
  private static func hasTag(_ file: SystemFile) -> Bool {
    var start = 0
    let head = file.read(10, at: 0)
    if head.count == 10, head.starts(with: Array("ID3".utf8)) {
      // Seven bits a byte.
      start = 10 + head[6...].reduce(0) { $0 << 7 | Int($1 & 0x7F) }
    }
    let frame = file.read(64, at: start)
    return (0..<max(frame.count - 8, 0)).contains { place in
      let name = frame[place..<place + 4]
      return (name.elementsEqual("Xing".utf8) || name.elementsEqual("Info".utf8)) && frame[place + 7] & 1 == 1
    }
  }
}

extension SystemFile {
  /// Whether the file ends with a tag of ID3 version 1, which no FLAC decoder expects behind the last frame.
  var endsWithTag: Bool {
    size > 128 && read(3, at: size - 128).elementsEqual("TAG".utf8)
  }
}
