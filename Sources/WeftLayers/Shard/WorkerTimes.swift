/// What one worker did between a fork and its join, in seconds.
package struct WorkerTimes: Sendable {
  package var busy = 0.0
  package var forward = 0.0
  package var weightGradients = 0.0

  /// Adds what a worker did for others.
  package mutating func add(help seconds: Double) {
    busy += seconds
    weightGradients += seconds
  }
}
