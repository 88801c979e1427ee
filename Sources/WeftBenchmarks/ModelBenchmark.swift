import WeftBase
import WeftTasks
import WeftTraining

/// Times the training of a configuration's model on its data; writes nothing.
package struct ModelBenchmark {
  private let loop: TrainingLoop

  /// - Parameter threads: Workers; nil for as many as there are processors that the process may use.
  /// - Throws: If the configuration is not valid, or the data cannot be read or do not fit the model.
  package init(_ configuration: Configuration, threads: Int?) throws(WeftError) {
    loop = try TrainingLoop(configuration, threads: threads)
  }

  /// What was measured.
  package struct Result {
    package let machine: Machine
    package let threads: Int
    /// Numbers that are trained.
    package let parameters: Int
    package let steps: TimedSteps
    /// Bytes of memory that the process held at the same time, at the most.
    package let peakMemory: Int
  }

  /// - Parameters:
  ///   - warmup: Steps before those that are timed; the first allocate memory and read the data's file.
  ///   - steps: Optimizer steps to time.
  /// - Throws: If a minibatch cannot be read, or the run diverges.
  package func run(warmup: Int, steps: Int) throws(WeftError) -> Result {
    var warm = TimedSteps()
    try warm.run(loop, steps: warmup)
    var timed = TimedSteps()
    try timed.run(loop, steps: steps)
    return Result(
      machine: Machine(loop.executor.engine), threads: loop.executor.pool.count,
      parameters: loop.model.layout.parameters.reduce(0) { $0 + $1.count }, steps: timed,
      peakMemory: ProcessUsage.peakMemory)
  }
}
