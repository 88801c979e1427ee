import HDF5
import TestSupport
import Testing

@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftParallel
@testable import WeftTensor

@Suite("Golden training run") struct GoldenTrainingTests {
  /// The thirty steps of `golden_training.h5`, made by Weft.
  struct Run {
    var losses: [Double] = []
    var norms: [Double] = []
    let parameters: Tensor
    let layout: ParameterLayout
    let state: RecurrentState

    init(threads: Int, engine: Engine) throws {
      let file = try GoldenFile.training.open().root
      func attribute<Value: HDF5Element>(_ name: String) throws -> Value { try file.attributes.value(name) }
      let (vocabulary, hidden): (Int, Int) = (try attribute("vocabulary"), try attribute("hidden"))
      let (batch, time): (Int, Int) = (try attribute("batch"), try attribute("time"))
      var configuration = ModelConfiguration()
      configuration.layers = try attribute("layers")
      configuration.hidden = hidden
      configuration.embedding = try attribute("dimension")
      let model = SequenceModel(
        configuration, shape: ModelShape(input: .tokens(vocabulary), outputs: vocabulary))
      layout = model.layout
      parameters = Tensor(rows: 1, columns: layout.count)
      for parameter in layout.parameters {
        parameter.matrix(in: parameters.matrix).assign(
          try GoldenTrainingTests.values(parameter, in: file.group("initial"), hidden: hidden))
      }
      state = RecurrentState(batch: batch, layers: model.stack.layers)
      let executor = Executor(model, parameters: parameters, engine: engine, threads: threads, lanes: 4)
      var rule = OptimizerConfiguration()
      rule.kind = .adam
      rule.beta1 = try attribute("beta1")
      rule.beta2 = try attribute("beta2")
      rule.epsilon = try attribute("epsilon")
      let optimizer = Optimizer(rule, averageDecay: nil, parameters: parameters, layout: layout)
      let reduction = ParameterUpdate(clipNorm: try attribute("clip_norm"))
      let rate: Double = try attribute("learning_rate")
      let inputs = try file.integers("inputs")
      let targets = try file.integers("targets")
      for step in 0..<(try attribute("steps") as Int) {
        let range = step * batch * time..<(step + 1) * batch * time
        let minibatch = Minibatch(
          lengths: [Int](repeating: time, count: batch), inputs: .tokens(Array(inputs[range])),
          targets: .classes(Array(targets[range])))
        let result = model.backpropagate(
          minibatch, loss: Loss(kind: .crossEntropy), initial: state, final: state, dropoutKey: nil,
          recordsGradientNorms: false, on: executor)
        losses.append(result.meanLoss)
        norms.append(reduction.apply(optimizer, learningRate: rate, on: executor))
      }
    }
  }

  /// PyTorch's weights as Weft stores them.
  static func values(_ parameter: Parameter, in group: Group, hidden: Int) throws -> [Float] {
    let path = parameter.name.split(separator: "/").map(String.init)
    func transposed(_ values: [Float]) -> [Float] {
      let columns = parameter.rows
      return (0..<columns).flatMap { column in
        stride(from: column, to: values.count, by: columns).map { values[$0] }
      }
    }
    switch (path[0], path.last) {
    case ("embedding", _): return try group.floats("embedding.weight")
    case ("output", "weights"): return transposed(try group.floats("output.weight"))
    case ("output", _): return try group.floats("output.bias")
    case (let layer, let name):
      let number = layer.dropFirst("layer".count)
      switch name {
      case "input_weights": return transposed(try group.floats("lstm.weight_ih_l\(number)"))
      case "recurrent_weights": return transposed(try group.floats("lstm.weight_hh_l\(number)"))
      default: return try group.floats("lstm.bias_ih_l\(number)")
      }
    }
  }

  @Test("Losses, gradient norms, states and weights of thirty steps are PyTorch's")
  func agrees() throws {
    let file = try GoldenFile.training.open().root
    let run = try Run(threads: 2, engine: .baseline)
    let expected = try file.group("float64")
    for (loss, expected) in zip(run.losses, try expected.doubles("losses")) {
      #expect(abs(loss - expected) < 1e-5)
    }
    for (norm, expected) in zip(run.norms, try expected.doubles("gradient_norms")) {
      #expect(abs(norm - expected) < 1e-5 * expected)
    }
    #expect(run.norms[0] > 1 && run.norms[1] > 1, "the first two steps are clipped")
    #expect(relativeDifference(run.state.hidden, try expected.doubles("final_h")) < 1e-4)
    #expect(relativeDifference(run.state.cell, try expected.doubles("final_c")) < 1e-4)
    for parameter in run.layout.parameters {
      let values = try Self.values(parameter, in: file.group("float64/final"), hidden: 19)
      #expect(relativeDifference(run.parameters.values(of: parameter), values) < 1e-4, "\(parameter.name)")
    }
  }

  @Test("Any number of threads and any instruction set give the same bits")
  func sameBits() throws {
    let first = try Run(threads: 1, engine: .baseline)
    for set in InstructionSet.available {
      for threads in [1, 2, 3] {
        let run = try Run(threads: threads, engine: Engine(set))
        #expect(run.losses == first.losses && run.norms == first.norms, "\(threads) threads")
        #expect(run.parameters.values == first.parameters.values)
        #expect(run.state.cell == first.state.cell)
      }
    }
  }
}
