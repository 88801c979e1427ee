import HDF5

/// The datasets of a split of pairs, found and checked: `inputs`, ragged with `input_offsets` or dense, and `targets`,
/// ragged tokens with `target_offsets`.
struct PairSplit {
  let inputs: InputReader
  let inputLayout: SequenceBatches.Layout
  let targets: SequenceReader
  let targetLayout: SequenceBatches.Layout

  init(group: Group, file: String, configuration: Configuration, vocabularies: Vocabularies) throws {
    let finder = SplitFinder(
      group: group, file: file, configuration: configuration, vocabulary: vocabularies.inputs?.count,
      classes: vocabularies.ofTargets?.count)
    let names = try finder.inputNames()
    let offsets = try finder.inputOffsetsName()
    let format: DataFormat = offsets == nil ? .dense : .ragged
    let readers = try names.map { try finder.reader($0, format: format, isTarget: false) }
    for reader in readers { try finder.checkSteps(reader.dataset, as: readers[0].dataset, format) }
    inputs = InputReader(parts: readers)
    let steps = try finder.extent(readers[0].dataset)
    if let offsets {
      inputLayout = .ragged(offsets: try finder.offsets(offsets, steps: steps))
    } else {
      inputLayout = .dense(lengths: try finder.lengths(readers[0].dataset, sequences: steps))
    }
    guard let name = try finder.targetName() else {
      throw WeftError.failure(
        "\(file): group \(group.path): no targets; name their dataset with data.targets")
    }
    guard let count = vocabularies.ofTargets?.count else {
      throw WeftError.failure("\(file): lacks /vocabulary/targets, the text of each token that is written")
    }
    let reader = try finder.reader(name, format: .ragged, isTarget: true)
    targets = SequenceReader(
      dataset: reader.dataset, file: file, content: .tokens(bound: count, isTarget: false), isScalar: true)
    let targetOffsets = configuration.data.targetOffsets ?? "target_offsets"
    targetLayout = .ragged(
      offsets: try finder.offsets(
        targetOffsets, key: "data.target_offsets", of: "targets", steps: reader.dataset.shape[0], minimumLength: 0))
    guard targetLayout.count == inputLayout.count else {
      throw finder.failure(
        reader.dataset, "has \(targetLayout.count) sequences for \(inputLayout.count) inputs")
    }
  }
}
