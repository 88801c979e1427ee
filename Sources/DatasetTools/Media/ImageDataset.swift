import HDF5
import Media
import WeftText

/// Makes sequences of patches with captions from image files, for captioning.
public struct ImageDataset {
  /// The images and their captions.
  public var source: TranscribedSource
  /// The images' size and how they become patches.
  public var grid: PatchGrid
  /// How the vocabulary of the captions is made.
  public var vocabulary: VocabularyOptions
  /// The splits and their shares. Files of one group, or of one caption where no groups are given, stay together.
  public var plan = SplitPlan.whole
  /// Whether files that cannot be used are left out, instead of ending the conversion.
  public var skipsBad = false

  /// Names of files in a folder that are taken for images.
  static let kinds: Set<String> = ["png", "jpg", "jpeg"]

  /// All files of `source`, for training.
  public init(source: TranscribedSource, grid: PatchGrid, vocabulary: VocabularyOptions) {
    self.source = source
    self.grid = grid
    self.vocabulary = vocabulary
  }

  /// Reads the captions, then the images, and writes in every split `inputs` [images, patches, features], `pixels`
  /// [images, height, width, 3], and the captions between `<bos>` and `<eos>` as `targets` and `target_offsets`;
  /// `files` and `texts`, where they come from; `/target_vocabulary`; and the attribute `preparation`, how they were
  /// computed.
  ///
  /// - Throws: If a file cannot be used, unless such are left out; or a split stays empty.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    let conversion = TranscribedConversion(
      source: source, kinds: Self.kinds, vocabulary: vocabulary, plan: plan, skipsBad: skipsBad,
      progress: progress)
    let (tokens, count) = try conversion.makeVocabulary(special: ParallelTextDataset.special)
    try Vocabularies(targets: tokens).write(to: writer.file, hasChecksums: false)
    try Preparation(patches: grid).write(to: writer.file)
    let inputs = plan.names.map {
      DenseWriter<Float>(
        writer, split: $0, name: "inputs", steps: grid.patchCount, width: grid.featureCount,
        attributes: ["description": "patches of the image, row by row from the upper left"])
    }
    let pixels = plan.names.map {
      writer.array(
        "\($0)/pixels", of: UInt8.self, rowShape: [grid.height, grid.width, 3],
        labels: ["sequence", "row", "column", "colour"],
        attributes: ["description": "red, green and blue of the image before patching"])
    }
    let targets = try plan.names.map { try TargetWriter(writer, split: $0, vocabulary: tokens) }
    let failed = try conversion.forEach("reading images", count: count) { file, split in
      let image = try grid.image(file.path)
      try inputs[split].append(grid.describe(image))
      try pixels[split].append(image.bytes)
      try targets[split].append(file)
    }
    try failed.checkNotAll(goodCount: targets.reduce(0) { $0 + $1.count })
    var summary = try ConversionSummary(plan: plan, counts: targets.map(\.count), unit: "images")
    summary.notes.append("\(grid.patchCount) patches of \(grid.featureCount) features")
    summary.notes.append("vocabulary of \(tokens.count) \(vocabulary.unit.rawValue)s")
    summary.notes += failed.notes
    return summary
  }
}
