import CHDF5

/// Common base of groups, datasets and owners of attributes.
struct ObjectHandle: Sendable {
  let identifier: Identifier
  let file: OpenFile
  /// From the file's root, starting with a slash.
  let path: String
  let place: Place

  var id: hid_t { identifier.value }

  init(identifier: Identifier, file: OpenFile, path: String, kind: String) {
    self.identifier = identifier
    self.file = file
    self.path = path
    // Attributes of the root group are shown as those of the file.
    place = Place(
      file: file.path, object: path == "/" ? nil : "\(kind) \(path)", openFile: file)
  }

  /// The absolute path of something named relative to this object.
  func absolutePath(of name: String) -> String {
    if name.hasPrefix("/") { return name }
    return path == "/" ? "/" + name : path + "/" + name
  }
}
