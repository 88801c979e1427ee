import HDF5
import WeftBase
import WeftText

extension DatasetFile {
  /// Opens a file without a configuration, as the names and types of its datasets suggest.
  ///
  /// - Parameters:
  ///   - split: A group of sequences, or of a stream; or the name of a split in the paths of `data`.
  ///   - settings: What is known of the data, such as the paths of arrays at the root; nil for the names of the format.
  /// - Throws: If it cannot be understood.
  package init(
    suggestedBy path: String, split: String, data settings: DataConfiguration? = nil
  ) throws(WeftError) {
    var data = settings ?? DataConfiguration()
    data.file = path
    data.split.train = split
    // Missing values are told, not refused.
    data.allowsMissingTargets = false
    let requirements: DataRequirements
    do {
      let file = try File(opening: path)
      requirements = try DataRequirements(
        suggestedBy: data.inputs.first?.hasPrefix("/") == true ? file.root : file.group(split), in: file,
        named: data.forSplit(split))
    } catch { throw WeftError(error, in: path) }
    try self.init(data, requirements: requirements)
  }
}

extension DataRequirements {
  /// What the targets of a group suggest.
  ///
  /// - Parameter data: The names of the inputs and targets, as far as they are not those of the format.
  fileprivate init(suggestedBy group: Group, in file: File, named data: DataConfiguration) throws {
    let vocabularies = try Vocabularies(in: file)
    let inputs = try data.inputs.first ?? ["tokens", "inputs"].first { try group.contains($0) }
    let targetName = try data.targets ?? (group.contains("targets") ? "targets" : nil)
    let inputShape = try inputs.map { try group.dataset($0).shape } ?? []
    let areTokens = vocabularies.inputs != nil || data.vocabularySize != nil
    var targets = Targets.values(nil)
    var hasOutputPerStep = true
    let areRows =
      try inputShape.count >= 3
      || inputShape.count == 2 && (areTokens || data.format == .dense || group.contains("lengths"))
    if let targetName {
      let dataset = try group.dataset(targetName)
      let shape = try dataset.stepShape
      let areSequences =
        try group.contains("target_offsets") || group.contains("target_lengths")
      let isRagged = try group.contains("offsets")
      if areSequences {
        targets = vocabularies.targets != nil ? .targetTokens : .labels(count: nil, blank: nil)
      } else {
        switch dataset.datatype {
        case .integer, .enumeration, .string, .fixedString: targets = .classes(count: nil)
        default: break
        }
        hasOutputPerStep =
          isRagged || !areRows
          ? shape.first == inputShape.first && !(isRagged && shape.first != inputShape.first)
          : shape.count >= 2 && shape.prefix(2) == inputShape.prefix(2)
        // Several integers side by side are labels of 0 and 1, not a class.
        let places = hasOutputPerStep && !isRagged && inputShape.count >= 3 ? 2 : 1
        if case .integer = dataset.datatype, shape.dropFirst(places).contains(where: { $0 > 1 }) {
          targets = .values(nil)
        }
      }
    } else if areTokens {
      targets = .classes(count: nil)
    }
    let isStream = try !group.contains("offsets") && !areRows
    if targetName == nil, !isStream { targets = .reversedInputs }
    self.init(
      targets: targets, lossName: "", hasOutputPerStep: hasOutputPerStep, batch: 1, seed: 1)
    needsTargets = false
  }
}
