import ArgumentParser
import DatasetTools
import Foundation
import WeftBase
import WeftParallel
import WeftTasks
import WeftTerminal
import WeftTraining

/// Trains a model from a configuration.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a model from a configuration file, or from a dataset.",
    discussion: """
      With an HDF5 dataset in place of a configuration, one is made for what the data are, printed and used; \
      'weft init' writes the same one to a file, with a reason for each key.

      The run's folder receives checkpoints, the best of them as best.h5, and metrics in metrics.jsonl. Ctrl-C \
      writes a checkpoint and exits with status 130 (143 after SIGTERM, 129 after SIGHUP); --resume continues from \
      there, with the result of an uninterrupted run. A second signal ends the process at once. With --resume, --set \
      changes the optimizer, its schedule or the loss deliberately from there on, which checkpoints record.

      Started by mpirun, mpiexec or srun, the processes train together, with the same result.

      Example:
        weft train datasets/shakespeare/train.yaml --set model.hidden=512
        weft train datasets/shakespeare/shakespeare.h5
      """)

  @OptionGroup var source: ConfigurationOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The run's folder. (default: runs/NAME, after the configuration file, or after its folder if the file"
        + " is train.yaml)",
      valueName: "folder"),
    completion: .directory)
  var output: String?

  @Option(help: TaskHelp.help, completion: TaskHelp.completion)
  var task: String?

  @OptionGroup var threads: ThreadOptions

  @Option(
    help: ArgumentHelp(
      "Start from the weights of a trained model: a run's folder or a checkpoint. Parameters are taken by name and"
        + " shape, rows of tokens and classes by their names.",
      valueName: "run"),
    completion: .file())
  var from: String?

  @Option(
    help: ArgumentHelp(
      "Start with these token embeddings: a text file with a token and its numbers on each line, as GloVe and word2vec"
        + " have; or a NumPy matrix (.npy) with a row for each token of the vocabulary.",
      valueName: "file"),
    completion: .file())
  var embeddings: String?

  @Flag(help: "Resume from the newest checkpoint in the run's folder.")
  var resume = false

  @Flag(
    help: ArgumentHelp(
      "With --resume, go on although the data differ from those that the run was trained on: from the start of the"
        + " current epoch. Recorded in the checkpoints; 'weft inspect' shows it."))
  var dataChanged = false

  @Option(
    help: ArgumentHelp(
      "Number of newest checkpoints to keep in addition to the best. (default: training.keep)",
      valueName: "count"))
  var keep: Int?

  @Option(
    help: ArgumentHelp(
      "End with a checkpoint at this step, before the end of the run; --resume continues.", valueName: "step")
  )
  var untilStep: Int?

  @Flag(help: "Print the time by phase.")
  var profile = false

  @Flag(
    help: ArgumentHelp(
      "Print one JSON object per line instead of text: the start, lines of the metrics, checkpoints, notes and the end."
    ))
  var json = false

  func validate() throws {
    if dataChanged, !resume { throw WeftError.usage("--data-changed needs --resume") }
    if let untilStep, untilStep < 1 {
      throw WeftError.usage("--until-step must be at least 1, not \(untilStep)")
    }
    if resume, from != nil || embeddings != nil {
      throw WeftError.usage(
        "\(from == nil ? "--embeddings" : "--from") cannot be combined with --resume: a resumed run has its own weights"
      )
    }
    if profile, json { throw WeftError.usage("--profile cannot be combined with --json") }
  }

  func run() throws {
    let ranks = try Launcher.join()
    try Launcher.run(ranks) { try train(ranks) }
  }

  private func train(_ ranks: any Communicator) throws {
    let configuration = try ranks.together { () throws(WeftError) in
      var configuration = try wantedConfiguration(isShown: ranks.isFirst && !json)
      if let keep {
        guard keep >= 1 else { throw .usage("--keep must be at least 1, not \(keep)") }
        configuration.training.keep = keep
      }
      return configuration
    }
    let folder = output ?? Self.folder(for: source.file)
    let events = json && ranks.isFirst ? EventLines() : nil
    var progress = ProgressLine(logEvery: configuration.training.logEvery)
    var preparation = PreparationLine()
    let workers = Launcher.threads(threads.count, ranks)
    let trainer = try Trainer(
      configuration, output: folder, threads: workers, resume: resume,
      acceptsChangedData: dataChanged,
      start: TrainingStart(
        model: from, embeddings: try embeddings.map(Self.embeddings),
        changedKeys: resume ? source.overriddenKeys : []),
      ranks: ranks, onNote: { note in if events == nil { progress.note(note) } else { events?.note(note) } },
      onPreparation: { if !json { preparation.update($0) } })
    preparation.finish()
    if ranks.isFirst {
      if let events {
        events.start(
          folder, steps: trainer.totalSteps, from: trainer.step, parameters: trainer.parameterCount,
          data: try trainer.dataSummary)
      } else {
        try StandardStreams.print(try trainer.dataSummary + "\n")
      }
    }
    Interruption.listen(toUserSignal: ranks.count > 1)
    let ending: Trainer.Ending
    do {
      ending = try trainer.run(
        onProgress: { if !json { progress.update($0) } }, onEvent: { events?.event($0) },
        interruption: { Interruption.isRequested || untilStep.map { trainer.step >= $0 } ?? false })
    } catch {
      progress.finish()
      throw error
    }
    progress.finish()
    let exitCode = ranks.gather(Interruption.exitCode ?? 0).max() ?? 0
    guard ranks.isFirst else {
      if ending == .interrupted { throw ExitCode(exitCode) }
      return
    }
    if let events {
      events.end(ending, step: trainer.step, best: trainer.best)
      if ending == .interrupted, exitCode != 0 { throw ExitCode(exitCode) }
      return
    }
    if profile { try StandardStreams.print(Self.table(trainer.times) + "\n") }
    let best =
      trainer.best.map { best in
        let value = String(format: "%.4f", best.selectionMetric.value)
        return ", best validation \(best.selectionMetric.metric.name) \(value) at step \(best.step)"
      } ?? ""
    switch ending {
    case .finished: try StandardStreams.print("\(folder): finished at step \(trainer.step)\(best)\n")
    case .stoppedEarly: try StandardStreams.print("\(folder): stopped early at step \(trainer.step)\(best)\n")
    case .interrupted:
      try StandardStreams.print(
        "\(folder): \(exitCode == 0 ? "paused" : "interrupted") at step \(trainer.step)\(best); continue with --resume\n"
      )
      if exitCode != 0 { throw ExitCode(exitCode) }
    }
  }

  /// The configuration of the file, or the one made for a dataset.
  ///
  /// - Parameter isShown: Whether to print one that is made.
  private func wantedConfiguration(isShown: Bool) throws(WeftError) -> Configuration {
    guard DataSource.isDataset(source.file) else {
      try DataSource.checkIsConverted(source.file)
      if task != nil { throw .usage("--task is for datasets; a configuration has its task") }
      return try source.configuration()
    }
    let (recipe, _) = try DataSource.recipe(
      for: source.file, task: task, overrides: source.overrides,
      progress: isShown ? ProgressReporter() : nil)
    let configuration = try recipe.configuration(overrides: source.overrides)
    if isShown {
      let command = "weft init \(source.file.shellQuoted)"
      printText("# \(recipe.title) ('\(command)' gives the reasons).\n\(recipe.shortYAML)")
      for note in recipe.notes { printNote(note) }
    }
    return configuration
  }

  /// One line per phase with its time and share.
  private static func table(_ times: PhaseTimes) -> String {
    times.phases.map { name, seconds in
      let label = name + String(repeating: " ", count: max(0, 24 - name.count))
      return label + String(format: "%9.2f s  %5.1f%%", seconds, 100 * seconds / times.total)
    }.joined(separator: "\n")
  }

  private static func embeddings(_ path: String) throws -> PretrainedEmbeddings {
    guard try ArrayMatrix.isFile(path) else { return .text(path) }
    let matrix = try ArrayMatrix(path)
    return .rows(matrix.values, width: matrix.columns, source: path)
  }

  /// `datasets/shakespeare/train.yaml` gives `runs/shakespeare`, `wide.yaml` gives `runs/wide`.
  static func folder(for configurationFile: String) -> String {
    let file = URL(filePath: configurationFile)
    let name = file.deletingPathExtension().lastPathComponent
    let parent = file.deletingLastPathComponent().lastPathComponent
    return "runs/\(name == "train" && !parent.isEmpty ? parent : name)"
  }
}
