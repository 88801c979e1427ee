import WeftBase

extension LabelledTextForm {
  /// The folders of the splits in a folder that holds them all, as `train` and `test`; nil if it holds classes.
  public static func splits(of folder: String) -> [(split: String, folder: String)]? {
    let usual: KeyValuePairs = [
      "train": ["train", "training"], "validation": ["validation", "valid", "val", "dev"], "test": ["test"],
    ]
    let found: [(split: String, folder: String)] = usual.compactMap { split, names in
      let path = names.map { PathParts.path($0, in: folder) }.first(where: FolderListing.isFolder)
      return path.map { (split, $0) }
    }
    return found.first?.split == "train" && found.count > 1 ? found : nil
  }
}
