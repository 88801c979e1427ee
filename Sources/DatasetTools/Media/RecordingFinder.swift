import Foundation
import WeftBase

/// Finds the recordings that a list names without their extension or their folder.
struct RecordingFinder {
  /// The folder that contains all; nil to look beside the list.
  private let folder: String?
  private let list: String
  /// The extensions of recordings, the usual ones first.
  private let endings: [String]
  private var known: (folder: String, ending: String)?

  init(list: String, folder: String?, kinds: Set<String>) {
    self.list = list
    self.folder = folder
    let first = ["wav", "flac", "sph", "mp3", "ogg", "opus"].filter(kinds.contains)
    endings = (first + kinds.subtracting(first).sorted()).flatMap { [".\($0)", ".\($0.uppercased())"] }
  }

  /// The path of a recording and its name with the extension; where there is none, the path that it should have.
  mutating func find(_ name: String) -> (path: String, name: String) {
    let exists = { (path: String) in FileManager.default.fileExists(atPath: path) }
    if let known {
      let path = PathParts.path(name + known.ending, in: known.folder)
      if exists(path) { return (path, name + known.ending) }
    }
    for folder in folder.map({ [$0] }) ?? ListedFolder.recordings(of: list) {
      for ending in [""] + endings {
        let path = PathParts.path(name + ending, in: folder)
        if exists(path), !FolderListing.isFolder(path) {
          known = (folder, ending)
          return (path, name + ending)
        }
      }
    }
    let ending = known?.ending ?? (endings.contains { name.hasSuffix($0) } ? "" : endings[0])
    return (
      PathParts.path(name + ending, in: known?.folder ?? folder ?? PathParts.folder(of: list)), name + ending
    )
  }
}
