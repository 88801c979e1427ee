import ArgumentParser
import DatasetTools
import WeftBase
import WeftData
import WeftTasks
import WeftTraining

/// Writes a model's predictions for a split to a file.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the predictions of a trained model to a file.",
    discussion: """
      Works with every model, and with data with or without targets: all class probabilities, values in the units of \
      the data, every step of sequences, the windows of forecasts with their quantiles, texts, anomaly scores. The \
      extension of the output names its format: .h5 (HDF5), .csv, .npy (the main array alone) or .jsonl (a JSON \
      object a line).

      Examples:
        weft predict runs/vowels recordings.h5 --output predictions.csv
        weft predict runs/vowels --split train --outputs states --output states.h5
        weft predict runs/shops --outputs future --output forecasts.csv
      """)

  @OptionGroup var trained: TrainedRun

  @Argument(
    help: ArgumentHelp("An HDF5 file. (default: the dataset of the run)", valueName: "file"),
    completion: .file())
  var file: String?

  @Option(
    help: "The split to predict: train, validation, test or another group. (default: test, or the only one)")
  var split: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The file to write: .h5, .csv, .npy or .jsonl.", valueName: "file"),
    completion: .file())
  var output: String

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  @Option(
    help: ArgumentHelp(
      "What to write: predictions, states (what the output layer reads), scores (of anomalies) or future (forecasts of what"
        + " follows each series).",
      valueName: "what"))
  var outputs = PredictionOutput.predictions.rawValue

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    guard let wanted = PredictionOutput(rawValue: outputs) else {
      throw NearMiss.unknownChoice(
        outputs, "output", of: "--outputs", among: PredictionOutput.allCases.map(\.rawValue))
    }
    let format = try PredictionFormat(path: output)
    try OutputPath.check(output, isNoneOf: [file, trained.path].compactMap(\.self))
    try RunFolder.checkIsFree(output: output)
    let model = try trained.model(threads: threads.count)
    if file == nil { try OutputPath.check(output, isNoneOf: model.configuration.data.paths()) }
    let split = try model.group(named: split, of: file)
    let progress = ProgressReporter()
    var writer: (any PredictionWriter)?
    var (count, unit, notes) = (0, "row", [String]())
    do {
      try model.predict(
        wanted, split: split, file: file,
        begin: { table throws(WeftError) in
          (unit, notes) = (table.rowName, table.notes)
          do {
            writer = try format.makeWriter(output, table: table, overwrites: overwrite)
          } catch { throw WeftError(error, in: output) }
        },
        onRows: { rows, done, total throws(WeftError) in
          if count == 0 { progress.begin("predicting", total: total, unit: "minibatches") }
          progress.advance()
          count += rows.count
          do { try writer?.append(rows) } catch { throw WeftError(error, in: output) }
        })
      try writer?.finish()
    } catch {
      progress.finish()
      throw error
    }
    progress.finish()
    model.dataNotes(split: split, file: file).forEach(printNote)
    let lines = ["\(output): \(count) \(unit)\(count == 1 ? "" : "s") of \(split)"] + notes
    for line in lines { printText(line.printable()) }
  }
}

extension PredictionTable {
  /// What a row is about.
  fileprivate var rowName: String {
    switch index.last {
    case "step": "step"
    case "origin": "window"
    default: "sequence"
    }
  }
}
