import WeftBase
import WeftTasks
import WeftTraining

extension Trainer {
  /// A trainer for data in memory, which are written to `data.h5` in the run's folder.
  ///
  /// - Parameters:
  ///   - configuration: The configuration, whose data are replaced. Targets that are NaN are ignored.
  ///   - data: What to train on.
  ///   - validation: What to evaluate on, to choose the best checkpoint; nil for nothing.
  ///   - output: The run's folder.
  ///   - threads: Number of workers; nil for all available CPUs.
  ///   - resume: Whether to resume from the newest checkpoint in the folder.
  ///   - start: Where a new run takes weights from, and deliberate changes of a resumed one.
  ///   - onNote: Called with notes for the user: skipped checkpoints, warnings.
  /// - Throws: If the data do not match the model, or the folder contains another run.
  public convenience init(
    _ configuration: Configuration, data: Dataset, validation: Dataset? = nil, output: String,
    threads: Int? = nil, resume: Bool = false, start: TrainingStart = TrainingStart(),
    onNote: @escaping (String) -> Void = { _ in }
  ) throws(WeftError) {
    var configuration = configuration
    let path = "\(output)/data.h5"
    (configuration.data.file, configuration.data.files) = (path, [])
    if data.targets != .none { configuration.data.targets = "targets" }
    if case .values(let values, _, _) = data.targets, values.contains(where: \.isNaN) {
      configuration.data.allowsMissingTargets = true
    }
    if !resume {
      let splits = configuration.data.split
      try RunFolder(output).create()
      try Dataset.write(
        [(splits.train, data)] + (validation.map { [(splits.validation, $0)] } ?? []), to: path)
    }
    try self.init(
      configuration, output: output, threads: threads, resume: resume, start: start, onNote: onNote)
  }
}
