import ArgumentParser
import DatasetTools
import Media
import WeftBase

/// Makes features with transcripts from sound files.
struct DataAudio: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audio",
    abstract: "Make log-mel features with transcripts from WAV, FLAC and Ogg files, for speech recognition.",
    discussion: """
      The source is a text file of lines PATH TAB TRANSCRIPT, with paths relative to its folder, or a folder in which
      every sound has a text file of its name, ending in .txt. A third column of a line names a group, such as the
      speaker; recordings of one group, or else of one transcript, go to the same split.

      Example:
        weft data audio clips.tsv --rate 16000 --mels 40 --split 0.8,0.1,0.1 --output clips.h5
      """)

  @Argument(help: "A list of sounds and transcripts, or a folder of both.", completion: .file())
  var source: String

  @OptionGroup var features: LogMelOptions
  @OptionGroup var vocabulary: VocabularyArguments
  @OptionGroup var split: SplitOptions

  @Option(
    help: ArgumentHelp(
      "Speeds with commas between, such as 0.9,1,1.1: recordings to train on are played at each.",
      valueName: "factors"))
  var speeds = "1"

  @Option(help: ArgumentHelp("Refuse longer sounds, which bounds the memory used.", valueName: "seconds"))
  var longest = 600.0

  @Flag(help: "Leave out files that cannot be used, and list them.")
  var skipBad = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard longest > 0 else { throw WeftError.usage("--longest must be positive, not \(longest)") }
    var dataset = AudioDataset(
      source: TranscribedSource(source), features: try features.settings(),
      vocabulary: try vocabulary.options())
    dataset.plan = try split.plan()
    dataset.longest = longest
    dataset.speeds = try speeds.split(separator: ",", omittingEmptySubsequences: false).map { text in
      guard let speed = Double(text), (0.25...4).contains(speed) else {
        throw WeftError.usage(
          "--speeds: '\(text)' is not a number from 0.25 to 4; name some such as 0.9,1,1.1")
      }
      return speed
    }
    dataset.skipsBad = skipBad
    try output.convert { try dataset.write(to: $0, progress: $1) }
  }
}

/// How sound becomes features.
struct LogMelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Samples a second; files with others are resampled.", valueName: "hertz"))
  var rate = 16_000

  @Option(help: ArgumentHelp("Mel bands, the features of a frame.", valueName: "n"))
  var mels = 40

  @Option(help: ArgumentHelp("Length of a frame.", valueName: "milliseconds"))
  var window = 25.0

  @Option(help: ArgumentHelp("From the start of a frame to that of the next.", valueName: "milliseconds"))
  var hop = 10.0

  @Option(help: "Where the bands lie: htk, or slaney as in librosa.")
  var melScale = "htk"

  @Option(help: ArgumentHelp("The lower end of the first band.", valueName: "hertz"))
  var low = 0.0

  @Option(
    help: ArgumentHelp("The upper end of the last band; half the rate if left out.", valueName: "hertz"))
  var high: Double?

  @Option(
    help: ArgumentHelp(
      "Subtract this share of the sample before, which lifts high frequencies.", valueName: "share"))
  var preEmphasis = 0.0

  func settings() throws(WeftError) -> LogMelSettings {
    guard let scale = MelScale(rawValue: melScale) else {
      throw .usage("--mel-scale: '\(melScale)' is neither htk nor slaney")
    }
    for (name, value) in [("window", window), ("hop", hop)] where !(value > 0 && value <= 10_000) {
      throw .usage("--\(name) must be above 0 and at most 10000 milliseconds, not \(value)")
    }
    var settings = LogMelSettings(rate: rate, bands: mels)
    // A wrong rate is named below; it may not overflow here.
    let rate = Double(min(max(rate, 1), 1_000_000))
    settings.windowLength = Int((window * rate / 1000).rounded())
    settings.hopLength = Int((hop * rate / 1000).rounded())
    settings.scale = scale
    settings.lowFrequency = low
    settings.highFrequency = high ?? settings.highFrequency
    settings.preEmphasis = preEmphasis
    do { try settings.validate() } catch { throw .usage(error.reason) }
    return settings
  }
}
