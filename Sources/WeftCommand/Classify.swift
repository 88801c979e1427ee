import ArgumentParser
import Foundation
import WeftBase
import WeftMetrics

/// Classifies the sequences of a file.
struct Classify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Classify the sequences of a file.",
    discussion: """
      The file must have the layout of the training data.

      Example:
        weft classify runs/vowels recordings.h5 --split test
      """)

  @OptionGroup var trained: TrainedRun

  @Argument(
    help: ArgumentHelp("An HDF5 file. (default: the dataset of the run)", valueName: "file"),
    completion: .file())
  var file: String?

  @Option(
    help: "The split to classify: train, validation, test or another group. (default: test, or the only one)")
  var split: String?

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print one JSON object per sequence instead of text.")
  var json = false

  func run() throws {
    let model = try trained.model(threads: threads.count)
    var confusion = ConfusionMatrix(classes: max(1, model.classNames.count))
    let group = try model.group(named: split, of: file)
    model.unitNotes(split: group, file: file).forEach(printNote)
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
}
