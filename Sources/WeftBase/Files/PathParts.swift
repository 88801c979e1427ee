/// The parts of a path, cut at its bytes `/` and `.`.
///
/// `NSString` does the same for most paths, but ends the program at names of one character.
package enum PathParts {
  /// The folder: everything before the name; `.` if the path has none.
  package static func folder(of path: String) -> String {
    let whole = withoutEndingSlashes(path)
    guard let slash = whole.utf8.lastIndex(of: slash) else {
      return path.utf8.first == Self.slash ? "/" : "."
    }
    return slash == whole.startIndex ? "/" : withoutEndingSlashes(whole[..<slash])
  }

  /// The name: what follows the last `/`, apart from one at the end.
  package static func name(of path: String) -> String {
    let whole = withoutEndingSlashes(path)
    if whole == "/" { return whole }
    return String(whole.utf8.lastIndex(of: slash).map { whole[whole.utf8.index(after: $0)...] } ?? whole[...])
  }

  /// The extension of the name without its dot; empty if there is none, as in `.profile`.
  package static func ending(of path: String) -> String {
    let name = name(of: path)
    return dot(in: name).map { String(name[name.utf8.index(after: $0)...]) } ?? ""
  }

  /// The name without its extension.
  package static func stem(of path: String) -> String {
    let name = name(of: path)
    return dot(in: name).map { String(name[..<$0]) } ?? name
  }

  /// The path without the extension of its name.
  package static func withoutEnding(_ path: String) -> String {
    let whole = withoutEndingSlashes(path)
    let ending = ending(of: whole)
    return ending.isEmpty
      ? whole : String(whole[..<whole.utf8.index(whole.endIndex, offsetBy: -ending.utf8.count - 1)])
  }

  /// The path of a name in a folder; the name itself if it begins with `/`, or if the folder is `.`.
  package static func path(_ name: String, in folder: String) -> String {
    if name.utf8.first == slash || folder.isEmpty || folder == "." { return name }
    return folder.utf8.last == slash ? folder + name : "\(folder)/\(name)"
  }

  private static let slash = UInt8(ascii: "/")

  /// The dot before an extension, which neither begins nor ends the name.
  private static func dot(in name: String) -> String.Index? {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), name.utf8.index(after: dot) < name.endIndex,
      name.utf8[..<dot].contains(where: { $0 != UInt8(ascii: ".") })
    else { return nil }
    return dot
  }

  private static func withoutEndingSlashes(_ path: some StringProtocol) -> String {
    var path = Substring(path)
    while path.utf8.count > 1, path.utf8.last == slash {
      path = path[..<path.utf8.index(before: path.endIndex)]
    }
    return String(path)
  }
}
