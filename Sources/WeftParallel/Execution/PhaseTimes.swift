import WeftBase
import WeftLayers

/// Where the time of training goes, in seconds of wall clock; what workers do at the same time counts as their mean.
public struct PhaseTimes: Sendable, Equatable {
  /// Forward passes and losses.
  public var forward = 0.0
  /// Backward passes without weight gradients.
  public var backward = 0.0
  /// Gradients of weights, biases and embeddings.
  public var weightGradients = 0.0
  /// All-reduce, clipping, optimizer, and packing the new weights.
  public var update = 0.0
  /// Gradients and parameters on their way between ranks, with the waiting for other ranks.
  public var exchange = 0.0
  /// Waiting for minibatches.
  public var data = 0.0
  /// Workers that are done waiting for others at the end of a phase.
  public var idle = 0.0

  package init() {}

  /// A phase by its names.
  package struct Phase: Sendable {
    /// For people.
    package let name: String
    /// In files.
    package let key: String
    package let seconds: WritableKeyPath<PhaseTimes, Double> & Sendable
  }

  /// Every phase there is.
  package static let all = [
    Phase(name: "forward", key: "forward", seconds: \.forward),
    Phase(name: "backward", key: "backward", seconds: \.backward),
    Phase(name: "weight gradients", key: "weight_gradients", seconds: \.weightGradients),
    Phase(name: "all-reduce + optimizer", key: "update", seconds: \.update),
    Phase(name: "exchange with other ranks", key: "exchange", seconds: \.exchange),
    Phase(name: "waiting for data", key: "data", seconds: \.data),
    Phase(name: "idle at joins", key: "idle", seconds: \.idle),
  ]

  /// Those that a run has: the exchange only where there are ranks to exchange with.
  package var present: [Phase] { Self.all.filter { $0.seconds != \.exchange || exchange > 0 } }

  /// All of it.
  public var total: Double { Self.all.reduce(0) { $0 + self[keyPath: $1.seconds] } }

  /// Every phase with its name; the exchange where there are ranks to exchange with.
  public var phases: [(name: String, seconds: Double)] {
    present.map { ($0.name, self[keyPath: $0.seconds]) }
  }

  /// The sums of two times' phases.
  package static func + (first: PhaseTimes, second: PhaseTimes) -> PhaseTimes {
    var sum = first
    for phase in all { sum[keyPath: phase.seconds] += second[keyPath: phase.seconds] }
    return sum
  }

  /// What a time's phases have more than an earlier one's.
  package static func - (late: PhaseTimes, early: PhaseTimes) -> PhaseTimes {
    var difference = late
    for phase in all { difference[keyPath: phase.seconds] -= early[keyPath: phase.seconds] }
    return difference
  }

  /// Adds what workers did between a fork and its join.
  ///
  /// - Parameter seconds: From fork to join.
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
