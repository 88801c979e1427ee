import Media
import WeftBase

/// Reads the words of recordings with their times, CTM: lines RECORDING CHANNEL START DURATION WORD CONFIDENCE. All words of a
/// recording and channel are its transcript, in the order of their times.
final class WordTimesReader: TranscribedReader {
  private let path: String
  private var recordings: ArraySlice<Recording>
  private var finder: RecordingFinder
  private let names: Int

  static let ending = ".ctm"

  private struct Recording {
    let name: String
    let channel: String
    let line: Int
    var words: [(start: Double, text: String)] = []
  }

  /// - Throws: If the list cannot be read, or a line is none of it.
  init(_ path: String, files folder: String?, kinds: Set<String>) throws(WeftError) {
    self.path = path
    finder = RecordingFinder(list: path, folder: folder, kinds: kinds)
    let reader = try LineReader(path)
    var places: [String: Int] = [:]
    var found: [Recording] = []
    while let line = try reader.nextEntry() {
      if line.hasPrefix(";;") { continue }
      let fields = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard (5...7).contains(fields.count), let start = Double(fields[2]), Double(fields[3]) != nil,
        start >= 0
      else {
        throw reader.failure(
          "is not RECORDING CHANNEL START DURATION WORD CONFIDENCE, with times in seconds"
            + (line.contains("<ALT") ? "; alternatives are not read" : ""))
      }
      let key = "\(fields[0]) \(fields[1])"
      let place = places[key] ?? found.count
      if places[key] == nil {
        places[key] = place
        found.append(Recording(name: fields[0], channel: fields[1], line: reader.number))
      }
      found[place].words.append((start, fields[4]))
    }
    recordings = found[...]
    names = found.count
  }

  var note: String? {
    "words of \(path): all of a recording are its transcript; \(names) \(names == 1 ? "recording" : "recordings")"
  }
  var hasSeveralTexts: Bool { true }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    guard let recording = recordings.popFirst() else { return nil }
    let words = recording.words.enumerated().sorted {
      ($0.element.start, $0.offset) < ($1.element.start, $1.offset)
    }
    let (path, name) = finder.find(recording.name)
    return .success(
      TranscribedFile(
        path: path, name: name, text: words.map(\.element.text).joined(separator: " "),
        piece: AudioPiece(channel: SegmentTimesReader.channel(recording.channel)),
        place: "\(self.path): line \(recording.line)"))
  }
}
