import WeftBase

/// Reads the files of a folder that holds a folder for each class, as Speech Commands and GTZAN have them.
///
/// Names such as `bed/0a7c2a8d_nohash_0.wav` begin with the speaker.
final class ClassedFolder: TranscribedReader {
  private var names: ArraySlice<String>
  private let folder: String
  private let noise: Int
  private let left: UnreadFiles
  /// A folder that has the name of a speaker rather than of a class, as those of RAVDESS.
  private let speaker: String?

  /// What Speech Commands calls its folder of long recordings without a word.
  private static let noiseFolder = "_background_noise_/"
  /// What follows the speaker in its names.
  private static let speakerEnd = "_nohash_"

  /// - Parameter names: The paths of the files within the folder, in order.
  /// - Throws: If none lies in the folder of a class.
  init(_ names: [String], in folder: String, left: UnreadFiles, areImages: Bool) throws(WeftError) {
    self.folder = folder
    self.left = left
    let classed = names.filter { $0.contains("/") && !$0.hasPrefix(Self.noiseFolder) }
    noise = names.count { $0.hasPrefix(Self.noiseFolder) }
    guard !classed.isEmpty else {
      throw .data(
        "\(folder): contains no folder of files for each class, such as \(folder)/yes/1.\(areImages ? "png" : "wav"); read"
          + " classes from the names of files with --class-from '{class}_*', or name them in a list of lines PATH TAB CLASS; files without"
          + " classes are read by weft classify RUN \(folder.shellQuoted)"
      )
    }
    if let outside = names.first(where: { !$0.contains("/") }) {
      throw .data("\(folder)/\(outside): lies in no class's folder; move it, or remove it")
    }
    let classes = classed.lazy.map { String($0.prefix { $0 != "/" }) }
    if let failure = SplitFolders.failure(folder, classes: classes) { throw failure }
    let isSpeaker = #/(?i)(actor|speaker|spk|subject|subj|sub|person|patient|user|session)[-_ ]?[0-9]+/#
    speaker = Set(classes).allSatisfy { $0.wholeMatch(of: isSpeaker) != nil } ? classes.first : nil
    self.names = classed[...]
  }

  var note: String? {
    let parts = [
      noise > 0
        ? "recordings in \(Self.noiseFolder.dropLast()), which have no class, left out: \(noise)" : nil,
      speaker.map {
        "folders such as \($0) are the classes; if the names of files tell them, read them with --class-from"
      },
      left.note,
    ].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
  var groupName: String { "the speaker" }
  var hasSeveralTexts: Bool { true }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    guard let name = names.popFirst() else { return nil }
    let file = PathParts.name(of: name)
    return .success(
      TranscribedFile(
        path: PathParts.path(name, in: folder), name: name, text: String(name.prefix { $0 != "/" }),
        group: file.firstRange(of: Self.speakerEnd).map { String(file[..<$0.lowerBound]) }))
  }
}
