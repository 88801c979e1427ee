import HDF5
import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftBase
@testable import WeftLayers
@testable import WeftTensor

@Suite("Golden alignments, distributions and pooling") struct GoldenSequenceTests {
  /// Relative to each dataset's maximum magnitude.
  static let tolerance = 2e-6
  /// The tolerance of alignments, whose logarithms of small probabilities lose some digits of float32.
  static let alignmentTolerance = 2e-5

  /// Steps and rows of a golden case as positions.
  struct Steps {
    let shard: Shard
    let lengths: [Int]
    let rows: Int
    let steps: Int

    init(_ group: Group, engine: Engine) throws {
      lengths = try group.attributes.values("lengths", as: Int.self)
      rows = lengths.count
      steps = lengths[0]
      shard = Shard(alone: lengths, engine: engine)
    }

    /// The unpadded rows of numbers `[steps, rows, features]`.
    func positions(_ values: [Float]) -> Tensor {
      let width = values.count / (steps * rows)
      let tensor = Tensor(rows: shard.layout.positions, columns: width)
      tensor.values = zip(shard.layout.stepOfPosition, shard.layout.rowOfPosition).flatMap { step, row in
        let start = (Int(step) * rows + Int(row)) * width
        return values[start..<start + width]
      }
      return tensor
    }
  }

  static let alignments = [
    "blank_first", "blank_last", "blank_amid", "repeated", "empty", "tight", "infeasible", "certain",
    "ruled_out",
    "long",
  ]

