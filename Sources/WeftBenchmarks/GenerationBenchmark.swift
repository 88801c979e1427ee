import KernelInterface
import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftParallel
import WeftTasks
import WeftTensor
import WeftTraining

/// Times generation with a language model, each sequence on one thread at batch 1.
package struct GenerationBenchmark {
  private let executor: Executor
  private let model: SequenceModel

  /// A benchmark of a trained model.
  ///
  /// - Throws: If the model is not a language model.
  package init(_ trained: TrainedModel) throws(WeftError) {
    try self.init(trained.task, trained.executor, name: trained.path)
  }

  /// A benchmark of a configuration's untrained model.
  ///
  /// - Throws: If the data cannot be read or does not match the model, or the model is not a language model.
  package init(_ configuration: Configuration) throws(WeftError) {
    try configuration.validate()
    let dataset = try DatasetFile(configuration)
    let task = try configuration.makeTask(fitting: dataset.fittedData(Loss(configuration.loss)))
    let parameters = task.model.initialParameters(seed: configuration.training.seed)
    let engine = try Engine.best(task.model.layout.dotAlgorithm)
    try self.init(
      task, Executor(task.model, parameters: parameters, engine: engine, threads: 1, lanes: 1),
      name: dataset.path)
  }

  private init(_ task: any TrainingTask, _ executor: Executor, name: String) throws(WeftError) {
    guard let language = task.languageModel else {
      throw .failure("\(name): is not a language model, so it cannot generate text")
    }
    self.executor = executor
    model = language.model
  }

  /// Result of the measurement.
  package struct Result {
    package let machine: Machine
    /// Sequences generated in parallel, one per thread.
    package let threads: Int
    /// Time steps per second of all sequences: the median of the trials.
    package let stepsPerSecond: Double
    /// Bytes of weights read per time step of one sequence.
    package let bytesPerStep: Int
    /// Memory bandwidth of the same number of threads that only read as much memory, in bytes per second.
    package let plainBandwidth: Double

    /// Bytes of weights read per second.
    package var bandwidth: Double { stepsPerSecond * Double(bytesPerStep) }
    /// Time per step of one sequence.
    package var secondsPerStep: Double { Double(threads) / stepsPerSecond }
  }

  /// - Parameters:
  ///   - length: Time steps per trial.
  ///   - threads: Sequences to generate in parallel, one per thread.
  ///   - trials: Number of trials, after a warm-up trial.
  package func run(length: Int, threads: Int, trials: Int = 7) throws(WeftError) -> Result {
    let sampling = try Sampling()
    let pool = WorkerPool(count: threads)
    let bytes = model.bytesPerStep
    let sequences = (0..<threads).map { index in
      var own = sampling
      own.seed = UInt64(index)
      return Sequence(model.makeStepper(on: executor), own)
    }
    let kernels = executor.engine.kernels
    let multiple = kernels.streams * VectorWidth.elements
    let columns = (bytes / MemoryLayout<Float>.stride + multiple - 1) / multiple * multiple
    let memory = Tensor(rows: 1, columns: columns)
    var (rates, bandwidths): ([Double], [Double]) = ([], [])
    for _ in 0...trials {
      let seconds = timed { pool.run { sequences[$0].generate(length) } }.seconds
      rates.append(Double(length * threads) / seconds)
      let sweeps = max(1, 100_000_000 / bytes)
      let reading = timed {
        pool.run { _ in
          for _ in 0..<sweeps { precondition(kernels.sum(memory.matrix) == 0) }
        }
      }.seconds
      bandwidths.append(Double(sweeps * bytes * threads) / reading)
    }
    return Result(
      machine: Machine(executor.engine), threads: threads, stepsPerSecond: rates.dropFirst().median,
      bytesPerStep: bytes, plainBandwidth: bandwidths.dropFirst().median)
  }

  /// A sequence during generation.
  private final class Sequence: Sendable {
    private struct State {
      let stepper: SequenceStepper
      var chooser: TokenChooser
      var token: Int32 = 0
      var length = 0
    }

    private let state: Locked<State>

    init(_ stepper: sending SequenceStepper, _ sampling: Sampling) {
      state = Locked(State(stepper: stepper, chooser: TokenChooser(sampling)))
    }

    func generate(_ count: Int) {
      state.withLock { state in
        for _ in 0..<count {
          state.stepper.step(state.token)
          state.token = state.chooser.choose(state.stepper.outputs, step: state.length)
          state.length += 1
        }
      }
    }
  }
}
