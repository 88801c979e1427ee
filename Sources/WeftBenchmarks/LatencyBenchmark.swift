import WeftBase
import WeftModels
import WeftTraining

/// Times single steps of a trained model, as `weft step` makes them: one sequence on one thread.
package struct LatencyBenchmark {
  private let model: TrainedModel
  private let stepper: ModelStepper

  /// - Throws: If the model cannot be stepped.
  package init(_ model: TrainedModel) throws(WeftError) {
    self.model = model
    stepper = try model.makeStepper()
  }

  /// Result of the measurement.
  package struct Result {
    package let machine: Machine
    /// Time of each step in seconds, in ascending order.
    package let seconds: [Double]

    /// The time that a share of the steps take at most.
    package func quantile(_ share: Double) -> Double {
      seconds[min(Int(share * Double(seconds.count)), seconds.count - 1)]
    }
  }

  /// Times steps of random inputs.
  ///
  /// - Parameter steps: How many, after a tenth as many, and at least 20, for warming up.
  /// - Throws: If a step fails.
  package func run(steps: Int) throws(WeftError) -> Result {
    let numbers = RandomSequence(key: RandomKey(seed: 1, purpose: RandomPurpose.sampling))
    var seconds: [Double] = []
    let warmUp = max(steps / 10, 20)
    for step in 0..<steps + warmUp {
      var problem: WeftError?
      let time = timed {
        do throws(WeftError) {
          if let count = stepper.tokenCount {
            try stepper.step(token: step % count)
          } else {
            try stepper.step(
              features: (0..<stepper.width).map {
                Double(numbers.normal((step * stepper.width + $0) % 1 << 20))
              })
          }
        } catch { problem = error }
      }.seconds
      if let problem { throw problem }
      if step >= warmUp { seconds.append(time) }
    }
    return Result(machine: Machine(model.executor.engine), seconds: seconds.sorted())
  }
}
