import WeftBase
import WeftLayers
import WeftParallel
import WeftTasks
import WeftTensor
import WeftTensorBoard

/// The logs of a run: metrics, times, gradient flow, and TensorBoard events.
final class RunLog {
  private let folder: RunFolder
  private let metrics: MetricsWriter
  private let times: TimesLog
  private let gradientFlow: GradientFlowLog?
  private let events: EventLog?
  private let onNote: (String) -> Void

  /// Creates new files, or continues those of a run resumed after `step`.
  ///
  /// - Throws: If one cannot be written.
  init(
    _ folder: RunFolder, _ training: TrainingConfiguration, totalSteps: Int, resumingAfter step: Int?,
    times: PhaseTimes, onNote: @escaping (String) -> Void
  ) throws(WeftError) {
    self.folder = folder
    self.onNote = onNote
    metrics = try MetricsWriter(
      path: folder.metrics, resumingAfter: step, every: training.logEvery, onNote: onNote)
    self.times = try TimesLog(
      path: folder.times, resumingAfter: step, times: times, every: training.logEvery, onNote: onNote)
    gradientFlow = try training.gradientFlowEvery.map { every throws(WeftError) in
      try GradientFlowLog(path: folder.gradients, resumingAfter: step, every: every, onNote: onNote)
    }
    events =
      training.tensorboard
      ? EventLog(folder: folder.path, resumingAfter: step, totalSteps: totalSteps, onNote: onNote) : nil
  }

  /// Adds the time steps of a step.
  func add(timeSteps: Int) { times.add(timeSteps: timeSteps) }

  /// Writes training metrics and times.
  func append(_ record: MetricsRecord, times phases: PhaseTimes) throws(WeftError) {
    try metrics.append(record)
    let took = try times.append(step: record.step, times: phases)
    let shares = took.phases.phases.map { name, seconds in
      (
        tag: "time/\(name.replacing(" ", with: "_").replacing("+", with: "and"))",
        value: seconds / max(took.seconds, 1e-9)
      )
    }
    events?.scalars(
      tags(of: record) + [(tag: "time/steps_per_second", value: took.stepsPerSecond)] + shares,
      step: record.step)
  }

  /// Writes validation metrics.
  func append(validation record: MetricsRecord) throws(WeftError) {
    try metrics.append(record)
    events?.scalars(tags(of: record), step: record.step)
  }

  /// Writes the gradient flow, with a note if gradients vanish or explode.
  func append(_ flow: GradientFlow) throws(WeftError) {
    guard let gradientFlow else { return }
    try gradientFlow.append(flow)
    for warning in flow.warnings { onNote("step \(flow.step): \(warning)") }
  }

  /// At some evaluations, writes TensorBoard histograms of weights and gradients, the gradient flow and sample texts.
  ///
  /// - Parameters:
  ///   - gradients: Flat array of the latest gradient.
  ///   - samples: Generates the texts.
  func appendPictures(
    step: Int, layout: ParameterLayout, parameters: Tensor, gradients: Tensor?,
    samples: () throws(WeftError) -> [SampleText]
  ) throws(WeftError) {
    guard let events, events.takesRichEvent(at: step) else { return }
    let groups = [("weights", parameters)] + (gradients.map { [("gradients", $0)] } ?? [])
    let matrices = groups.flatMap { group, flat in
      layout.parameters.map { ("\(group)/\($0.name)", $0.matrix(in: flat.matrix)) }
    }
    // Copied one after the other: together they are as large as the model.
    events.histograms(matrices.lazy.map { (tag: $0.0, values: $0.1.elements) }, step: step)
    if gradientFlow != nil {
      // Records that cannot be read end no run.
      let records = (try? GradientFlowLog.records(in: folder.gradients)) ?? []
      events.heatMaps(GradientFlow.maps(records), step: step)
    }
    events.texts(
      try samples().map { sample in
        [("source", sample.source), ("reference", sample.reference), ("written", sample.written)]
          .compactMap { name, text in text.map { (name: name, text: $0) } }
      }, step: step)
  }

  /// Syncs the files to disk.
  func synchronize() throws(WeftError) {
    try metrics.synchronize()
    try times.synchronize()
    try gradientFlow?.synchronize()
  }

  /// Removes records of later steps.
  func truncate(to step: Int) throws(WeftError) {
    try metrics.truncate(to: step)
    try times.truncate(to: step)
    try gradientFlow?.truncate(to: step)
    events?.truncate(to: step)
  }

  /// `loss/train` beside `loss/validation`.
  private func tags(of record: MetricsRecord) -> [(tag: String, value: Double)] {
    record.values.entries.map { (tag: "\($0.name)/\(record.split)", value: $0.value) }
  }
}
