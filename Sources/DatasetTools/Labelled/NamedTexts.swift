import WeftBase

/// Reads texts of files whose names tell their class: one text of each, or of each line, as the names of people by language
/// `English.txt`, `German.txt`.
final class NamedTexts: LabelledTextReader {
  private let paths: [String]
  private let pattern: NamePattern
  private let areLines: Bool
  private let encoding: TableEncoding
  private var remaining: ArraySlice<(name: String, path: String)> = []
  private var isListed = false
  /// The lines of the current file, with its class.
  private var lines: (texts: ArraySlice<Substring>, label: String, path: String, number: Int)?
  let notes: [String] = []

  /// - Parameter paths: Files, and folders that are searched recursively.
  init(_ paths: [String], _ pattern: NamePattern, areLines: Bool, encoding: TableEncoding) {
    self.paths = paths
    self.pattern = pattern
    self.areLines = areLines
    self.encoding = encoding
  }

  func next() throws(WeftError) -> LabelledText? {
    if !isListed {
      isListed = true
      remaining = try files()[...]
    }
    while true {
      if let line = nextLine() { return line }
      guard let file = remaining.popFirst() else { return nil }
      guard let label = pattern.names(in: file.path)?.class else {
        throw .data(
          "\(file.path): its name\(PathParts.ending(of: file.path).isEmpty ? "" : ", without its extension,") does not fit"
            + " --class-from '\(pattern.text)'")
      }
      let text = try encoding.contents(of: file.path)
      guard areLines else {
        return LabelledText(text: text.withoutOuterSpace, labels: [label], name: file.name, place: file.path)
      }
      lines = (text.split(separator: "\n", omittingEmptySubsequences: false)[...], label, file.path, 0)
    }
  }

  private func nextLine() -> LabelledText? {
    while let text = lines?.texts.popFirst() {
      lines?.number += 1
      let line = String(text).withoutOuterSpace
      if let lines, !line.isEmpty {
        return LabelledText(text: line, labels: [lines.label], place: "\(lines.path): line \(lines.number)")
      }
    }
    return nil
  }

  private func files() throws(WeftError) -> [(name: String, path: String)] {
    var found: [(name: String, path: String)] = []
    for path in paths {
      guard FolderListing.isFolder(path) else {
        found.append((path, path))
        continue
      }
      let names = try FolderListing.visibleFiles(under: path) { _ in true }
      if names.isEmpty { throw .data("\(path): contains no file") }
      found += names.map { ($0, PathParts.path($0, in: path)) }
    }
    return found
  }
}
