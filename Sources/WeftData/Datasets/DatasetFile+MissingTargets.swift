import WeftBase

extension DatasetFile {
  /// Number of the numbers of a split to be predicted that are missing, and of all; nil where they are classes, or the next
  /// steps of the inputs.
  ///
  /// - Throws: If they cannot be read.
  package func missingTargets(split name: String) throws(WeftError) -> (count: Int, of: Int)? {
    let split = try openSplit(name)
    guard let targets = split.targets, case .features = targets.content, targets.mask == nil,
      !split.inputs.parts.contains(where: { $0.dataset.path == targets.dataset.path })
    else { return nil }
    var found = (count: 0, of: 0)
    for block in split.targetBlocks {
      let values = try targets.numbers([block])
      found = (found.count + values.count { $0.isNaN }, found.of + values.count)
    }
    return found
  }
}
