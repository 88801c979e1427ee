import Foundation
import WeftConfiguration
import WeftLayers
import WeftTasks
import WeftTraining

/// One kind of cell trained on a problem of one length.
struct Trial {
  let problem: Problem
  let length: Int
  let cell: CellType
  /// Of new sequences.
  let score: Double
  /// Steps after which the problem was solved on the validation split; nil for not at all.
  let solvedAfter: Int?
  /// ‖∂L/∂h_t‖ by time step, of the first minibatch, before anything was learned.
  let untrained: [Float]
  /// The same at the end of training.
  let trained: [Float]

  /// How trials are made.
  struct Settings {
    var steps: Int
    var hidden: Int
    var batch: Int
    var learningRate: Double
    var evaluateEvery: Int
    var setsMemorySpan: Bool
    var seed: UInt64
    var threads: Int?
  }

  /// Trains until the problem is solved or the steps are used up.
  ///
  /// - Parameters:
  ///   - data: A file that the problem has written.
  ///   - folder: Where runs are kept.
  init(
    _ problem: Problem, length: Int, cell: CellType, data: String, folder: String, _ settings: Settings
  ) throws {
    self.problem = problem
    self.length = length
    self.cell = cell
    var configuration = Configuration()
    configuration.data.file = data
    configuration.data.memoryBudget = ByteCount(1 << 30)
    configuration.model.cell = cell
    configuration.model.hidden = settings.hidden
    configuration.training.batch = settings.batch
    configuration.training.seed = settings.seed
    configuration.training.clipNorm = 1
    configuration.training.keep = 1
    configuration.optimizer.learningRate = settings.learningRate
    if settings.setsMemorySpan, ![.tanh, .relu].contains(cell) { configuration.model.memorySpan = length }
    problem.configure(&configuration)

    func gradients(_ run: String) throws -> [Float] {
      try GradientFlowLog.records(in: RunFolder(run).gradients).last?.norms.first ?? []
    }
    let first = folder + "/\(problem.rawValue)-\(length)-\(cell.rawValue)-first"
    configuration.training.steps = 1
    configuration.training.gradientFlowEvery = 1
    try Trainer(configuration, output: first, threads: settings.threads).run()
    untrained = try gradients(first)

    let run = folder + "/\(problem.rawValue)-\(length)-\(cell.rawValue)"
    configuration.training.steps = settings.steps
    configuration.training.gradientFlowEvery = settings.evaluateEvery
    configuration.training.evaluateEvery = settings.evaluateEvery
    let trainer = try Trainer(configuration, output: run, threads: settings.threads)
    func isSolved() -> Bool { trainer.best.map { problem.isSolved($0.selectionMetric.value) } ?? false }
    try trainer.run(interruption: isSolved)
    solvedAfter = isSolved() ? trainer.best?.step : nil
    trained = try gradients(run)
    score = problem.score(of: try TrainedModel(run, threads: settings.threads).evaluate(split: "test"))
  }
}
