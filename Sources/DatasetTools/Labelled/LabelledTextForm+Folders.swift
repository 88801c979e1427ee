import WeftBase

extension LabelledTextForm {
  /// The folders of the splits in a folder that holds them all, such as `train` and `test`, or `20news-bydate-train` and
  /// `20news-bydate-test`; nil if it holds classes.
  public static func splits(of folder: String) -> [(split: String, folder: String)]? {
    let names = FolderListing.names(in: folder).filter {
      FolderListing.isFolder(PathParts.path($0, in: folder))
    }
    return SplitFolders.found(names)?.map { ($0.split, PathParts.path($0.name, in: folder)) }
  }
}

/// Folders that are named for the splits of a corpus rather than for classes.
enum SplitFolders {
  private static let usual: KeyValuePairs = [
    "train": ["train", "training"], "validation": ["validation", "valid", "val", "dev"],
    "test": ["test", "testing"],
  ]

  /// The splits among the names of folders; nil unless training and another are.
  static func found(_ names: [String]) -> [(split: String, name: String)]? {
    let found: [(split: String, name: String)] = usual.compactMap { split, words in
      let own = names.filter { name in words.contains { isNamed(name.lowercased(), $0) } }
      return own.count == 1 ? (split, own[0]) : nil
    }
    return found.first?.split == "train" && found.count > 1 ? found : nil
  }

  private static func isNamed(_ name: String, _ word: String) -> Bool {
    name == word || ["-", "_", "."].contains { name.hasSuffix($0 + word) }
  }

  /// The error of a folder in which splits would be read as classes.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - classes: The names of its folders that have files.
  static func failure(_ folder: String, classes: some Sequence<String>) -> WeftError? {
    guard let splits = found(Set(classes).sorted()) else { return nil }
    let others = splits.dropFirst().map { "--\($0.split) \(PathParts.path($0.name, in: folder).shellQuoted)" }
    return .usage(
      "\(folder): its folders are splits, not classes; name them: \(PathParts.path(splits[0].name, in: folder).shellQuoted)"
        + " \(others.joined(separator: " "))")
  }
}
