import HDF5
import Interchange
import TestSupport

@testable import WeftBase
@testable import WeftData
@testable import WeftParallel
@testable import WeftTasks
@testable import WeftTensor

/// Sequences for a network, longest first, and the outputs of a program.
struct Sequences {
  var lengths: [Int]
  /// Concatenated rows, without padding.
  var inputs: Steps<FeatureArray>

  /// Random sequences; of different lengths if `isRagged`.
  init(for network: NetworkDescription, isRagged: Bool) {
    var random = SplitMix(seed: 23)
    lengths = isRagged ? [13, 12, 7, 7, 2, 1] : [9, 9, 9, 9]
    let steps = lengths.reduce(0, +)
    switch network.input {
    case .tokens(let count):
      inputs = .tokens((0..<steps).map { _ in Int32.random(in: 0..<Int32(count), using: &random) })
    case .features(let width):
      inputs = .features(random.floats(steps * width, in: -2...2), width: width)
    }
  }

  /// Reads `inputs [rows, time(, features)]`, padded, and `lengths [rows]`, descending.
  init(in group: Group) throws {
    let lengths = try group.dataset("lengths").read(as: Int.self)
    self.lengths = lengths
    let dataset = try group.dataset("inputs")
    let shape = try dataset.shape
    if shape.count == 2 {
      let all = try dataset.read(as: Int32.self)
      inputs = .tokens(lengths.enumerated().flatMap { all[($0 * shape[1])..<($0 * shape[1] + $1)] })
    } else {
      let all = try dataset.read(as: Float.self)
      let row = shape[1] * shape[2]
      inputs = .features(
        lengths.enumerated().flatMap { all[($0 * row)..<($0 * row + $1 * shape[2])] }, width: shape[2])
    }
  }

  /// Writes `inputs`, padded with `padding`, `lengths`, and `outputs` as rows of unpadded steps.
  func write(to file: File, padding: Float, outputs: [Float]) throws {
    let longest = lengths[0]
    try file.write("lengths", lengths.map(Int32.init))
    try file.write("outputs", outputs)
    var offset = 0
    switch inputs {
    case .tokens(let tokens):
      var padded: [Int32] = []
      for length in lengths {
        padded += tokens[offset..<(offset + length)]
        padded += [Int32](repeating: Int32(padding), count: longest - length)
        offset += length
      }
      try file.write("inputs", padded, shape: [lengths.count, longest])
    case .features(let features):
      let (values, width) = (features.values, features.width)
      var padded: [Float] = []
      for length in lengths {
        padded += values[(offset * width)..<((offset + length) * width)]
        padded += [Float](repeating: padding, count: (longest - length) * width)
        offset += length
      }
      try file.write("inputs", padded, shape: [lengths.count, longest, width])
    }
  }
}

extension NetworkDescription {
  /// Outputs of Weft's kernels: one row per unpadded step, or per sequence.
  func outputs(_ sequences: Sequences) throws -> [Float] {
    var configuration = Configuration()
    configuration.training.steps = 1
    configure(&configuration, keepsLoss: false)
    let (model, parameters) = try model(configuration, file: "network")
    let executor = Executor(
      model, parameters: parameters, engine: try Engine.best(model.layout.dotAlgorithm), threads: 1, lanes: 4)
    return model.outputs(Minibatch(lengths: sequences.lengths, inputs: sequences.inputs), on: executor).values
  }
}

/// The maximum absolute difference; infinite if the lists differ in length.
func maximumDifference(_ first: [Float], _ second: [Float]) -> Float {
  guard first.count == second.count, first.allSatisfy(\.isFinite) else { return .infinity }
  return zip(first, second).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
