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
    let bytes = TextFile.withoutMark(try RegularFile.contents(of: file.path, atMost: 1 << 30)[...])
    guard let text = encoding.text(Array(bytes)) else {
      if let advice = encoding.advice(for: Array(bytes)) { throw .data("\(file.path): \(advice)") }
      throw .data(
        "\(file.path): is not \(encoding.rawValue) text; name its encoding with --encoding latin-1 or windows-1252, or"
          + " \(OtherEncoding.advice(for: bytes))")
    }
    if bytes.contains(0) {
      throw .data("\(file.path): contains the character NUL; is it text?")
    }
    return LabelledText(
      text: text.withPlainLineEnds.withoutOuterSpace, labels: [file.label], name: file.name, place: file.path)
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
    guard !found.isEmpty else {
      throw .data(
        "\(folder): contains no folder with text files for each class, such as \(folder)/pos/1.txt; other texts are"
          + " named by their files")
    }
    if let failure = SplitFolders.failure(folder, classes: found.lazy.map(\.label)) { throw failure }
    var left: [String] = []
    if unlabelled > 0 { left.append("\(unlabelled) in '\(Self.unlabelled)', which have no class") }
    if outside > 0 { left.append("\(outside) that lie in no class's folder") }
    if !left.isEmpty { notes.append("files left out of \(folder): \(left.joined(separator: ", "))") }
    return found
  }
}
