import ArgumentParser
import DatasetTools
import Foundation
import Media
import WeftBase
import WeftPlots
import WeftTasks
import WeftTraining

/// Transcribes audio files.
struct Transcribe: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Transcribe audio files.",
    discussion: """
      Audio of any sampling rate is converted to the features that the model was trained on.

      Example:
        weft transcribe runs/speech hello.wav --beam 32
      """)

  @OptionGroup var trained: TrainedRun

  @Argument(
    help: ArgumentHelp("Audio files: WAV, FLAC, Ogg and other formats of libsndfile.", valueName: "file"),
    completion: .file())
  var files: [String]

  @Option(
    help: ArgumentHelp(
      "Beam width; 1 is greedy decoding.", valueName: "n"))
  var beam = 32

  @Option(
    help: ArgumentHelp("Run of a character language model for shallow fusion.", valueName: "run"),
    completion: .file())
  var languageModel: String?

  @Option(help: ArgumentHelp("Language-model weight.", valueName: "number"))
  var languageWeight = 0.5

  @Option(
    help: ArgumentHelp(
      "Insertion bonus per character.", valueName: "number"))
  var insertionBonus = 0.0

  /// The former name of `insertionBonus`.
  @Option(help: .hidden)
  var lengthBonus: Double?

  @Option(
    help: ArgumentHelp(
      "Plot spectrogram and alignment as SVG; one file only.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var plot: String?

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print one JSON object per file instead of text.")
  var json = false

  func validate() throws {
    try SearchOptions.check(beam: beam)
    if plot != nil, files.count != 1 {
      throw WeftError.usage("--plot needs a single file, not \(files.count)")
    }
  }

  func run() throws {
    if lengthBonus != nil { printNote("--length-bonus is now called --insertion-bonus") }
    let search = try TranscriptionSearch(
      beam: beam, languageWeight: languageWeight, insertionBonus: lengthBonus ?? insertionBonus)
    let model = try trained.model(threads: threads.count)
    let language = try languageModel.map { try TrainedModel($0, threads: 1) }
    guard let settings = try Preparation(of: model).logMel else {
      throw WeftError.failure(
        "\(model.path): has no record of how its features were computed (attribute 'preparation')")
    }
    let spectrogram = try LogMelSpectrogram(settings)
    for file in files {
      let features = try spectrogram.features(of: file)
      if let text = features.note { printNote(text.hasPrefix(file) ? text : "\(file): \(text)") }
      let transcript = try model.transcribe(
        features.values, width: spectrogram.settings.bands, search: search, language: language,
        wantsAlignment: plot != nil
      ) { printNote($0) }
      if let plot {
        try drawing(transcript, of: file, features.values, settings, by: model.path).write(to: plot)
      }
      if json {
        printText(
          JSONText.object([
            ("file", .text(file)), ("text", .text(transcript.text)),
            ("log_probability", .number(transcript.logProbability)),
          ]))
      } else {
        printText(OutputText.shown(files.count > 1 ? "\(file): \(transcript.text)" : transcript.text))
      }
    }
  }

  /// The spectrogram with the recognized characters, above the probabilities.
  private func drawing(
    _ transcript: Transcript, of file: String, _ features: [Float], _ settings: LogMelSettings, by run: String
  ) -> SeriesPlot {
    let bands = settings.bands
    var spectrogram = SeriesPlot.Panel("log power by mel band")
    spectrogram.shades = SeriesPlot.Shades(
      first: 0,
      columns: stride(from: 0, to: features.count, by: bands).map {
        features[$0..<$0 + bands].map { Double($0) }
      })
    spectrogram.labels = (transcript.alignment?.labels ?? []).map { label in
      SeriesPlot.Label(
        label.text == " " ? "␣" : label.text,
        step: Double(label.steps.lowerBound + label.steps.upperBound - 1) / 2)
    }
    var probability = SeriesPlot.Panel("probability")
    probability.lines = [
      SeriesPlot.Line("blank", first: 0, values: transcript.alignment?.blanks ?? []),
      SeriesPlot.Line("most probable label", first: 0, values: transcript.alignment?.mostProbable ?? []),
    ]
    var plot = SeriesPlot(
      title: transcript.text, subtitle: "\(file), by \(run)", panels: [spectrogram, probability])
    let milliseconds = 1000 * Double(settings.hopLength) / Double(settings.rate)
    plot.stepName = "frame, \(NumberText.significant(milliseconds, digits: 3)) ms each"
    return plot
  }
}
