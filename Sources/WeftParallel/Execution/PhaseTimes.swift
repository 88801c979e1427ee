import WeftBase
import WeftLayers

/// Wall-clock time of training by phase, in seconds; for parallel work, the mean over workers.
public struct PhaseTimes: Sendable, Equatable {
  /// Forward passes and losses.
  public var forward = 0.0
  /// Backward passes without weight gradients.
  public var backward = 0.0
  /// Gradients of weights, biases and embeddings.
  public var weightGradients = 0.0
  /// All-reduce, clipping, optimizer, and packing the new weights.
  public var update = 0.0
  /// Exchange of gradients and parameters with other ranks, including waiting for them.
  public var exchange = 0.0
  /// Waiting for minibatches.
  public var data = 0.0
  /// Workers waiting for others at the end of a phase.
  public var idle = 0.0

  package init() {}

  /// A phase with its names.
  package struct Phase: Sendable {
    /// Name for people.
    package let name: String
    /// Key in files.
    package let key: String
    package let seconds: WritableKeyPath<PhaseTimes, Double> & Sendable
  }

  /// All phases.
  package static let all = [
    Phase(name: "forward", key: "forward", seconds: \.forward),
    Phase(name: "backward", key: "backward", seconds: \.backward),
    Phase(name: "weight gradients", key: "weight_gradients", seconds: \.weightGradients),
    Phase(name: "all-reduce + optimizer", key: "update", seconds: \.update),
    Phase(name: "exchange with other ranks", key: "exchange", seconds: \.exchange),
    Phase(name: "waiting for data", key: "data", seconds: \.data),
    Phase(name: "waiting for threads", key: "idle", seconds: \.idle),
  ]

  /// The phases of a run: the exchange only with several ranks.
  package var present: [Phase] { Self.all.filter { $0.seconds != \.exchange || exchange > 0 } }

  /// Sum over all phases, in seconds.
  public var total: Double { Self.all.reduce(0) { $0 + self[keyPath: $1.seconds] } }

  /// The phases with their names; the exchange only with several ranks.
  public var phases: [(name: String, seconds: Double)] {
    present.map { ($0.name, self[keyPath: $0.seconds]) }
  }

  /// Adds phase by phase.
  package static func + (first: PhaseTimes, second: PhaseTimes) -> PhaseTimes {
    var sum = first
    for phase in all { sum[keyPath: phase.seconds] += second[keyPath: phase.seconds] }
    return sum
  }

  /// Subtracts phase by phase.
  package static func - (late: PhaseTimes, early: PhaseTimes) -> PhaseTimes {
    var difference = late
    for phase in all { difference[keyPath: phase.seconds] -= early[keyPath: phase.seconds] }
    return difference
  }

  /// Adds the times of workers between fork and join.
  ///
  /// - Parameter seconds: Time from fork to join.
  mutating func add(_ workers: [WorkerTimes], seconds: Double) {
    let count = Double(workers.count)
    var busy = 0.0
    for worker in workers {
      forward += worker.forward / count
      weightGradients += worker.weightGradients / count
      backward += max(0, worker.busy - worker.forward - worker.weightGradients) / count
      busy += worker.busy / count
    }
    idle += max(0, seconds - busy)
  }
}
