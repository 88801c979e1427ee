import ArgumentParser
import DatasetTools
import Foundation
import WeftBase
import WeftMetrics
import WeftTraining

/// Classifies the sequences of a file.
struct Classify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Classify the sequences of a file, or recordings or images.",
    discussion: """
      An HDF5 file must have the layout of the training data. Recordings and images, or folders of them, are prepared \
      as those of the training data were, if 'weft data audio' or 'weft data images' made these.

      Example:
        weft classify runs/vowels recordings.h5 --split test
        weft classify runs/commands new/1.wav new/2.wav
      """)

  @OptionGroup var trained: TrainedRun

  @Argument(
    help: ArgumentHelp(
      "An HDF5 file, or recordings or images. (default: the dataset of the run)", valueName: "file"),
    completion: .file())
  var files: [String] = []

  @Option(
    help: "The split to classify: train, validation, test or another group. (default: test, or the only one)")
  var split: String?

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print one JSON object per sequence instead of text.")
  var json = false

  func run() throws {
    let model = try trained.model(threads: threads.count)
    if files.contains(where: PreparedMedia.isOne) {
      if split != nil { throw WeftError.usage("--split is of an HDF5 file, not of recordings or images") }
      return try classifyMedia(model)
    }
    guard files.count < 2 else {
      throw WeftError.usage("\(files[1]): one HDF5 file is classified at a time")
    }
    let file = files.first
    var confusion = ConfusionMatrix(classes: max(1, model.classNames.count))
    let group = try model.group(named: split, of: file)
    model.dataNotes(split: group, file: file).forEach(printNote)
    try model.classify(split: group, file: file) {
      number, found, label in
      if let label { confusion.add(label: label, prediction: found.number) }
      let probability = found.probabilities[found.number]
      let wanted = label.map { model.classNames[$0] }
      if json {
        printText(
          JSONText.object(
            [
              ("sequence", .integer(number)), ("class", .text(found.name)),
              ("probability", .number(probability)),
            ] + (wanted.map { [("label", .text($0))] } ?? [])))
      } else {
        let isWrong = wanted.map { $0 != found.name } ?? false
        printText(
          "\(number): \(found.name.printable())  \(String(format: "%.1f", 100 * probability))%"
            + (isWrong ? "  (wrong: \((wanted ?? "").printable()))" : ""))
      }
    }
    if !json, confusion.total > 0 {
      printText(
        String(
          format: "accuracy %.2f%%  macro F1 %.4f  %d sequences", 100 * confusion.accuracy,
          confusion.macroF1,
          confusion.total))
    }
  }

  /// Classifies recordings or images, one after the other.
  private func classifyMedia(_ model: TrainedModel) throws {
    let names = model.classNames
    guard !names.isEmpty else {
      throw WeftError.model(
        "\(model.path): is not a classifier (loss.kind: cross-entropy, one output per sequence)")
    }
    let media = try PreparedMedia(Preparation(of: model), model: model.path)
    let predictor = try model.makeArrayPredictor()
    let width = media.width
    guard predictor.input == .features(width) else {
      throw WeftError.model(
        "\(model.path): its inputs are \(predictor.input), not \(width) features of files alone")
    }
    for file in try media.files(files) {
      let (values, note) = try media.features(of: file)
      if let note { printNote(note.hasPrefix(file) ? note : "\(file): \(note)") }
      var probabilities: [Double] = []
      try predictor.predict(
        lengths: [values.count / width],
        features: { _, step in values[step * width..<(step + 1) * width].map(Double.init) },
        on: model.executor
      ) { _, outputs in probabilities = Array(outputs) }
      guard probabilities.count == names.count else {
        throw WeftError.model("\(model.path): has no class for a sequence as a whole")
      }
      let best = probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
      if json {
        printText(
          JSONText.object([
            ("file", .text(file)), ("class", .text(names[best])),
            ("probability", .number(probabilities[best])),
          ]))
      } else {
        printText(
          "\(file.printable()): \(names[best].printable())  \(String(format: "%.1f", 100 * probabilities[best]))%"
        )
      }
    }
  }
}
