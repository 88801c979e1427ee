import HDF5
import WeftBase

extension File {
  /// Opens a dataset that the user names.
  ///
  /// - Throws: If there is none, with those that there are.
  func presentDataset(_ path: String) throws -> Dataset {
    guard try contains(path) else { throw WeftError.data("\(self.path): \(absence(ofDataset: path))") }
    return try dataset(path)
  }

  /// `absence(of:kind:)`, with the datasets that there are.
  private func absence(ofDataset path: String) -> String {
    let reason = absence(of: path, kind: "dataset")
    let (paths, isWhole) = firstDatasets
    guard reason.hasPrefix("no "), !paths.isEmpty else { return reason }
    if let near = path.nearest(among: paths) { return reason + "; did you mean '\(near)'?" }
    let shown = paths.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    return reason + "; its datasets are \(shown)" + (isWhole && paths.count <= 8 ? "" : ", …")
  }

  /// The paths of the first datasets of a file, without those that references lead to, and whether they are all.
  private var firstDatasets: (paths: [String], areAll: Bool) {
    struct Enough: Error {}
    var paths: [String] = []
    var visits = 0
    do {
      try visit { visit in
        visits += 1
        // MATLAB keeps the cells of cell arrays there.
        if visit.child.path.hasPrefix("/#") { return }
        if visit.child.kind == .dataset { paths.append(visit.child.path) }
        if visits >= 1000 { throw Enough() }
      }
    } catch { return (paths, false) }
    return (paths, true)
  }
}
