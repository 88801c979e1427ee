import Foundation
import HDF5
import WeftBase

/// A dataset in another file than the inputs, named as `labels.h5:/y`.
///
/// The file is relative to the data file's folder; `{file}` in its name stands for the data file's own name without its
/// ending.
struct OtherFile {
  let file: File
  let dataset: String

  /// Whether a name is one of another file's dataset.
  static func isNamed(by name: String) -> Bool { parts(of: name) != nil }

  private static func parts(of name: String) -> (file: String, dataset: String)? {
    guard let colon = name.lastIndex(of: ":"), name[name.index(after: colon)...].hasPrefix("/"),
      colon > name.startIndex
    else { return nil }
    return (String(name[..<colon]), String(name[name.index(after: colon)...]))
  }

  /// Nil if the name is that of a dataset in the data file itself.
  ///
  /// - Parameter path: The data file.
  /// - Throws: If the other file cannot be opened.
  init?(_ name: String, beside path: String) throws {
    guard let (other, dataset) = Self.parts(of: name) else { return nil }
    let stem = PathParts.stem(of: path)
    let named = other.replacing("{file}", with: stem)
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    file = try File(opening: named.hasPrefix("/") ? named : folder + named)
    self.dataset = dataset
  }
}
