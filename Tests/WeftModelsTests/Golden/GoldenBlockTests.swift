import HDF5
import TestSupport
import Testing

@testable import WeftConfiguration
@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftParallel
@testable import WeftTensor

@Suite("Golden blocks") struct GoldenBlockTests {
  @Test(
    "Outputs and gradients are PyTorch's",
    arguments: ["convolution", "strided", "sum", "mean", "product", "dense"])
  func model(name: String) throws {
    let group = try GoldenFile.blocks.open().root.group(name)
    let attributes = group.attributes
    var configuration = ModelConfiguration()
    configuration.blocks = try [BlockConfiguration](
      configurationText: try attributes.value("blocks", as: String.self))
    let features: Int = try attributes.value("features")
    let outputs: Int = try attributes.value("outputs")
    let model = try SequenceModel(
      configuration, fitting: ModelShape(input: .features(features), outputs: outputs),
      file: "golden_blocks.h5")
    let parameters = Tensor(rows: 1, columns: model.layout.count)
    let weights = try group.group("weights")
    for parameter in model.layout.parameters {
      parameter.matrix(in: parameters.matrix).assign(try weights.floats(parameter.name))
    }
    let batch = Minibatch(
      lengths: try attributes.values("lengths"),
      inputs: .features(try group.floats("inputs"), width: features),
      targets: .values(try group.floats("targets"), width: outputs))
    let executor = Executor(model, parameters: parameters, engine: .baseline, threads: 2, lanes: 4)
    let found = model.outputs(batch, on: executor)
    let results = try group.doubles("results")
    #expect(relativeDifference(found.values, results) < 1e-5)
    let result = model.backpropagate(
      batch, loss: Loss(kind: .squaredError), dropoutKey: nil, on: executor)
    let loss: Double = try attributes.value("loss")
    #expect(abs(result.meanLoss - loss) < 1e-5 * loss)
    _ = GradientReduction().reduce(on: executor)
    let gradients = try group.group("gradients")
    for parameter in model.layout.parameters {
      let range = parameter.offset..<parameter.offset + parameter.count
      let expected = try gradients.floats(parameter.name).map(Double.init)
      #expect(
        relativeDifference(Array(executor.gradients[0].values[range]), expected) < 1e-4, "\(parameter.name)")
    }
  }
}
