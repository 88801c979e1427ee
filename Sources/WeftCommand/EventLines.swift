import WeftBase
import WeftTraining

/// The events of a training run on standard output, one JSON object per line.
struct EventLines {
  /// The start of a run, or of its continuation.
  func start(_ folder: String, steps: Int, from step: Int, parameters: Int, data: String) {
    print(
      "start",
      [
        ("run", .text(folder)), ("steps", .integer(steps)), ("step", .integer(step)),
        ("parameters", .integer(parameters)), ("data", .text(data)),
      ])
  }

  /// A note for the user.
  func note(_ text: String) { print("note", [("text", .text(text))]) }

  /// A line of the metrics, or a checkpoint.
  func event(_ event: TrainingEvent) {
    switch event {
    case .metrics(let record, let stepsPerSecond):
      let values = record.values.entries.map { (name: $0.name, value: JSONText.Value.number($0.value)) }
      print(
        record.split == "train" ? "step" : "evaluation",
        [("step", .integer(record.step)), ("epoch", .integer(record.epoch))]
          + (record.split == "train" ? [] : [("split", .text(record.split))]) + values
          + (stepsPerSecond.map { [("time_steps_per_second", .number($0))] } ?? []))
    case .checkpoint(let step, let path):
      print("checkpoint", [("step", .integer(step)), ("path", .text(path))])
    }
  }

  /// The end of a run.
  func end(_ ending: Trainer.Ending, step: Int, best: Trainer.Best?) {
    let reason =
      switch ending {
      case .finished: "finished"
      case .stoppedEarly: "stopped_early"
      case .interrupted: Interruption.isRequested ? "interrupted" : "paused"
      }
    print(
      "end",
      [("reason", .text(reason)), ("step", .integer(step))]
        + (best.map {
          [
            ("best_step", .integer($0.step)), ("metric", .text($0.selectionMetric.metric.name)),
            ("best", .number($0.selectionMetric.value)),
            ("higher_is_better", .json($0.selectionMetric.metric.higherIsBetter ? "true" : "false")),
          ]
        } ?? []))
  }

  private func print(_ name: String, _ members: [(name: String, value: JSONText.Value)]) {
    printText(JSONText.object([("event", .text(name))] + members))
  }
}
