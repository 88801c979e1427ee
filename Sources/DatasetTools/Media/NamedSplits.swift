import WeftBase

/// Splits that are published as lists of the names of their files, one a line, beside one list of all: `Flickr_8k.testImages.txt`
/// beside `Flickr8k.token.txt`.
struct NamedSplits {
  private var splits: [String: Int] = [:]
  /// Names that no file has had so far, with their places.
  private var unseen: [String: String] = [:]

  /// Adds the names of a split, if a source is a list of names.
  ///
  /// - Parameters:
  ///   - kinds: Extensions of files, in lower case.
  ///   - split: The index of the split.
  /// - Returns: Whether it is one.
  /// - Throws: If the list cannot be read, has other lines, or a name is of two splits.
  mutating func add(_ source: TranscribedSource, kinds: Set<String>, split: Int) throws(WeftError) -> Bool {
    guard case .manifest(let path, _, _) = source else { return false }
    let reader = try LineReader(path)
    guard let first = try reader.nextEntry(), Self.isName(first, kinds) else { return false }
    var line: String? = first
    while let text = line {
      let name = MissingValues.trimmed(text)
      guard Self.isName(name, kinds) else {
        throw reader.failure("'\(name.prefix(60))' is not the name of a file, as on the first line")
      }
      if let other = splits.updateValue(split, forKey: name), other != split {
        throw reader.failure("'\(name)' is in the list of another split as well")
      }
      unseen[name] = "\(path): line \(reader.number)"
      line = try reader.nextEntry()
    }
    return true
  }

  private static func isName(_ text: String, _ kinds: Set<String>) -> Bool {
    !text.contains("\t") && kinds.contains(PathParts.ending(of: MissingValues.trimmed(text)).lowercased())
  }

  /// Whether a list names a file.
  func contains(_ name: String) -> Bool { splits[name] != nil }

  /// The split of a file by its name; nil if no list names it.
  mutating func split(of name: String) -> Int? {
    if splits.isEmpty { return nil }
    unseen[name] = nil
    return splits[name]
  }

  /// - Parameter source: The list of all files.
  /// - Throws: If a name is that of no file.
  func checkAllWereSeen(in source: String) throws(WeftError) {
    guard let (name, place) = unseen.min(by: { $0.value < $1.value }) else { return }
    throw .data("\(place): '\(name)' has no text in \(source)")
  }
}
