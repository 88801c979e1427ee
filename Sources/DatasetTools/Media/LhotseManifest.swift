import Foundation
import Media
import WeftBase

/// Reads manifests of Lhotse, JSON lines: cuts with their recordings and transcripts, or supervisions with a manifest of
/// recordings beside them.
final class LhotseManifest: TranscribedReader {
  private let lines: LineReader
  private let files: String?
  private let decoder = JSONDecoder()
  /// The recordings of supervisions by their names; nil for cuts.
  private var recordings: [String: Recording]?
  private var ready: ArraySlice<Result<TranscribedFile, WeftError>> = []
  private var pieces = PieceSurvey()
  private var withoutText = 0

  /// Whether a first object with these fields is of one.
  static func isOne(_ names: [String]) -> Bool {
    names.contains("supervisions") || ["recording_id", "start", "duration"].allSatisfy(names.contains)
  }

  /// - Parameter files: The folder to which paths are relative; nil for that of the manifest.
  /// - Throws: If a file cannot be read.
  init(_ path: String, files: String?) throws(WeftError) {
    lines = try LineReader(path)
    self.files = files
    guard try JSONLines.names(in: path)?.contains("supervisions") != true else { return }
    let name = PathParts.name(of: path)
    let other = PathParts.path(
      name.replacing("supervisions", with: "recordings"), in: PathParts.folder(of: path))
    guard other != path, OutputFile.exists(other) else {
      throw .data(
        "\(path): has supervisions without recordings; name cuts, or put the manifest of recordings beside it as \(other)"
      )
    }
    var found: [String: Recording] = [:]
    let reader = try LineReader(other)
    while let line = try reader.nextEntry() {
      do {
        let recording = try decoder.decode(Recording.self, from: Data(line.utf8))
        found[recording.id] = recording
      } catch { throw reader.failure("is no recording of Lhotse, with 'id' and 'sources'") }
    }
    recordings = found
  }

  var note: String? {
    "manifest of Lhotse \(lines.path), speakers are groups: \(pieces.note ?? "no pieces")"
      + (withoutText > 0 ? "; left out: \(withoutText) without a text" : "")
  }
  var groupName: String { "the speaker" }
  var hasSeveralTexts: Bool { true }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    while ready.isEmpty {
      guard let line = try lines.nextEntry() else { return nil }
      do {
        if let recordings {
          let supervision = try decoder.decode(Supervision.self, from: Data(line.utf8))
          add(supervision, from: 0, recordings[supervision.recordingID ?? ""])
        } else {
          let cut = try decoder.decode(Cut.self, from: Data(line.utf8))
          for supervision in cut.supervisions {
            add(supervision, from: cut.start, cut.recording, cut.channel)
          }
        }
      } catch {
        throw lines.failure("is neither a cut of one recording nor a supervision of Lhotse")
      }
    }
    return ready.popFirst()
  }

  private func add(
    _ supervision: Supervision, from start: Double, _ recording: Recording?, _ channel: Channel? = nil
  ) {
    guard let text = supervision.text?.joiningLines, !text.isEmpty else {
      withoutText += 1
      return
    }
    ready.append(
      Result { () throws(WeftError) in
        try file(supervision, text, from: start, recording, channel ?? supervision.channel)
      })
  }

  private func file(
    _ supervision: Supervision, _ text: String, from start: Double, _ recording: Recording?,
    _ channel: Channel?
  ) throws(WeftError) -> TranscribedFile {
    guard let recording else { throw lines.failure("'\(supervision.id)': has no recording") }
    guard recording.sources.count == 1, let source = recording.sources.first, source.type == "file" else {
      throw lines.failure("'\(supervision.id)': its recording is not one file")
    }
    guard recording.transforms?.isEmpty != false else {
      throw lines.failure(
        "'\(supervision.id)': its recording has transforms, which are not applied; name the cuts before them, and change"
          + " speeds with --speeds")
    }
    let begin = max(0, start + supervision.start)
    // Channels of a recording with one are not told apart.
    let piece = AudioPiece(
      start: begin, end: begin + supervision.duration,
      channel: source.channels.count > 1 ? channel?.number : nil)
    let place = "\(lines.path): line \(lines.number)"
    if let other = pieces.add(piece, of: recording.id, text, at: place) {
      throw lines.failure("the same piece has another transcript in \(other); keep one of them")
    }
    let path =
      source.source.hasPrefix("/")
      ? source.source : PathParts.path(source.source, in: files ?? Self.folder(of: source.source, lines.path))
    return TranscribedFile(
      path: path, name: supervision.id, text: text, piece: piece, group: supervision.speaker, place: place)
  }

  /// Paths are relative to where Lhotse ran: mostly the folder of the manifest or one above.
  private static func folder(of name: String, _ list: String) -> String {
    let own = PathParts.folder(of: list)
    return [own, "\(own)/..", "\(own)/../..", "."].first { OutputFile.exists(PathParts.path(name, in: $0)) }
      ?? own
  }

  private struct Cut: Decodable {
    let start: Double
    let channel: Channel?
    let supervisions: [Supervision]
    let recording: Recording?
  }

  private struct Supervision: Decodable {
    let id: String
    let recordingID: String?
    let start: Double
    let duration: Double
    let channel: Channel?
    let text: String?
    let speaker: String?

    enum CodingKeys: String, CodingKey {
      case id, start, duration, channel, text, speaker
      case recordingID = "recording_id"
    }
  }

  private struct Recording: Decodable {
    struct Source: Decodable {
      let type: String
      let channels: [Int]
      let source: String
    }
    let id: String
    let sources: [Source]
    let transforms: [Ignored]?
  }

  private struct Ignored: Decodable { init(from decoder: any Decoder) {} }

  /// One, or a list, of which all are averaged.
  private struct Channel: Decodable {
    let number: Int?
    init(from decoder: any Decoder) throws {
      number = try? decoder.singleValueContainer().decode(Int.self)
    }
  }
}
