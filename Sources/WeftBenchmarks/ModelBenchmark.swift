import WeftBase
import WeftModels
import WeftTasks
import WeftTraining

/// Times the training of a configuration's model on its data; writes nothing.
package struct ModelBenchmark {
  private let loop: TrainingLoop

  /// - Parameter threads: Number of workers; nil for all available CPUs.
  /// - Throws: If the configuration is invalid, or the data cannot be read or does not match the model.
  package init(_ configuration: Configuration, threads: Int?) throws(WeftError) {
    loop = try TrainingLoop(configuration, threads: threads)
  }

  /// Result of the measurement.
  package struct Result {
    package let machine: Machine
    package let threads: Int
    package let precision: Precision
    /// Peak rate of multiply-adds of the unit that multiplies matrices, of all threads together.
    package let peak: Double
    /// Number of trainable parameters.
    package let parameters: Int
    package let steps: TimedSteps
    /// Peak memory of the process in bytes.
    package let peakMemory: Int
  }

  /// - Parameters:
  ///   - warmup: Warm-up steps before timing, which allocate memory and read the data file.
  ///   - steps: Timed optimizer steps.
  /// - Throws: If a minibatch cannot be read, or the run diverges.
  package func run(warmup: Int, steps: Int) throws(WeftError) -> Result {
    var warm = TimedSteps()
    try warm.run(loop, steps: warmup)
    var timed = TimedSteps()
    try timed.run(loop, steps: steps)
    return Result(
      machine: Machine(loop.executor.engine), threads: loop.executor.pool.count,
      precision: loop.configuration.model.precision,
      peak: PeakBenchmark.flopsPerSecond(loop.executor.engine, threads: loop.executor.pool.count),
      parameters: loop.model.layout.parameters.reduce(0) { $0 + $1.count }, steps: timed,
      peakMemory: ProcessUsage.peakMemory)
  }
}
