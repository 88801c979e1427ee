import ArgumentParser
import Foundation
import Tuning
import WeftBase
import WeftTasks
import WeftTraining

/// Searches hyperparameters.
struct Tune: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Search hyperparameters: grid, random, or successive halving.",
    discussion: """
      The file names a configuration, and for each key to search a list of values or a range:

        configuration: train.yaml
        search: halving
        trials: 27
        minimum_steps: 200
        parameters:
          model.hidden: [64, 128, 256]
          model.dropout: {from: 0, to: 0.5}
          optimizer.learning_rate: {from: 0.0003, to: 0.03, scale: log}

      Each trial is a run in the search's folder, with the result that 'weft train' has. An interrupted search goes on \
      with the same command. See docs/tuning.md.

      Example:
        weft tune sweep.yaml --output runs/sweep
      """)

  @Argument(
    help: ArgumentHelp("The search.", valueName: "sweep"), completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The search's folder. (default: runs/NAME, after the file)", valueName: "folder"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Trainings at once. (default: \(AvailableProcessors.count), the available CPUs)", valueName: "n"))
  var parallel: Int?

  @Option(
    help: ArgumentHelp(
      "Threads of each training. The result does not depend on it. (default: the available CPUs divided by"
        + " --parallel)",
      valueName: "n"))
  var threads: Int?

  @Flag(help: "Print JSON instead of text.")
  var json = false

  @Flag(help: "Create no report page.")
  var noReport = false

  func validate() throws {
    if let parallel, !(1...1024).contains(parallel) {
      throw WeftError.usage("--parallel must be from 1 to 1024, not \(parallel)")
    }
    if let threads { try ThreadOptions.check(threads) }
  }

  func run() throws {
    try ConfigurationFile.check(file)
    let sweep = try SweepConfiguration(file: file)
    let trials = sweep.plannedTrials
    // Mistakes in keys and values are found before anything is trained; single combinations that exclude each other
    // fail as trials.
    let problems = trials.compactMap { trial -> WeftError? in
      do throws(WeftError) {
        _ = try Configuration(file: sweep.configuration, overrides: sweep.overrides + trial.overrides)
        return nil
      } catch { return .failure("\(file): trial \(trial.number): \(error.message)") }
    }
    if let first = problems.first, problems.count == trials.count { throw first }
    let base = try Configuration(file: sweep.configuration, overrides: sweep.overrides)
    let length = sweep.search == .halving ? try TrainingLength(base) : nil
    if let length, length.firstEvaluation > sweep.minimumSteps {
      let every =
        base.training.evaluateEvery.map { "not \($0)" } ?? "as an epoch has \(length.firstEvaluation)"
      throw WeftError.failure(
        "\(file): minimum_steps: the first round of \(sweep.minimumSteps) steps has no evaluation; set"
          + " training.evaluate_every to at most that, \(every)")
    }
    let folder = output ?? Train.folder(for: file)
    try RunFolder(folder).create()
    try keepDescription(of: sweep, in: folder)
    let atOnce = min(parallel ?? AvailableProcessors.count, max(trials.count * sweep.seeds, 1))
    let process = TrialProcess(
      configuration: sweep.configuration, overrides: sweep.overrides, folder: folder, seeds: sweep.seeds,
      threads: threads ?? max(1, AvailableProcessors.count / atOnce))
    let search = Sweep(sweep, records: try TrialRecords("\(folder)/trials.jsonl"))
    Interruption.listen()
    let isDone = try search.run(
      totalSteps: length?.steps, parallel: atOnce, train: { process.train($0) },
      onRecord: { trial, record in
        if !json { StandardStreams.report(Self.line(trial, record) + "\n") }
      })
    let ranked = search.ranked()
    let report = TuningReport(ranked, process)
    if !isDone {
      printText("\(folder): interrupted; continue with the same command")
      throw ExitCode(Interruption.exitCode ?? ExitCode.failure.rawValue)
    }
    if !noReport { try makePage(ranked, process, folder) }
    printText(json ? try report.json : report.text, terminator: "")
    guard ranked.contains(where: { $0.value != nil }) else {
      throw WeftError.failure("\(folder): all trials failed")
    }
  }

  /// A search goes on only as what it was.
  private func keepDescription(of sweep: SweepConfiguration, in folder: String) throws(WeftError) {
    let path = "\(folder)/sweep.yaml"
    if OutputFile.exists(path) {
      var earlier = try SweepConfiguration(file: path)
      // More trials are the same and further ones.
      earlier.trials = sweep.trials
      earlier.configuration = sweep.configuration
      guard earlier == sweep else {
        throw .failure("\(folder): contains another search; name another --output")
      }
    }
    try TextFile.replace(path, with: try TextFile.contents(of: file))
  }

  private func makePage(_ ranked: [Sweep.Result], _ process: TrialProcess, _ folder: String) throws {
    let runs = ranked.filter { $0.value != nil }.prefix(Self.maximumRuns).map {
      process.runFolder($0.trial.number, seed: 1)
    }
    if runs.isEmpty { return }
    try PageCommand.parse(runs + ["--no-samples", "--output", "\(folder)/report.html"]).makePage()
  }

  /// Runs in the report.
  private static let maximumRuns = 20

  private static func line(_ trial: Trial, _ record: TrialRecord) -> String {
    let values = trial.values.map { "\($0.key)=\($0.value)" }.joined(separator: "  ")
    let result =
      record.failure.map { "failed: \($0)" }
      ?? "\(record.metric ?? "") \(NumberText.significant(record.value ?? .nan, digits: 5))"
    return "trial \(trial.number), seed \(record.seed), step \(record.steps): \(result)  \(values)"
      .printable()
  }
}

