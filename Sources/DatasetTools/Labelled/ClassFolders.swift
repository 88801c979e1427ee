import Foundation
import WeftBase

/// Reads the text files of folders that each hold those of a class: `pos/0_9.txt`, `neg/1_2.txt`.
final class ClassFolders: LabelledTextReader {
  private let folders: [String]
  private let encoding: TableEncoding
  private var remaining: ArraySlice<(label: String, name: String, path: String)> = []
  private var isListed = false
  private(set) var notes: [String] = []

  /// The folder in which the Large Movie Review Dataset keeps texts without a class.
  private static let unlabelled = "unsup"

  init(_ folders: [String], encoding: TableEncoding) {
    self.folders = folders
    self.encoding = encoding
  }

  func next() throws(WeftError) -> LabelledText? {
    if !isListed {
      isListed = true
      var found: [(label: String, name: String, path: String)] = []
      for folder in folders { found += try list(folder) }
      remaining = found[...]
    }
    guard let file = remaining.popFirst() else { return nil }
    let text = try encoding.contents(of: file.path)
    return LabelledText(
      text: text.withoutOuterSpace, labels: [file.label], name: file.name, place: file.path)
  }

  /// The files of a folder, in the order of their paths.
  private func list(_ folder: String) throws(WeftError) -> [(label: String, name: String, path: String)] {
    var found: [(label: String, name: String, path: String)] = []
    var (unlabelled, outside) = (0, 0)
    for name in try FolderListing.files(under: folder, where: { !$0.hasPrefix(".") }).sorted()
    where !name.contains("/.") && !name.hasPrefix(".") {
      guard let slash = name.firstIndex(of: "/") else {
        guard !FolderListing.isFolder(PathParts.path(name, in: folder)) else {
          throw .data(
            "\(folder)/\(name): is a link to a folder, which is not followed; put the folder itself there")
        }
        outside += 1
        continue
      }
      let label = String(name[..<slash])
      if label == Self.unlabelled {
        unlabelled += 1
      } else {
        found.append((label, name, PathParts.path(name, in: folder)))
      }
    }
    guard let first = found.first else {
      if let note = FormedText.slotNote(in: folder) { throw .data("\(folder): \(note)") }
      throw .data(
        "\(folder): contains no folder with text files for each class, such as \(folder)/pos/1.txt; running text is named by"
          + " its files, \(folder)/*, and classes that the names of files tell by --class-from '{class}'")
    }
    guard found.contains(where: { $0.label != first.label }) else {
      throw .data(
        "\(folder): its texts are all in '\(first.label)', but classes take two folders; running text is named by its files,"
          + " \(folder)/\(first.label)/*")
    }
    if let failure = SplitFolders.failure(folder, classes: found.lazy.map(\.label)) { throw failure }
    var left: [String] = []
    if unlabelled > 0 { left.append("\(unlabelled) in '\(Self.unlabelled)', which have no class") }
    if outside > 0 { left.append("\(outside) that lie in no class's folder") }
    if !left.isEmpty { notes.append("files left out of \(folder): \(left.joined(separator: ", "))") }
    return found
  }
}

extension TableEncoding {
  /// The text of a file, with plain ends of lines.
  ///
  /// - Throws: If it is not of the encoding, or no text.
  func contents(of path: String) throws(WeftError) -> String {
    let bytes = TextFile.withoutMark(try RegularFile.contents(of: path, atMost: 1 << 30)[...])
    guard let text = text(Array(bytes)) else {
      throw .data("\(path): \(failure(for: Array(bytes), in: bytes))")
    }
    if bytes.contains(0) { throw .data("\(path): contains the character NUL; is it text?") }
    return text.withPlainLineEnds
  }
}
