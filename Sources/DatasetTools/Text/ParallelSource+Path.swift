import WeftBase

extension ParallelSource {
  /// A folder with two files of the same sentences, or one file of a form that its beginning tells.
  ///
  /// - Parameter languages: Source and target; nil for those that the file tells, or a name such as `europarl.de-en`.
  /// - Throws: If it cannot be read, has one language, or a folder has no such files or several.
  public init(path: String, languages: [String]?) throws(WeftError) {
    if FolderListing.isFolder(path) {
      self = try Self.pair(in: path, languages)
    } else if let form = try MarkedText.form(of: path) {
      guard form.hasBothLanguages else {
        throw .usage("\(path) has the sentences of one language; name the file of the other, too")
      }
      self = .document(path, languages: languages)
    } else if try ByteReader.start(of: path).first == UInt8(ascii: "{") {
      self = .document(path, languages: languages)
    } else {
      guard languages == nil else {
        throw .usage("--languages is for files that name their languages, but \(path) does not")
      }
      self = .tabSeparated(path)
    }
  }

  /// Files such as `europarl.de-en.de` and `europarl.de-en.en`, as OPUS packs them for Moses.
  private static func pair(in folder: String, _ languages: [String]?) throws(WeftError) -> ParallelSource {
    let names = FolderListing.names(in: folder).filter { !$0.hasPrefix(".") }
    var endings: [String: [String]] = [:]
    for name in names.sorted() where isLanguage(PathParts.ending(of: name)) {
      endings[PathParts.stem(of: name), default: []].append(PathParts.ending(of: name))
    }
    let pairs = endings.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }
    guard let (stem, found) = pairs.first, pairs.count == 1 else {
      let examples = pairs.prefix(6).map { "\($0.key).\($0.value[0])" }.joined(separator: ", ")
      throw .usage(
        pairs.isEmpty
          ? "\(folder): has no pair of files such as europarl.de-en.de and europarl.de-en.en; name the two files"
          : "\(folder): has several pairs (\(examples)); name the files of each split, the others after --validation and"
            + " --test")
    }
    // Moses names both languages, the source first.
    let told = PathParts.ending(of: stem).split(separator: "-").map(String.init)
    let chosen = languages ?? (told.count == 2 && Set(told) == Set(found) ? told : nil)
    guard let chosen, chosen.allSatisfy(found.contains) else {
      throw .usage(
        "\(folder): \(stem) is in \(found.joined(separator: ", ")); choose source and target, for example with --languages"
          + " \(found[0]),\(found[1])")
    }
    return .files(
      source: PathParts.path("\(stem).\(chosen[0])", in: folder),
      target: PathParts.path("\(stem).\(chosen[1])", in: folder))
  }

  private static func isLanguage(_ ending: String) -> Bool {
    (try? #/[a-z]{2,3}([_-][A-Za-z]{2,4})?/#.wholeMatch(in: ending)) != nil
      && !["txt", "ids", "xml", "zip", "gz", "tmx", "tsv", "csv", "md", "py", "sh"].contains(ending)
  }
}
