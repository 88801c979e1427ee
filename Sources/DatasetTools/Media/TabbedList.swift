import Foundation
import WeftBase

/// Reads lines PATH TAB TEXT, or PATH TAB TEXT TAB GROUP.
final class TabbedList: TranscribedReader {
  private let reader: LineReader
  private let folder: String

  /// - Throws: If the list cannot be opened.
  init(_ path: String, files: String?) throws(WeftError) {
    reader = try LineReader(path)
    folder = files ?? PathParts.folder(of: path)
  }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    try reader.nextEntry().map(file)
  }

  /// What to do with lists of other programs.
  private func advice(on line: String) -> String {
    let start = line.drop(while: \.isWhitespace)
    if start.hasPrefix("[") || start.hasPrefix("{") {
      return
        "; of JSON, objects one a line are read, with a file (such as file_name) and its text (text) or class (label): jq -c"
        + " '.[]' writes those of a list"
    }
    let ending = PathParts.ending(of: reader.path).lowercased()
    if ending != "csv", line.prefix(while: { !$0.isWhitespace }).firstMatch(of: #/\.[a-z0-9]+,/#) != nil {
      return "; of a table with commas, the first line must name its columns, such as path,text or path,label"
    }
    switch ending {
    case "scp", "ark":
      return
        "; of Kaldi, name the folder with wav.scp and text, and load features with kaldiio to save them with numpy.savez for"
        + " weft data numpy"
    case "rttm", "textgrid":
      return
        "; it tells parts of recordings, which are not cut: cut them into files of their own, for example with sox"
    case "csv":
      return
        "; a table names its columns in the first line: one for the file, such as path or file_name, and one for the text, such as"
        + " sentence or caption, or with --classes for the class, such as label; others are renamed in Python:"
        + " pandas.read_csv('\(PathParts.name(of: reader.path))').rename(columns={'fname': 'path', 'labels': 'label'})"
        + ".to_csv('list.csv', index=False)"
    default: return ""
    }
  }

  private func file(_ line: String) -> Result<TranscribedFile, WeftError> {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    guard (2...3).contains(fields.count) else {
      return .failure(
        reader.failure(
          "has \(fields.count - 1) tabs; expected PATH TAB TEXT or PATH TAB TEXT TAB GROUP" + advice(on: line)
        ))
    }
    if ["http://", "https://"].contains(where: fields[1].hasPrefix) {
      return .failure(
        reader.failure(
          "has an address in column 2; load the files first, for example with img2dataset, and list PATH TAB TEXT"
        ))
    }
    guard !fields[0].isEmpty else { return .failure(reader.failure("has no path")) }
    guard !fields[1].isEmpty else { return .failure(reader.failure("\(fields[0]): has no text")) }
    return .success(
      TranscribedFile(
        path: PathParts.path(fields[0], in: folder), name: fields[0], text: fields[1],
        group: fields.count == 3 && !fields[2].isEmpty ? fields[2] : nil,
        place: "\(reader.path): line \(reader.number)"))
  }
}

/// Reads the files of a folder, each with a text file of the same name.
final class FolderOfTexts: TranscribedReader {
  private var names: ArraySlice<String>
  private let folder: String
  /// Texts of TIMIT.
  private var withoutTimes = 0
  /// The texts in other folders by their names without extension, as VCTK keeps them; read when the first is looked for.
  private var others: [String: String]?
  private var elsewhereCount = 0
  private let left: UnreadFiles
  /// Second recordings of an utterance, by another microphone.
  private let secondCount: Int
  /// How paths tell speakers; nil if they do not.
  private let speakers: SpeakerFolders?

  /// Endings of the texts of a recording: those of most corpora and of TIMIT, the normalized ones of LibriTTS, and those of the
  /// Montreal Forced Aligner.
  private static let endings = [".txt", ".TXT", ".normalized.txt", ".lab"]
  /// What THCHS-30 adds to the name of a recording for its text, which the first line is; its syllables and phones follow.
  private static let syllables = ".trn"
  /// What VCTK adds to the names of texts for each of its two microphones.
  private static let microphones = ["_mic1", "_mic2"]

