import Foundation

/// The names in a folder.
package enum FolderListing {
  /// Whether a path is a folder, or a link to one.
  package static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// The names that are UTF-8 text, in no order; none if the folder cannot be read.
  package static func names(in folder: String) -> [String] {
    (try? read(folder))?.compactMap { String(validating: $0, as: UTF8.self) } ?? []
  }

  /// All names, in no order.
  ///
  /// - Throws: If the folder cannot be read, or a name that `isWanted` accepts is not UTF-8 text. Invalid bytes are shown to
  ///   it as U+FFFD.
  package static func names(
    in folder: String, where isWanted: (String) -> Bool
  ) throws(WeftError) -> [String] {
    var names: [String] = []
    for bytes in try read(folder) {
      let name = String(decoding: bytes, as: UTF8.self)
      guard isWanted(name) else { continue }
      guard String(validating: bytes, as: UTF8.self) != nil else {
        throw .file(
          "\(folder): contains '\(TextFile.escaped(bytes))', a name that is not UTF-8 text; rename it")
      }
      names.append(name)
    }
    return names
  }

  /// The files in a folder and the folders below it, as paths relative to it, in no order. Links to folders are not
  /// followed.
  ///
  /// - Throws: As ``names(in:where:)``; names of folders are always wanted.
  package static func files(
    under folder: String, where isWanted: (_ name: String) -> Bool
  ) throws(WeftError) -> [String] {
    var files: [String] = []
    var folders = [""]
    while let inner = folders.popLast() {
      let path = inner.isEmpty ? folder : "\(folder)/\(inner)"
      func isFolder(_ name: String) -> Bool {
        var status = stat()
        return lstat("\(path)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      }
      for name in try names(in: path, where: { isWanted($0) || isFolder($0) }) {
        let place = inner.isEmpty ? name : "\(inner)/\(name)"
        if isFolder(name) { folders.append(place) } else { files.append(place) }
      }
    }
    return files
  }

  /// The files of ``files(under:where:)`` in order, without hidden ones and those in hidden folders, whose names begin with a
  /// dot.
  ///
  /// - Throws: As ``names(in:where:)``.
  package static func visibleFiles(
    under folder: String, where isWanted: (_ name: String) -> Bool
  ) throws(WeftError) -> [String] {
    try files(under: folder, where: isWanted).filter { !$0.hasPrefix(".") && !$0.contains("/.") }.sorted()
  }

  private static func read(_ folder: String) throws(WeftError) -> [[UInt8]] {
    guard let stream = opendir(folder) else { throw .system("\(folder): cannot be read", errno) }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    errno = 0
    guard let place = MemoryLayout<dirent>.offset(of: \.d_name) else {
      preconditionFailure("entries have names")
    }
    while let entry = readdir(stream) {
      // An entry is as long as its name, which may be shorter than the field.
      let start = UnsafeRawPointer(entry) + place
      let name = Array(
        UnsafeRawBufferPointer(start: start, count: strlen(start.assumingMemoryBound(to: CChar.self))))
      if name != [UInt8(ascii: ".")], name != [UInt8(ascii: "."), UInt8(ascii: ".")] { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw .system("\(folder): cannot be read", errno) }
    return names
  }
}
