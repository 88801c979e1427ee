/// Time spent by one worker between fork and join, in seconds.
package struct WorkerTimes: Sendable {
  package var busy = 0.0
  package var forward = 0.0
  package var weightGradients = 0.0

  /// Adds the time spent on work of others.
  package mutating func add(help seconds: Double) {
    busy += seconds
    weightGradients += seconds
  }
}
