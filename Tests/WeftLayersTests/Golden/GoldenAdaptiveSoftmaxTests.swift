import HDF5
import KernelInterface
import TestSupport
import Testing

@testable import WeftLayers
@testable import WeftTensor

@Suite("Golden adaptive softmax") struct GoldenAdaptiveSoftmaxTests {
  @Test(
    "Losses, gradients, log-probabilities and predictions are PyTorch's", arguments: InstructionSet.available,
    ["small", "wide", "one", "frequent", "rare"])
  func golden(_ set: InstructionSet, name: String) throws {
    let group = try GoldenFile.adaptive.open().group(name)
    let targets = try group.integers("targets")
    let states = try group.floats("states")
    let steps = targets.count
    let expected = try group.doubles("log_probabilities")
    let classes = expected.count / steps
    var layout = ParameterLayout()
    let softmax = AdaptiveSoftmax(
      inputs: states.count / steps, classes: classes, cutoffs: try group.integers("cutoffs").map(Int.init),
      initialization: .glorot, layout: &layout)
    let parameters = Tensor(rows: 1, columns: layout.count)
    for parameter in layout.parameters {
      let path = parameter.name.replacing("output/", with: "")
      parameter.matrix(in: parameters.matrix).assign(try group.floats("parameters/\(path)"))
    }
    let engine = Engine(set)
    softmax.pack(engine, parameters: parameters.matrix, worker: 0, workers: 1)
    let gradient = Tensor(rows: 1, columns: layout.gradientCount)
    gradient.values = gradient.values.map { _ in .nan }
    let shard = Shard(
      engine: engine, layout: SequenceLayout(lengths: [steps], lanes: 1), globalRows: [0], batch: 1,
      parameters: parameters.matrix, nodes: [0..<1], gradients: [gradient.matrix], arena: Arena(),
      dropoutKey: nil)
    let inputs = Tensor(rows: steps, columns: states.count / steps, values: states)
    let (losses, correct) = (Tensor(rows: 1, columns: steps), Tensor(rows: 1, columns: steps))
    let inputGradient = Tensor(rows: steps, columns: states.count / steps)
    softmax.evaluate(
      inputs.matrix, targets: targets, scale: 1, losses: losses.matrix, correct: correct.matrix,
      gradient: inputGradient.matrix, index: shard.layout.lanePositions, shard)
    #expect(relativeDifference(losses.values, try group.doubles("losses")) < 1e-6)
    #expect(relativeDifference(inputGradient.values, try group.doubles("grad_states")) < 2e-6)
    for parameter in layout.parameters {
      let path = parameter.name.replacing("output/", with: "")
      let wanted = try group.doubles("gradients/\(path)")
      let found = gradient.values(of: parameter)
      if wanted.allSatisfy({ $0 == 0 }) {
        #expect(found.allSatisfy { $0 == 0 }, "\(path)")
      } else {
        #expect(relativeDifference(found, wanted) < 2e-6, "\(path)")
      }
    }
    #expect(correct.values.allSatisfy { $0 == 0 })
    softmax.evaluate(
      inputs.matrix, targets: targets, scale: 0, losses: losses.matrix, correct: correct.matrix,
      gradient: inputGradient.matrix, index: shard.layout.lanePositions, shard)
    #expect(relativeDifference(losses.values, try group.doubles("losses")) < 1e-6)
    let predicted = try group.integers("predicted")
    #expect(correct.values == zip(predicted, targets).map { $0 == $1 ? 1 : 0 })
    let all = Tensor(rows: steps, columns: classes)
    softmax.logProbabilities(inputs.matrix, into: all.matrix, shard)
    #expect(relativeDifference(all.values, expected) < 1e-6)
    withExtendedLifetime((parameters, gradient, inputs)) {}
  }
}
