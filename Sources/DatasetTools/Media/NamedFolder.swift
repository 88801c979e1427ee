import WeftBase

/// Reads the files of a folder whose names tell their classes, as those of the Free Spoken Digit Dataset, RAVDESS and CREMA-D do.
final class NamedFolder: TranscribedReader {
  private var names: ArraySlice<String>
  private let folder: String
  private let pattern: NamePattern
  private let left: UnreadFiles

  /// - Parameter names: The paths of the files within the folder, in order.
  init(_ names: [String], in folder: String, _ pattern: NamePattern, left: UnreadFiles) {
    self.names = names[...]
    self.folder = folder
    self.pattern = pattern
    self.left = left
  }

  var note: String? { left.note }
  var groupName: String { "{group}" }
  var hasSeveralTexts: Bool { true }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    guard let name = names.popFirst() else { return nil }
    let path = PathParts.path(name, in: folder)
    guard let found = pattern.names(in: name) else {
      return .failure(.data("\(path): its name does not fit --class-from '\(pattern.text)'"))
    }
    return .success(TranscribedFile(path: path, name: name, text: found.class, group: found.group))
  }
}
