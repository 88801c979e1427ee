import HDF5
import Media
import WeftBase
import WeftText

/// Converts audio files with transcripts into log-mel features, for speech recognition, or with classes.
public struct AudioDataset {
  /// Audio files and their transcripts.
  public var source: TranscribedSource
  /// Feature extraction.
  public var features: LogMelSettings
  /// Whether the texts of files are their classes, for classification, rather than transcripts.
  public var hasClasses = false
  /// Options of the transcripts' vocabulary.
  public var vocabulary: VocabularyOptions
  /// Splits with their fractions. Lines with one file, equal transcripts or one group stay together.
  public var plan = SplitPlan.whole
  /// Splits that have their own files.
  public var others: [SplitSource<TranscribedSource>] = []
  /// Maximum duration of a file in seconds; bounds memory use.
  public var longest = 600.0
  /// Speed factors of training recordings, one copy each (speed perturbation, Ko et al. 2015).
  public var speeds = [1.0]
  /// Whether to skip unusable files instead of ending the conversion.
  public var skipsBad = false

  /// File extensions of audio in a folder.
  static let kinds: Set<String> = [
    "wav", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "au", "sph", "w64", "caf",
  ]

  /// All files of `source`, for training.
  public init(source: TranscribedSource, features: LogMelSettings, vocabulary: VocabularyOptions) {
    self.source = source
    self.features = features
    self.vocabulary = vocabulary
  }

  /// Reads the transcripts, then the audio, and writes to every split `inputs` [frames, bands] and `offsets`, `targets`
  /// and `target_offsets`, `files` and `texts`, their sources; `/target_vocabulary`; and the attribute `preparation`,
  /// how they were computed. The training split contains each recording at each of `speeds`. With ``hasClasses``, `targets`
  /// [recordings] are numbers of `/classes`.
  ///
  /// - Throws: If a file is unusable and not skipped, or a split is empty.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    let spectrogram: LogMelSpectrogram
    do { spectrogram = try LogMelSpectrogram(features) } catch { throw WeftError.usage(error.reason) }
    let conversion = try TranscribedConversion(
      source: source, others: others, kinds: Self.kinds, unit: "recordings", text: "transcripts",
      areClasses: hasClasses, vocabulary: vocabulary, plan: plan, skipsBad: skipsBad, progress: progress)
    let plan = conversion.plan
    let targets = try TranscribedTargets(conversion, writer, hasClasses: hasClasses)
    try Preparation(logMel: features).write(to: writer.file)
    let inputs = try plan.names.map {
      try RaggedWriter<Float>(
        writer, split: $0, name: "inputs", width: features.bands,
        attributes: ["description": "natural logarithm of the power in mel bands"])
    }
    var counts = plan.names.map { _ in 0 }
    var (changed, example, frameCount, shortened) = (0, "", 0, 0)
    let failed = try conversion.forEach("reading audio", count: targets.fileCount) { file, split in
      for (copy, speed) in (split == 0 ? speeds : [1]).enumerated() {
        let (values, frames, note) = try spectrogram.features(
          of: file.path, piece: file.piece, speed: speed, longest: longest)
        if spectrogram.isShortened, copy == 0 { shortened += 1 }
        try inputs[split].append(values)
        try targets.append(file, split: split)
        counts[split] += 1
        frameCount += frames
        if let note, copy == 0 {
          if changed == 0 { example = note }
          changed += 1
        }
      }
    }
    try failed.checkNotAll(goodCount: counts.reduce(0, +))
    var summary = try ConversionSummary(plan: plan, counts: counts, unit: "recordings")
    let seconds = Duration.seconds(Double(frameCount) * Double(features.hopLength) / Double(features.rate))
    summary.notes.append(
      "\(NumberText.duration(seconds)) of audio in \(frameCount) frames of \(features.bands) mel bands")
    summary.notes += targets.notes
    if changed > 0 {
      summary.notes.append(
        changed == 1
          ? "1 file was converted: \(example)" : "\(changed) files were converted, for example \(example)")
    }
    if shortened > 0 {
      summary.notes.append(
        "pieces that ended up to \(AudioPiece.overshoot) s after their recordings, cut there: \(shortened)")
    }
    summary.notes += conversion.notes + failed.notes
    return summary
  }
}
