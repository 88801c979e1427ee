import WeftBase

/// Reads the files of a folder that holds a folder for each class, as Speech Commands and GTZAN have them.
///
/// Names such as `bed/0a7c2a8d_nohash_0.wav` begin with the speaker.
final class ClassedFolder: TranscribedReader {
  private var names: ArraySlice<String>
  private let folder: String
  private let noise: Int

  /// What Speech Commands calls its folder of long recordings without a word.
  private static let noiseFolder = "_background_noise_/"
  /// What follows the speaker in its names.
  private static let speakerEnd = "_nohash_"

  /// - Parameter names: The paths of the files within the folder, in order.
  /// - Throws: If none lies in the folder of a class.
  init(_ names: [String], in folder: String) throws(WeftError) {
    self.folder = folder
    let classed = names.filter { $0.contains("/") && !$0.hasPrefix(Self.noiseFolder) }
    noise = names.count { $0.hasPrefix(Self.noiseFolder) }
    guard !classed.isEmpty else {
      throw .data(
        "\(folder): contains no folder of files for each class, such as \(folder)/yes/1.wav; name other classes in a"
          + " list of lines PATH TAB CLASS")
    }
    if let outside = names.first(where: { !$0.contains("/") }) {
      throw .data("\(folder)/\(outside): lies in no class's folder; move it, or remove it")
    }
    let classes = classed.lazy.map { String($0.prefix { $0 != "/" }) }
    if let failure = SplitFolders.failure(folder, classes: classes) { throw failure }
    self.names = classed[...]
  }

  var note: String? {
    noise > 0 ? "left out: \(noise) recordings in \(Self.noiseFolder.dropLast()), which have no class" : nil
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
