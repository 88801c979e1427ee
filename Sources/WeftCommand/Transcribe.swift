import ArgumentParser
import DatasetTools
import Foundation
import Media
import WeftBase
import WeftPlots
import WeftTasks
import WeftTraining

/// Writes down what is said in sound files.
struct Transcribe: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write down what is said in sound files.",
    discussion: """
      Sounds are turned into the features that the model was trained on, at whatever rate they were recorded.

      Example:
        weft transcribe runs/speech hello.wav --beam 32
      """)

  @OptionGroup var trained: TrainedRun

  @Argument(
    help: ArgumentHelp("Sound files: WAV, FLAC, Ogg or what else libsndfile reads.", valueName: "file"),
    completion: .file())
  var files: [String]

  @Option(
    help: ArgumentHelp(
      "Texts that are searched at the same time; 1 reads the likeliest alignment.", valueName: "n"))
  var beam = 32

  @Option(
    help: ArgumentHelp("A run of a character model, to weigh texts with.", valueName: "run"),
    completion: .file())
  var languageModel: String?

  @Option(help: ArgumentHelp("What the language model's logarithms are multiplied by.", valueName: "number"))
  var languageWeight = 0.5

  @Option(help: ArgumentHelp("Added to a text's score for each character.", valueName: "number"))
  var lengthBonus = 0.0

  @Option(
    help: ArgumentHelp(
      "Draw the sound and when each character was heard, as an SVG; only of one file.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var plot: String?

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print a line of JSON for each file instead of text.")
  var json = false

  func validate() throws {
    if plot != nil, files.count != 1 {
      throw WeftError.usage("--plot draws one file, not \(files.count)")
    }
  }

  func run() throws {
    let search = try TranscriptionSearch(
      beam: beam, languageWeight: languageWeight, insertionBonus: lengthBonus)
    let model = try trained.model(threads: threads.count)
    let language = try languageModel.map { try TrainedModel($0, threads: 1) }
    guard let settings = try Preparation(of: model).logMel else {
      throw WeftError.failure("\(model.path): does not say how its features were made from sound")
    }
    let spectrogram = try LogMelSpectrogram(settings)
    for file in files {
      let features = try spectrogram.features(of: file)
      if let note = features.note { tell(file, note) }
      let transcript = try model.transcribe(
        features.values, width: spectrogram.settings.bands, search: search, language: language,
        wantsAlignment: plot != nil
      ) { tell(nil, $0) }
      if let plot {
        try drawing(transcript, of: file, features.values, settings, by: model.path).write(to: plot)
      }
      if json {
        print(
          JSONText.object([
            ("file", .text(file)), ("text", .text(transcript.text)),
            ("log_probability", .number(transcript.logProbability)),
          ]))
      } else {
        print(files.count > 1 ? "\(file): \(transcript.text)" : transcript.text)
      }
    }
  }

  /// The spectrogram with the characters where they were heard, above how sure the model was.
  private func drawing(
    _ transcript: Transcript, of file: String, _ features: [Float], _ settings: LogMelSettings, by run: String
  ) -> SeriesPlot {
    let bands = settings.bands
    var sound = SeriesPlot.Panel("log power by mel band")
    sound.shades = SeriesPlot.Shades(
      first: 0,
      columns: stride(from: 0, to: features.count, by: bands).map {
        features[$0..<$0 + bands].map { Double($0) }
      })
    sound.labels = (transcript.alignment?.labels ?? []).map { label in
      SeriesPlot.Label(
        label.text == " " ? "␣" : label.text,
        step: Double(label.steps.lowerBound + label.steps.upperBound - 1) / 2)
    }
    var certainty = SeriesPlot.Panel("probability")
    certainty.lines = [
      SeriesPlot.Line("no label", first: 0, values: transcript.alignment?.blanks ?? []),
      SeriesPlot.Line("likeliest label", first: 0, values: transcript.alignment?.mostProbable ?? []),
    ]
    var plot = SeriesPlot(
      title: transcript.text, subtitle: "\(file), by \(run)", panels: [sound, certainty])
    let milliseconds = 1000 * Double(settings.hopLength) / Double(settings.rate)
    plot.stepName = "frame, \(NumberText.significant(milliseconds, digits: 3)) ms each"
    return plot
  }

  private func tell(_ file: String?, _ text: String) {
    let line = file.map { text.hasPrefix($0) ? text : "\($0): \(text)" } ?? text
    FileHandle.standardError.write(Data("weft: note: \(line)\n".utf8))
  }
}
