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

  /// All of it.
  public var total: Double { forward + backward + weightGradients + update + exchange + data + idle }

  /// Every phase with its name; the exchange where there are ranks to exchange with.
  public var phases: [(name: String, seconds: Double)] {
    [
      ("forward", forward), ("backward", backward), ("weight gradients", weightGradients),
      ("all-reduce + optimizer", update),
    ] + (exchange > 0 ? [("exchange with other ranks", exchange)] : []) + [
      ("waiting for data", data), ("idle at joins", idle),
    ]
  }

  /// The sums of two times' phases.
  static func + (first: PhaseTimes, second: PhaseTimes) -> PhaseTimes {
    var sum = first
    sum.forward += second.forward
    sum.backward += second.backward
    sum.weightGradients += second.weightGradients
    sum.update += second.update
    sum.exchange += second.exchange
    sum.data += second.data
    sum.idle += second.idle
    return sum
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

/// What one worker did between a fork and its join, in seconds.
struct WorkerTimes: Sendable {
  var busy = 0.0
  var forward = 0.0
  var weightGradients = 0.0
}

/// The seconds that `body` takes, and its result.
func timed<Result>(_ body: () -> Result) -> (result: Result, seconds: Double) {
  let start = ContinuousClock.now
  let result = body()
  return (result, (ContinuousClock.now - start).seconds)
}

extension Duration {
  package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
