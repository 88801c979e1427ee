import Foundation
import WeftBase

/// Finds the folder of the files that a list names.
enum ListedFolder {
  /// Where corpora keep recordings beside their lists.
  private static let recordings = ["clips", "wavs", "wav", "audio", "flac", "sph"]
  /// Where corpora keep recordings and images beside their lists.
  private static let usual =
    recordings + ["Images", "images", "Flicker8k_Dataset", "Flickr8k_Dataset", "flickr30k_images"]

  /// The folders of names, and those beside the folder of a list.
  private static func beside(_ names: [String], _ list: String) -> [String] {
    let own = PathParts.folder(of: list)
    return (names + names.map { "../\($0)" }).map { PathParts.path($0, in: own) }
  }

  /// The folder of a list and the usual ones of recordings beside it, whether they exist or not.
  static func recordings(of list: String) -> [String] {
    [PathParts.folder(of: list)] + beside(recordings, list)
  }

  /// The folder of a list, or one beside it.
  ///
  /// - Parameters:
  ///   - list: The list.
  ///   - name: The first file that it names.
  ///   - others: Folders that it suggests by its own name, relative to its folder.
  /// - Returns: The first that contains the file; if none does, the first that exists, so that the error names it.
  static func folder(of list: String, holding name: String, others: [String] = []) -> String {
    let own = PathParts.folder(of: list)
    let folders = others.map { PathParts.path($0, in: own) } + beside(usual, list)
    let manager = FileManager.default
    return ([own] + folders).first { manager.fileExists(atPath: PathParts.path(name, in: $0)) }
      ?? folders.first { manager.fileExists(atPath: $0) } ?? own
  }
}
