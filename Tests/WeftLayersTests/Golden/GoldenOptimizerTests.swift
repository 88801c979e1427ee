import HDF5
import TestSupport
import Testing

@testable import WeftLayers
@testable import WeftTensor

@Suite("Golden optimizers") struct GoldenOptimizerTests {
  /// Relative to the maximum parameter; a few roundings per step.
  static let tolerance = 1e-6

  static func configuration(_ name: String, _ attributes: Attributes) throws -> OptimizerConfiguration {
    var configuration = OptimizerConfiguration()
    configuration.kind = OptimizerKind(rawValue: name.replacing(/_.*/, with: "")) ?? .sgd
    func set(_ name: String, _ path: WritableKeyPath<OptimizerConfiguration, Double>) throws {
      if try attributes.contains(name) { configuration[keyPath: path] = try attributes.value(name) }
    }
    try set("lr", \.learningRate)
    try set("momentum", \.momentum)
    try set("alpha", \.decay)
    try set("eps", \.epsilon)
    try set("beta1", \.beta1)
    try set("beta2", \.beta2)
    try set("weight_decay", \.weightDecay)
    if try attributes.contains("nesterov") {
      configuration.nesterov = try attributes.value("nesterov", as: Int.self) == 1
    }
    return configuration
  }

  @Test(
    "Five steps of each optimizer are PyTorch's, in slices or whole",
    arguments: ["sgd", "sgd_momentum", "sgd_nesterov", "rmsprop", "adagrad", "adam", "adamw"], [37, 5])
  func steps(name: String, slice: Int) throws {
    let file = try GoldenFile.optimizers.open()
    let group = try file.group(name)
    let initial = try file.dataset("initial").read(as: Float.self)
    let count = initial.count
    let gradients = try file.dataset("gradients").read(as: Float.self)
    let expected = try group.doubles("parameters")
    let configuration = try Self.configuration(name, group.attributes)
    var layout = ParameterLayout()
    _ = layout.add("weights", rows: 1, columns: count, initialization: .zero, isWeight: true)
    let padding = [Float](repeating: 0, count: layout.count - count)
    for set in InstructionSet.available {
      let parameters = Tensor(rows: 1, columns: layout.count, values: initial + padding)
      let optimizer = Optimizer(
        configuration, averageDecay: 0.9, parameters: parameters, layout: layout)
      var average = initial.map(Double.init)
      for step in 0..<5 {
        let range = step * count..<(step + 1) * count
        let gradient = Tensor(rows: 1, columns: layout.count, values: gradients[range] + padding)
        let numbers = optimizer.nextStep(learningRate: configuration.learningRate, gradientScale: 1)
        for start in stride(from: 0, to: count, by: slice) {
          let columns = start..<min(start + slice, count)
          set.kernels.update(
            parameters: parameters.matrix.columns(columns), gradients: gradient.matrix.columns(columns),
            firstMoments: optimizer.firstMoments?.matrix.columns(columns),
            secondMoments: optimizer.secondMoments?.matrix.columns(columns),
            average: optimizer.average?.matrix.columns(columns), step: numbers[0])
        }
        withExtendedLifetime(gradient) {}
        let values = Array(parameters.values[..<count])
        #expect(relativeDifference(values, Array(expected[range])) < Self.tolerance, "step \(step)")
        average = zip(average, expected[range]).map { 0.9 * $0 + (1 - 0.9) * $1 }
        let averages = Array((optimizer.average?.values ?? [])[..<count])
        #expect(relativeDifference(averages, average) < Self.tolerance, "average at step \(step)")
      }
      #expect(optimizer.steps == 5)
    }
  }

  @Test("Weight decay leaves biases alone unless all parameters are to decay")
  func decayGroups() {
    var layout = ParameterLayout()
    let first = layout.add("weights", rows: 3, columns: 7, initialization: .zero, isWeight: true)
    let second = layout.add("bias", rows: 1, columns: 7, initialization: .zero, isWeight: false)
    let third = layout.add("more", rows: 2, columns: 2, initialization: .zero, isWeight: true)
    let parameters = Tensor(rows: 1, columns: layout.count)
    var configuration = OptimizerConfiguration()
    configuration.weightDecay = 0.1
    let optimizer = Optimizer(configuration, averageDecay: nil, parameters: parameters, layout: layout)
    #expect(optimizer.groups.map(\.decays) == [true, false, true])
    #expect(
      optimizer.groups.map(\.range)
        == [first.offset..<second.offset, second.offset..<third.offset, third.offset..<layout.count])
    let steps = optimizer.nextStep(learningRate: 1, gradientScale: 1)
    #expect(steps.map(\.weightDecay) == [0.1, 0, 0.1])
    configuration.decayGroups = .all
    let all = Optimizer(configuration, averageDecay: nil, parameters: parameters, layout: layout)
    #expect(all.groups.map(\.decays) == [true] && all.groups[0].range == 0..<layout.count)
  }
}