/// The trials of a search, best first.
struct TuningReport: Report {
  /// A trial.
  struct Row: Encodable {
    let trial: Int
    let values: [String: String]
    let metric: String?
    let value: Double?
    let seeds: [Double]
    let steps: Int
    let runs: [String]
    let failure: String?
  }

  let best: String?
  let trials: [Row]
  private let keys: [String]

  private enum CodingKeys: CodingKey { case best, trials }

  init(_ ranked: [Sweep.Result], _ process: TrialProcess) {
    trials = ranked.map { result in
      Row(
        trial: result.trial.number,
        values: Dictionary(result.trial.values.map { ($0.key, $0.value) }) { $1 },
        metric: result.records.first?.metric, value: result.value, seeds: result.records.compactMap(\.value),
        steps: result.steps,
        runs: result.records.map { process.runFolder($0.trial, seed: $0.seed) },
        failure: result.records.lazy.compactMap(\.failure).first)
    }
    keys = ranked.first?.trial.values.map(\.key) ?? []
    best = trials.first.flatMap { $0.value == nil ? nil : $0.runs.first }
  }

  var text: String {
    let metric = trials.lazy.compactMap(\.metric).first ?? "value"
    let head =
      ["trial"] + keys + [metric] + (trials.contains { $0.seeds.count > 1 } ? ["seeds"] : []) + ["steps"]
    let rows = trials.map { row in
      ["\(row.trial)"] + keys.map { row.values[$0] ?? "" }
        + [row.value.map { NumberText.significant($0, digits: 5) } ?? "failed"]
        + (head.contains("seeds")
          ? [row.seeds.map { NumberText.significant($0, digits: 4) }.joined(separator: " ")] : [])
        + ["\(row.steps)"]
    }
    var lines = table([head] + rows)
    for row in trials where row.failure != nil {
      lines.append("trial \(row.trial) failed: \(row.failure ?? "")")
    }
    if let best { lines.append("best: \(best)") }
    return lines.map { $0.printable() + "\n" }.joined()
  }
}
