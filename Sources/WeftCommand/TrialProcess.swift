import Foundation
import Tuning
import WeftBase
import WeftTraining

/// A training of a search, as a process of this program.
struct TrialProcess: Sendable {
  /// The configuration file.
  let configuration: String
  /// Overrides of all trials.
  let overrides: [String]
  /// The search's folder.
  let folder: String
  /// Trainings of each trial.
  let seeds: Int
  /// Threads of the process.
  let threads: Int

  /// The run's folder of a training.
  func runFolder(_ trial: Int, seed: Int) -> String {
    let digits = String(trial)
    let number = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    return "\(folder)/trial-\(number)" + (seeds > 1 ? "-seed-\(seed)" : "")
  }

  /// Trains, and waits for the end; nil if this process was interrupted.
  func train(_ job: Sweep.Job) -> TrialRecord? {
    let run = runFolder(job.trial.number, seed: job.seed)
    var record = TrialRecord(trial: job.trial.number, seed: job.seed, until: job.until)
    var arguments = ["train", configuration, "--output", run, "--json", "--threads", "\(threads)"]
    for override in overrides + job.trial.overrides { arguments += ["--set", override] }
    if seeds > 1 || job.seed > 1 { arguments += ["--set", "training.seed=\(job.seed)"] }
    if let until = job.until { arguments += ["--until-step", "\(until)"] }
    do {
      guard let (status, output, errors) = try startOnceFree(arguments, in: RunFolder(run)) else {
        return nil
      }
      let end = output.split(separator: "\n").last.flatMap { line in
        try? JSONDecoder().decode(End.self, from: Data(line.utf8))
      }
      if status == 0, let end {
        record.steps = end.step
        (record.metric, record.value, record.higherIsBetter) = (end.metric, end.best, end.higherIsBetter)
        if end.best == nil { record.failure = "there was no evaluation; set training.evaluate_every" }
      } else {
        record.failure = Self.message(errors) ?? "ended with status \(status)"
      }
    } catch { record.failure = "\(error)" }
    return record
  }

  /// Starts a training once no process of an interrupted search uses its folder: one may still write its last
  /// checkpoint, or be starting, and reserve the folder first. What it has reached is where the training goes on.
  ///
  /// - Returns: How the training ended; nil if this process was interrupted.
  private func startOnceFree(
    _ arguments: [String], in folder: RunFolder
  ) throws -> (status: Int32, output: String, errors: String)? {
    while true {
      while folder.isAtWork, !Interruption.isRequested { usleep(100_000) }
      if Interruption.isRequested { return nil }
      let resumes = !folder.checkpoints.isEmpty
      let result = try start(arguments + (resumes ? ["--resume"] : []))
      if Interruption.isRequested { return nil }
      let isTaken = Self.message(result.errors).map(folder.isInUse) ?? false
      guard result.status != 0, isTaken || (!resumes && !folder.checkpoints.isEmpty) else { return result }
    }
  }

  /// The error of a process, without the program's name.
  private static func message(_ errors: String) -> String? {
    errors.split(separator: "\n").last.map { String($0).replacing("weft: error: ", with: "") }
  }

  /// The last line of a training's events.
  private struct End: Decodable {
    let step: Int
    let metric: String?
    let best: Double?
    let higherIsBetter: Bool?

    private enum CodingKeys: String, CodingKey {
      case step, metric, best
      case higherIsBetter = "higher_is_better"
    }
  }

  private func start(_ arguments: [String]) throws -> (status: Int32, output: String, errors: String) {
    guard let program = ProgramPath.current else {
      throw WeftError.failure("this program's own path is unknown")
    }
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let text = Locked("")
    let reader = Thread {
      let data = (try? errors.fileHandleForReading.readToEnd()) ?? Data()
      text.withLock { $0 = String(decoding: data, as: UTF8.self) }
    }
    reader.start()
    // Signals to this process alone are passed on, so that trainings save a checkpoint.
    let watcher = Thread {
      while process.isRunning {
        if Interruption.isRequested {
          process.interrupt()
          return
        }
        usleep(50_000)
      }
    }
    watcher.start()
    let found = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    while !reader.isFinished { usleep(1000) }
    return (process.terminationStatus, found, text.withLock { $0 })
  }
}
