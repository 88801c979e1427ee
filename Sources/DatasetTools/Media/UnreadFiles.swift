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

  /// Lists a folder once, and parts what is read from these.
  ///
  /// - Parameters:
  ///   - kinds: Extensions of files that are read, in lower case.
  ///   - isWanted: Whether a file of another extension is read, too.
  /// - Returns: The paths of the files within the folder, in order, and what is left out.
  /// - Throws: If the folder cannot be read.
  static func beside(
    _ kinds: Set<String>, in folder: String, where isWanted: (String) -> Bool = { _ in false }
  ) throws(WeftError) -> (names: [String], left: UnreadFiles) {
    let areImages = kinds.contains("png")
    let others = areImages ? images : recordings
    func ending(_ name: String) -> String { PathParts.ending(of: name).lowercased() }
    let all = try FolderListing.visibleFiles(under: folder) { name in
      kinds.contains(ending(name)) || others.contains(ending(name)) || isWanted(name)
    }
    let left = all.filter { others.contains(ending($0)) && !isWanted($0) }
    return (
      left.isEmpty ? all : all.filter { !others.contains(ending($0)) || isWanted($0) },
      UnreadFiles(names: left, program: areImages ? "ImageMagick" : "ffmpeg")
    )
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