  @Test("CTC losses and gradients are PyTorch's", arguments: InstructionSet.available, alignments)
  func alignment(_ set: InstructionSet, name: String) throws {
    let group = try GoldenFile.sequences.open().group("ctc_\(name)")
    let given = try Steps(group, engine: Engine(set))
    var logits = try group.floats("logits")
    // Logits that PyTorch got as very small are −∞ here.
    logits = logits.map { $0 < -9000 ? -.infinity : $0 }
    let values = given.positions(logits)
    let counts = try group.integers("label_lengths").map(Int.init)
    let labels = try group.integers("labels")
    let loss = Loss(kind: .ctc, blank: try group.attributes.value("blank", as: Int.self))
    let losses = Tensor(rows: 1, columns: given.rows)
    let sequences = LabelledSequences(
      starts: given.shard.layout.starts, lengths: given.lengths, labels: labels,
      offsets: counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) })
    loss.evaluate(
      outputs: values.matrix,
      targets: .sequences(
        TargetSequences(lengths: counts, offsets: sequences.offsets, steps: .tokens(labels))), scale: 1,
      losses: losses.matrix,
      correct: losses.matrix, given.shard)
    let expected = try group.doubles("losses")
    for (row, value) in losses.values.enumerated() {
      #expect(sequences.hasAlignment(row) == expected[row].isFinite)
      let wanted = expected[row].isFinite ? expected[row] : 0
      #expect(abs(Double(value) - wanted) <= Self.alignmentTolerance * max(wanted, 1), "row \(row)")
    }
    let gradients = given.positions(try group.floats("grad_logits"))
    #expect(relativeDifference(values.values, gradients.values) < Self.alignmentTolerance)
  }

  static let distributions = [LossType.gaussian, .student, .quantile]

  @Test(
    "Losses and gradients of distributions are PyTorch's", arguments: InstructionSet.available, distributions)
  func distribution(_ set: InstructionSet, kind: LossType) throws {
    let name = kind == .student ? "student" : kind.rawValue
    let group = try GoldenFile.sequences.open().group(name)
    let levels = kind == .quantile ? try group.attributes.values("levels", as: Double.self) : []
    let width: Int = try group.attributes.value("width")
    let predictions = try group.floats("predictions")
    let targets = Tensor(rows: 11, columns: width, values: try group.floats("targets"))
    let result = GoldenLossTests.evaluate(
      Loss(kind: kind, quantiles: levels.map { Float($0) }), outputs: predictions,
      columns: predictions.count / 11,
      targets: (targets, []), scale: 1, engine: Engine(set))
    #expect(relativeDifference(result.losses, try group.doubles("row_losses")) < Self.tolerance)
    #expect(relativeDifference(result.gradients, try group.doubles("grad_predictions")) < Self.tolerance)
  }

  @Test("Pooling over time and its gradients are PyTorch's", arguments: InstructionSet.available)
  func attention(_ set: InstructionSet) throws {
    let group = try GoldenFile.sequences.open().group("pooling_attention")
    let engine = Engine(set)
    let lengths = try group.attributes.values("lengths", as: Int.self)
    let states = try group.floats("states")
    let width = states.count / (lengths[0] * lengths.count)
    let size = try group.floats("bias").count
    var layout = ParameterLayout()
    let pooling = AttentionPooling(
      path: "pooling", inputSize: width, size: size, initialization: .glorot, layout: &layout)
    let parameters = Tensor(rows: 1, columns: layout.count)
    for parameter in layout.parameters {
      let name = String(parameter.name.dropFirst("pooling/".count))
      parameter.matrix(in: parameters.matrix).assign(try group.floats(name))
    }
    pooling.pack(engine, parameters: parameters.matrix, worker: 0, workers: 1)
    let gradient = Tensor(rows: 1, columns: layout.gradientCount)
    let shard = Shard(
      engine: engine, layout: SequenceLayout(lengths: lengths, lanes: 1),
      globalRows: lengths.indices.map(Int32.init), batch: lengths.count, parameters: parameters.matrix,
      nodes: [0..<1], gradients: [gradient.matrix], arena: Arena(), dropoutKey: nil)
    let given = try Steps(group, engine: engine)
    let input = given.positions(states)
    let pass = pooling.forward(input.matrix, shard)
    #expect(relativeDifference(pass.result.elements, try group.doubles("pooled")) < Self.tolerance)
    let shares = given.positions(try group.floats("shares"))
    #expect(relativeDifference(pass.weights.elements, shares.values) < Self.tolerance)
    let incoming = Tensor(rows: lengths.count, columns: width, values: try group.floats("R"))
    let stateGradient = shard.arena.matrix(like: pass.states)
    pooling.backward(pass, incoming.matrix, into: stateGradient, shard)
    let expected = given.positions(try group.floats("grad_states"))
    #expect(relativeDifference(stateGradient.elements, expected.values) < Self.tolerance)
    for parameter in layout.parameters {
      let name = String(parameter.name.dropFirst("pooling/".count))
      let found = gradient.values(of: parameter)
      #expect(relativeDifference(found, try group.doubles("grad_\(name)")) < Self.tolerance, "\(name)")
    }
    withExtendedLifetime((input, incoming, parameters, gradient)) {}
  }

  @Test("The mean over time and its gradient are PyTorch's", arguments: InstructionSet.available)
  func mean(_ set: InstructionSet) throws {
    let group = try GoldenFile.sequences.open().group("pooling_mean")
    let given = try Steps(group, engine: Engine(set))
    let states = given.positions(try group.floats("states"))
    let width = states.matrix.columns
    let layout = given.shard.layout
    let pooled = Tensor(rows: given.rows, columns: width)
    set.kernels.pool(
      states.matrix, weights: nil, starts: layout.starts, lengths: layout.lengths, into: pooled.matrix)
    #expect(relativeDifference(pooled.values, try group.doubles("pooled")) < Self.tolerance)
    let incoming = Tensor(rows: given.rows, columns: width, values: try group.floats("R"))
    let gradient = Tensor(rows: layout.positions, columns: width)
    set.kernels.poolBackward(
      incoming.matrix, values: states.matrix, weights: nil, starts: layout.starts, lengths: layout.lengths,
      valueGradient: gradient.matrix, scoreGradient: nil)
    let expected = given.positions(try group.floats("grad_states"))
    #expect(relativeDifference(gradient.values, expected.values) < Self.tolerance)
    withExtendedLifetime((states, incoming)) {}
  }
}
