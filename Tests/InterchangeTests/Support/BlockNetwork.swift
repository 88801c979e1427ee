import HDF5
import Interchange
import KernelInterface
import TestSupport

@testable import WeftBase
@testable import WeftConfiguration
@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftParallel
@testable import WeftTasks
@testable import WeftTensor
@testable import WeftTraining

/// A model of blocks with random weights.
struct BlockNetwork {
  let model: SequenceModel
  let parameters: Tensor
  let checkpoint: Checkpoint

  static let features = 5
  static let outputs = 4

  /// - Parameters:
  ///   - blocks: The value of `model.blocks`.
  ///   - tokens: Size of the vocabulary; nil for features.
  ///   - overrides: Further keys.
  ///   - bound: Of the weights.
  init(
    _ blocks: String, tokens: Int? = nil, outputs: Int = outputs, overrides: [String] = [],
    bound: Float = 0.5
  ) throws {
    let configuration = try Configuration(
      yaml: "data: {file: data.h5}\ntraining: {steps: 1}\n", name: "test",
      overrides: ["model.blocks=\(blocks)"] + (tokens == nil ? [] : ["model.embedding=6"]) + overrides)
    let shape = ModelShape(input: tokens.map { .tokens($0) } ?? .features(Self.features), outputs: outputs)
    model = try SequenceModel(configuration.model, fitting: shape, file: "test")
    parameters = Tensor(rows: 1, columns: model.layout.count)
    var random = SplitMix(seed: 29)
    for parameter in model.layout.parameters {
      // Variances are positive.
      let least = parameter.name.hasSuffix("/variance") ? bound / 8 : -bound
      parameter.matrix(in: parameters.matrix).assign(random.floats(parameter.count, in: least...bound))
    }
    checkpoint = Checkpoint(
      configuration: configuration, shape: shape, vocabulary: nil, state: TrainingState(),
      arrays: model.layout.arrays(of: parameters, group: "weights"))
  }

  var network: NetworkDescription { get throws { try NetworkDescription(checkpoint, file: "test") } }

  /// Outputs of Weft's kernels: one row per unpadded step, or per sequence.
  func outputs(_ sequences: Sequences) throws -> [Float] {
    let executor = Executor(
      model, parameters: parameters, engine: try Engine.best(model.layout.dotAlgorithm), threads: 1, lanes: 4)
    return model.outputs(Minibatch(lengths: sequences.lengths, inputs: sequences.inputs), on: executor).values
  }
}
