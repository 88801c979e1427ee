import Media
import WeftBase

/// Reads segments of recordings with their transcripts, STM, as NIST's scoring and TED-LIUM have them: lines RECORDING CHANNEL
/// SPEAKER START END <LABEL> TEXT, of which the label is optional.
final class SegmentTimesReader: TranscribedReader {
  private var paths: ArraySlice<String>
  private let folder: String?
  private let kinds: Set<String>
  private var reader: LineReader?
  private var finder: RecordingFinder?
  private var pieces = PieceSurvey()
  private var ignored = 0
  private let name: String

  static let ending = ".stm"
  /// Texts that are no words, by which segments are not to be scored.
  private static let ignoredText = "ignore_time_segment_in_scoring"
  private static let gapSpeaker = "inter_segment_gap"

  /// - Parameters:
  ///   - paths: The files.
  ///   - folder: The folder of the recordings; nil for the usual ones.
  init(_ paths: [String], files folder: String?, kinds: Set<String>) {
    name = paths.count == 1 ? paths[0] : "\(paths.count) files *\(Self.ending)"
    self.paths = paths[...]
    self.folder = folder
    self.kinds = kinds
  }

  var note: String? {
    "segments of \(name), speakers are groups: \(pieces.note ?? "none")"
      + (ignored > 0 ? "; left out: \(ignored) that are not to be scored" : "")
  }
  var groupName: String { "the speaker" }
  var hasSeveralTexts: Bool { true }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    while true {
      if reader == nil {
        guard let path = paths.popFirst() else { return nil }
        reader = try LineReader(path)
        finder = RecordingFinder(list: path, folder: folder, kinds: kinds)
      }
      guard let reader else { return nil }
      guard let line = try reader.nextEntry() else {
        self.reader = nil
        continue
      }
      if line.hasPrefix(";;") { continue }
      let fields = line.split(maxSplits: 5, whereSeparator: \.isWhitespace).map(String.init)
      guard fields.count >= 5, let start = Double(fields[3]), let end = Double(fields[4]) else {
        throw reader.failure("is not RECORDING CHANNEL SPEAKER START END <LABEL> TEXT, with times in seconds")
      }
      var text = fields.count > 5 ? fields[5] : ""
      if text.first == "<", let close = text.firstIndex(of: ">"), text[..<close].contains(",") {
        text = String(text[text.index(after: close)...])
      }
      text = text.joiningLines
      if text.lowercased() == Self.ignoredText || fields[2] == Self.gapSpeaker {
        ignored += 1
        continue
      }
      return Result { () throws(WeftError) in
        try file(fields, AudioPiece(start: start, end: end, channel: Self.channel(fields[1])), text, reader)
      }
    }
  }

  private func file(
    _ fields: [String], _ piece: AudioPiece, _ text: String, _ reader: LineReader
  ) throws(WeftError) -> TranscribedFile {
    guard !text.isEmpty else { throw reader.failure("\(fields[0]): has no text") }
    let place = "\(reader.path): line \(reader.number)"
    if let other = pieces.add(piece, of: fields[0], text, at: place) {
      throw reader.failure(
        "the same piece of '\(fields[0])' has another transcript in \(other); keep one of them")
    }
    guard let (path, name) = finder?.find(fields[0]) else {
      preconditionFailure("a file that is read has a finder")
    }
    return TranscribedFile(
      path: path, name: "\(name) \(fields[3])-\(fields[4])", text: text, piece: piece,
      group: fields[2].isEmpty ? nil : fields[2], place: place)
  }

  /// Channels are numbers from 1, or letters.
  static func channel(_ text: String) -> Int? {
    if let number = Int(text), number >= 1 { return number - 1 }
    return switch text.uppercased() {
    case "A": 0
    case "B": 1
    default: nil
    }
  }
}
