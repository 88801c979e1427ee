import ArgumentParser
import DatasetTools
import Media
import WeftBase

/// Converts audio files with transcripts into features.
struct DataAudio: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audio",
    abstract:
      "Convert WAV, FLAC and Ogg files with transcripts into log-mel features, for speech recognition, or with classes.",
    discussion: """
      The source is a text file with lines PATH TAB TRANSCRIPT, with paths relative to its folder, or a folder in \
      which each audio file has a text file of the same name ending in .txt. Lines with one file or equal transcripts \
      go to the same split. An optional third column names a group, such as the speaker, which goes to one split, too. \
      Folders of LibriSpeech (*.trans.txt), LJ Speech (metadata.csv), Kaldi (wav.scp, segments) and TED-LIUM (*.stm), \
      manifests of NeMo and Lhotse, lists of Common Voice (*.tsv) and other tables with columns such as path and \
      sentence are read as well.

      Examples:
        weft data audio clips.tsv --rate 16000 --mels 40 --split 0.8,0.1,0.1 --output clips.h5
        weft data audio LibriSpeech/train-clean-100 --validation LibriSpeech/dev-clean --output libri.h5
        weft data audio en/train.tsv --validation en/dev.tsv --test en/test.tsv --output voices.h5
        weft data audio speech_commands --classes --split 0.8,0.1,0.1 --output commands.h5
      """)

  @Argument(help: "A list of audio files with transcripts, or a folder of both.", completion: .file())
  var source: String

  @Option(
    help: ArgumentHelp(
      "Folder of the recordings that a list names. (default: the list's folder, or one beside it where corpora keep them)",
      valueName: "folder"),
    completion: .directory)
  var folder: String?

  @Flag(
    help: ArgumentHelp(
      "The source tells the class of each recording rather than a transcript: a folder of recordings for each class, a list"
        + " of lines PATH TAB CLASS, or a table with columns such as filename and category."))
  var classes = false

  @OptionGroup var names: ClassNameOptions
  @OptionGroup var times: PieceOptions
  @OptionGroup var features: LogMelOptions
  @OptionGroup var vocabulary: VocabularyArguments
  @OptionGroup var split: SplitOptions
  @OptionGroup var published: PublishedSplitOptions

  @Option(
    help: ArgumentHelp(
      "Speed factors for training recordings, separated by commas, such as 0.9,1,1.1; each adds one sequence"
        + " per recording.",
      valueName: "factors"))
  var speeds = "1"

  @Option(help: ArgumentHelp("Maximum length of a recording; bounds memory use.", valueName: "seconds"))
  var longest = 600.0

  @Flag(help: "Skip unusable files and list them.")
  var skipBad = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard longest > 0 else { throw WeftError.usage("--longest must be positive, not \(longest)") }
    var dataset = AudioDataset(
      source: try TranscribedSource(source, files: folder, times: times.columns()),
      features: try features.settings(),
      vocabulary: try vocabulary.options())
    dataset.hasClasses = classes
    let pattern = try names.pattern(areClasses: classes, source: source)
    if let pattern { dataset.source = dataset.source.naming(classes: pattern) }
    if classes, let option = vocabulary.given {
      throw WeftError.usage("\(option) is for transcripts, but --classes has none")
    }
    dataset.plan = try split.plan()
    dataset.others = try published.lists(folder: folder, times: times.columns(), classes: pattern)
    dataset.longest = longest
    dataset.speeds = try speeds.split(separator: ",", omittingEmptySubsequences: false).map { text in
      guard let speed = Double(text), (0.25...4).contains(speed) else {
        throw WeftError.usage(
          "--speeds: '\(text)' is not a number from 0.25 to 4; give factors such as 0.9,1,1.1")
      }
      return speed
    }
    dataset.skipsBad = skipBad
    try output.convert(from: [source] + published.paths) { try dataset.write(to: $0, progress: $1) }
  }
}

/// Columns of a table that tell pieces of recordings.
struct PieceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Column of a table that tells where in its recording a text begins; '' reads whole recordings.",
      valueName: "column"))
  var start: String?

  @Option(help: ArgumentHelp("Column that tells where it ends.", valueName: "column"))
  var end: String?

  @Option(help: ArgumentHelp("Column that tells how long it is, instead of --end.", valueName: "column"))
  var duration: String?

  @Option(help: ArgumentHelp("Unit of these times: s or ms. (default: s)", valueName: "unit"))
  var timeUnit: String?

  /// The columns; nil if none are given.
  func columns() throws(WeftError) -> PieceColumns? {
    guard let start else {
      let other =
        end.map { _ in "--end" } ?? duration.map { _ in "--duration" } ?? timeUnit.map { _ in "--time-unit" }
      if let other { throw .usage("\(other) needs --start, the column that tells where a text begins") }
      return nil
    }
    guard start.isEmpty == (end == nil && duration == nil), end == nil || duration == nil else {
      throw .usage("--start needs --end or --duration, one of the two")
    }
    var columns = PieceColumns(start: start, end: end, duration: duration)
    if let timeUnit {
      guard let unit = PieceColumns.Unit(rawValue: timeUnit) else {
        throw NearMiss.unknownChoice(timeUnit, "unit", of: "--time-unit", among: ["s", "ms"])
      }
      columns.unit = unit
    }
    return columns
  }
}

/// Feature extraction from audio.
struct LogMelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Sampling rate; files with other rates are resampled.", valueName: "hertz"))
  var rate = 16_000

  @Option(help: ArgumentHelp("Mel bands (features per frame).", valueName: "n"))
  var mels = 40

  @Option(help: ArgumentHelp("Window length of a frame.", valueName: "milliseconds"))
  var window = 25.0

  @Option(help: ArgumentHelp("Hop length between frames.", valueName: "milliseconds"))
  var hop = 10.0

  @Option(help: "Mel scale: htk, or slaney as in librosa.")
  var melScale = "htk"

  @Option(help: ArgumentHelp("Lower frequency limit of the bands.", valueName: "hertz"))
  var low = 0.0

  @Option(
    help: ArgumentHelp(
      "Upper frequency limit of the bands. (default: half the sampling rate)", valueName: "hertz"))
  var high: Double?

  @Option(
    help: ArgumentHelp(
      "Pre-emphasis coefficient a in y[t] = x[t] − a x[t − 1].", valueName: "share"))
  var preEmphasis = 0.0

  func settings() throws(WeftError) -> LogMelSettings {
    guard let scale = MelScale(rawValue: melScale) else {
      throw NearMiss.unknownChoice(melScale, "scale", of: "--mel-scale", among: ["htk", "slaney"])
    }
    for (name, value) in [("window", window), ("hop", hop)] where !(value > 0 && value <= 10_000) {
      throw .usage("--\(name) must be above 0 and at most 10000 milliseconds, not \(value)")
    }
    var settings = LogMelSettings(rate: rate, bands: mels)
    // An invalid rate is reported below; it must not overflow here.
    let rate = Double(min(max(rate, 1), 1_000_000))
    settings.windowLength = Int(limiting: (window * rate / 1000).rounded())
    settings.hopLength = Int(limiting: (hop * rate / 1000).rounded())
    settings.scale = scale
    settings.lowFrequency = low
    settings.highFrequency = high ?? settings.highFrequency
    settings.preEmphasis = preEmphasis
    do { try settings.validate() } catch { throw .usage(error.reason) }
    return settings
  }
}
