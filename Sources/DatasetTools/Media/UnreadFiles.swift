import WeftBase

/// Files of a folder that are recordings or images of kinds that are not read, to tell the user.
struct UnreadFiles {
  private let names: [String]
  private let program: String

  private static let recordings: Set<String> = [
    "m4a", "wma", "aac", "amr", "pcm", "raw", "mp4", "mkv", "webm", "3gp", "ape", "shn",
  ]
  private static let images: Set<String> = [
    "gif", "webp", "bmp", "tif", "tiff", "ppm", "pgm", "heic", "avif", "jfif", "jp2", "svg", "dcm",
  ]

  /// - Parameter kinds: Extensions of files that are read, in lower case.
  /// - Throws: If the folder cannot be read.
  init(in folder: String, _ kinds: Set<String>) throws(WeftError) {
    let areImages = kinds.contains("png")
    let others = areImages ? Self.images : Self.recordings
    program = areImages ? "ImageMagick" : "ffmpeg"
    names = try FolderListing.visibleFiles(under: folder) {
      others.contains(PathParts.ending(of: $0).lowercased())
    }
  }

  /// What was left out, to follow other notes; nil if nothing was.
  var note: String? {
    guard let first = names.first else { return nil }
    let endings = Set(names.map { "." + PathParts.ending(of: $0).lowercased() }).sorted().joined(
      separator: ", ")
    return
      "files of kinds that are not read (\(endings)), left out: \(names.count), such as \(first); convert them,"
      + " for example with \(program)"
  }
}
