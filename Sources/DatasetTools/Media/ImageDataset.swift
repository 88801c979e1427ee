import HDF5
import Media
import WeftBase
import WeftText

/// Converts images with captions into sequences of patches, for captioning, or with classes.
public struct ImageDataset {
  /// The images and their captions.
  public var source: TranscribedSource
  /// Size of the images and their division into patches.
  public var grid: PatchGrid
  /// Whether the texts of files are their classes, for classification, rather than captions.
  public var hasClasses = false
  /// Options of the captions' vocabulary.
  public var vocabulary: VocabularyOptions
  /// Splits with their fractions. Lines with one file, equal captions or one group stay together.
  public var plan = SplitPlan.whole
  /// Splits that have their own files.
  public var others: [SplitSource<TranscribedSource>] = []
  /// Whether to skip unusable files instead of ending the conversion.
  public var skipsBad = false

  /// File extensions of images in a folder.
  static let kinds: Set<String> = ["png", "jpg", "jpeg"]

  /// All files of `source`, for training.
  public init(source: TranscribedSource, grid: PatchGrid, vocabulary: VocabularyOptions) {
    self.source = source
    self.grid = grid
    self.vocabulary = vocabulary
  }

  /// Reads the captions, then the images, and writes to every split `inputs` [images, patches, features], `pixels`
  /// [images, height, width, 3], and the captions between `<bos>` and `<eos>` as `targets` and `target_offsets`;
  /// `files` and `texts`, their sources; `/target_vocabulary`; and the attribute `preparation`, how they were computed.
  /// With ``hasClasses``, `targets` [images] are numbers of `/classes`.
  ///
  /// - Throws: If a file is unusable and not skipped, or a split is empty.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    guard vocabulary.unit != .byte else {
      throw WeftError.usage(
        "--unit bytes: bytes leave no token for the ends of captions; use characters, words or subwords")
    }
    let conversion = try TranscribedConversion(
      source: source, others: others, kinds: Self.kinds, unit: "images", text: "captions",
      areClasses: hasClasses, vocabulary: vocabulary, plan: plan, skipsBad: skipsBad, progress: progress)
    let plan = conversion.plan
    let targets = try TranscribedTargets(
      conversion, writer, hasClasses: hasClasses, special: ParallelTextDataset.special)
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
    var counts = plan.names.map { _ in 0 }
    var paths: Set<String> = []
    var rotated: (count: Int, path: String) = (0, "")
    let failed = try conversion.forEach("reading images", count: targets.fileCount) { file, split in
      let image = try grid.image(file.path)
      try inputs[split].append(grid.describe(image))
      try pixels[split].append(image.bytes)
      try targets.append(file, split: split)
      counts[split] += 1
      paths.insert(file.path)
      if ImageFile.statesRotation(file.path) { rotated = (rotated.count + 1, file.path) }
    }
    try failed.checkNotAll(goodCount: counts.reduce(0, +))
    let haveSeveral = paths.count < counts.reduce(0, +)
    var summary = try ConversionSummary(plan: plan, counts: counts, unit: haveSeveral ? "captions" : "images")
    if haveSeveral {
      summary.notes.append(
        "several captions of an image: \(NumberText.counted(paths.count, "images")) in all")
    }
    summary.notes.append(
      "\(NumberText.counted(grid.patchCount, "patches")) of \(NumberText.counted(grid.featureCount, "features"))"
    )
    summary.notes += targets.notes
    if rotated.count > 0 {
      summary.notes.append(
        "images whose metadata state a rotation, which is not applied: \(rotated.count), such as \(rotated.path)"
      )
    }
    summary.notes += conversion.notes + failed.notes
    return summary
  }
}