  /// - Parameter names: The paths of the files within the folder, in order.
  init(_ names: [String], in folder: String, left: UnreadFiles) {
    let stems = Set(names.map(PathParts.withoutEnding))
    let first = names.filter { name in
      let stem = PathParts.withoutEnding(name)
      return !stem.hasSuffix(Self.microphones[1])
        || !stems.contains(stem.dropLast(Self.microphones[1].count) + Self.microphones[0])
    }
    secondCount = names.count - first.count
    speakers = SpeakerFolders(first, in: folder)
    self.names = first[...]
    self.folder = folder
    self.left = left
  }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    guard let name = names.popFirst() else { return nil }
    let path = PathParts.path(name, in: folder)
    return Result { () throws(WeftError) in
      let stem = PathParts.withoutEnding(path)
      if OutputFile.exists(path + Self.syllables) {
        var text = try LineReader(path + Self.syllables).nextEntry()?.joiningLines ?? ""
        if text.hasSuffix(Self.syllables) {
          // In the folders of splits, it is the path of the file that has it.
          let other = PathParts.path(text, in: PathParts.folder(of: path))
          text = try LineReader(other).nextEntry()?.joiningLines ?? ""
        }
        guard !text.isEmpty else { throw .data("\(path)\(Self.syllables): has no text") }
        return TranscribedFile(path: path, name: name, text: text, group: speakers?.speaker(of: name))
      }
      var found = Self.endings.map { stem + $0 }.first(where: OutputFile.exists)
      if found == nil { found = try elsewhere(PathParts.name(of: stem)) }
      guard let transcript = found else {
        throw .data(
          "\(path): has no text \(PathParts.name(of: stem)).txt beside it; name texts in a list of lines PATH TAB TEXT, and"
            + " read folders of classes with --classes; a trained classifier reads files by themselves, weft classify RUN"
            + " \(path.shellQuoted)")
      }
      var text = try TextFile.contents(of: transcript).joiningLines
      // TIMIT tells the samples of an utterance before its words.
      if OutputFile.exists(stem + ".PHN") || OutputFile.exists(stem + ".phn"),
        let words = text.firstMatch(of: #/^[0-9]+ [0-9]+ /#)
      {
        text.removeSubrange(words.range)
        withoutTimes += 1
      }
      guard !text.isEmpty else { throw .data("\(transcript): has no text") }
      if transcript.hasSuffix(".lab"), text.prefixMatch(of: #/[0-9.]+ [0-9.]+ \S/#) != nil {
        throw .data(
          "\(transcript): has times and labels of phones, not a text; write texts to .txt files beside the recordings"
        )
      }
      return TranscribedFile(path: path, name: name, text: text, group: speakers?.speaker(of: name))
    }
  }

  /// The only text of a name in other folders; nil if there is none.
  private func elsewhere(_ name: String) throws(WeftError) -> String? {
    if others == nil {
      var found: [String: String] = [:]
      var repeated: Set<String> = []
      for path in try FolderListing.files(under: folder, where: { $0.hasSuffix(".txt") }) {
        if found.updateValue(path, forKey: PathParts.stem(of: path)) != nil {
          repeated.insert(PathParts.stem(of: path))
        }
      }
      for name in repeated { found[name] = nil }
      others = found
    }
    let microphone = Self.microphones.first(where: name.hasSuffix) ?? ""
    guard let path = others?[name] ?? others?[String(name.dropLast(microphone.count))] else { return nil }
    elsewhereCount += 1
    return PathParts.path(path, in: folder)
  }

  var note: String? {
    let parts = [
      elsewhereCount > 0 ? "texts of the names of recordings, in other folders: \(elsewhereCount)" : nil,
      withoutTimes > 0
        ? "numbers of samples before the words of \(withoutTimes) texts, left out (TIMIT)" : nil,
      secondCount > 0 ? "recordings by the second microphone, left out: \(secondCount)" : nil, speakers?.note,
      left.note,
    ].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  var groupName: String { "the speaker" }
  var hasSeveralTexts: Bool { speakers?.haveSentencesInCommon ?? false }
}

extension StringProtocol {
  /// The text on one line, with one space for each run of white space.
  var joiningLines: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
