import HDF5
import WeftBase

extension DatasetFinder {
  /// What is known of the steps after the series; nil if the file has nothing.
  ///
  /// - Throws: If its datasets do not match.
  func future(series: Int) throws -> FutureSteps? {
    let folder = FutureSteps.group
    guard !data.covariates.isEmpty,
      try group.children.contains(where: { $0.name == folder && $0.isGroup }),
      try data.covariates.allSatisfy({
        try !$0.contains(":") && !$0.hasPrefix("/") && group.contains("\(folder)/\($0)")
      })
    else { return nil }
    let readers = try data.covariates.map { name in
      try inputReader("\(folder)/\(name)", format: .stream, isAlone: false, key: "data.covariates")
    }
    let rows = try shape(readers[0].dataset)[0]
    for reader in readers { try checkSteps(reader.dataset, as: readers[0].dataset, .stream) }
    var offsets = [0, rows]
    if try group.contains("\(folder)/offsets") {
      offsets = try self.offsets(
        dataset("\(folder)/offsets", key: "data.offsets"), steps: rows, of: "covariates", allowsEmpty: true)
    }
    guard offsets.count == series + 1 else {
      throw failure(
        readers[0].dataset, "is of \(offsets.count - 1) series (\(folder)/offsets), but there are \(series)")
    }
    return FutureSteps(covariates: InputReader(parts: readers), offsets: offsets)
  }
}
