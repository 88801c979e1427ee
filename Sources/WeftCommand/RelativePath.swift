import Foundation

/// Paths as a file in another folder names them.
enum RelativePath {
  /// The path of a file as a configuration names it: relative to the configuration's folder if the file is in it or in
  /// a folder of it, otherwise whole.
  static func path(of file: String, from configuration: String) -> String {
    let folder = URL(filePath: configuration).deletingLastPathComponent().standardizedFileURL.path
    let path = URL(filePath: file).standardizedFileURL.path
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }
}
