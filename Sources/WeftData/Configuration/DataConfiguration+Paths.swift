import Foundation
import WeftBase

extension DataConfiguration {
  /// Placeholder for the name of a split in the path of a dataset.
  static let splitPlaceholder = "{split}"

  /// Whether all inputs are named by paths from the root, so that no split needs a group.
  var isMappedFromRoot: Bool { !inputs.isEmpty && inputs.allSatisfy { $0.hasPrefix("/") } }

  /// Whether inputs may be categories: those named so, or tokens beside others.
  var mayHaveCategories: Bool { !categories.isEmpty || inputs.count + staticInputs.count > 1 }

  /// The same, with the placeholder replaced by the name of a split.
  func forSplit(_ name: String) -> DataConfiguration {
    func named(_ path: String) -> String { path.replacing(DataConfiguration.splitPlaceholder, with: name) }
    var data = self
    data.inputs = inputs.map(named)
    data.covariates = covariates.map(named)
    data.staticInputs = staticInputs.map(named)
    data.categories = categories.map(named)
    data.targets = targets.map(named)
    data.mask = mask.map(named)
    data.weights = weights.map(named)
    data.sampling = sampling.map(named)
    data.offsets = offsets.map(named)
    data.lengths = lengths.map(named)
    data.names = names.map(named)
    data.targetOffsets = targetOffsets.map(named)
    data.targetLengths = targetLengths.map(named)
    return data
  }

  /// The files to read: `file`, or the matches of `files`, sorted by name within each pattern.
  ///
  /// - Throws: If a pattern matches no file, or its folder cannot be listed.
  package func paths() throws(WeftError) -> [String] {
    if files.isEmpty { return [file] }
    var paths: [String] = []
    for pattern in files {
      guard pattern.contains(where: { $0 == "*" || $0 == "?" }) else {
        paths.append(pattern)
        continue
      }
      let folder = pattern.lastIndex(of: "/").map { String(pattern[...$0]) } ?? ""
      let wanted = String(pattern.dropFirst(folder.count))
      let found: [String]
      do {
        found = try FolderListing.names(in: folder.isEmpty ? "." : folder) {
          fnmatch(wanted, $0, FNM_PERIOD) == 0
        }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      } catch {
        throw error.saying("data.files: '\(pattern)': \(error.message)")
      }
      if found.isEmpty { throw .data("data.files: '\(pattern)' matches no file") }
      paths += found.map { folder + $0 }
    }
    return paths
  }
}
