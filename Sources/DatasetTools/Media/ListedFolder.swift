import Foundation
import WeftBase

/// Finds the folder of the files that a list names.
enum ListedFolder {
  /// Where corpora keep recordings and images beside their lists.
  private static let usual = [
    "clips", "wavs", "wav", "audio", "Images", "images", "Flicker8k_Dataset", "Flickr8k_Dataset",
    "flickr30k_images",
  ]

  /// The folder of a list, or one beside it.
  ///
  /// - Parameters:
  ///   - list: The list.
  ///   - name: The first file that it names.
  ///   - others: Folders that it suggests by its own name, relative to its folder.
  /// - Returns: The first that contains the file; if none does, the first that exists, so that the error names it.
  static func folder(of list: String, holding name: String, others: [String] = []) -> String {
    let own = PathParts.folder(of: list)
    let beside = others + usual + usual.map { "../\($0)" }
    let folders = beside.map { PathParts.path($0, in: own) }
    let manager = FileManager.default
    return ([own] + folders).first { manager.fileExists(atPath: PathParts.path(name, in: $0)) }
      ?? folders.first { manager.fileExists(atPath: $0) } ?? own
  }
}
