/// What one worker did between a fork and its join, in seconds.
struct WorkerTimes: Sendable {
  var busy = 0.0
  var forward = 0.0
  var weightGradients = 0.0

  /// Adds what a worker did for others.
  mutating func add(help seconds: Double) {
    busy += seconds
    weightGradients += seconds
  }
}
