import HDF5
import TestSupport
import Testing

@testable import WeftLayers
@testable import WeftTensor

@Suite("Golden losses") struct GoldenLossTests {
  static let rows = 11
  static let columns = 13
  /// Relative to each dataset's maximum magnitude.
  static let tolerance = 1e-6

  /// The losses of all rows, and the gradients that replaced the outputs.
  static func evaluate(
    _ loss: Loss, outputs: [Float], columns: Int = columns, targets: (Tensor?, [Int32]), scale: Float,
    engine: Engine
  ) -> (losses: [Float], gradients: [Float]) {
    let rows = outputs.count / columns
    let shard = Shard(alone: [rows], engine: engine)
    let values = Tensor(rows: rows, columns: columns, values: outputs)
    let losses = Tensor(rows: 1, columns: rows)
    let correct = Tensor(rows: 1, columns: rows)
    defer { withExtendedLifetime((shard, values, losses, correct, targets)) {} }
    loss.evaluate(
      outputs: values.matrix, targets: targets.0.map { .values($0.matrix) } ?? .classes(targets.1),
      scale: scale, losses: losses.matrix, correct: correct.matrix, shard)
    return (losses.values, values.values)
  }

  @Test(
    "Cross-entropy, its gradient and each row's loss are PyTorch's",
    arguments: InstructionSet.available, ["", "_smoothed", "_ignored", "_smoothed_ignored"])
  func crossEntropy(_ set: InstructionSet, variant: String) throws {
    let group = try GoldenFile.losses.open().group("cross_entropy\(variant)")
    let counted: Int = try group.attributes.value("counted")
    let smoothing: Double = try group.attributes.value("label_smoothing")
    let result = Self.evaluate(
      Loss(kind: .crossEntropy, labelSmoothing: Float(smoothing)), outputs: try group.floats("logits"),
      targets: (nil, try group.integers("targets")), scale: 1 / Float(counted),
      engine: Engine(set))
    #expect(relativeDifference(result.losses, try group.doubles("row_losses")) < Self.tolerance)
    #expect(relativeDifference(result.gradients, try group.doubles("grad_logits")) < Self.tolerance)
    let mean = result.losses.reduce(0) { $0 + Double($1) } / Double(counted)
    #expect(relativeDifference([mean], try group.doubles("loss")) < Self.tolerance)
  }

  static let kinds: [(name: String, kind: LossType)] = [
    ("mse", .squaredError), ("l1", .absoluteError), ("bce_with_logits", .binaryCrossEntropy),
  ]

  @Test(
    "Losses of values and their gradients are PyTorch's, which masks missing targets",
    arguments: InstructionSet.available, kinds)
  func values(_ set: InstructionSet, loss: (name: String, kind: LossType)) throws {
    for variant in ["", "_masked"] {
      let group = try GoldenFile.losses.open().group("\(loss.name)\(variant)")
      let counted: Int = try group.attributes.value("counted")
      let targets = zip(try group.floats("targets"), try group.floats("mask")).map { $1 == 0 ? .nan : $0 }
      let result = Self.evaluate(
        Loss(kind: loss.kind), outputs: try group.floats("predictions"),
        targets: (Tensor(rows: Self.rows, columns: Self.columns, values: targets), []),
        scale: 1 / Float(counted), engine: Engine(set))
      #expect(relativeDifference(result.gradients, try group.doubles("grad_predictions")) < Self.tolerance)
      let mean = result.losses.reduce(0) { $0 + Double($1) } / Double(counted)
      #expect(relativeDifference([mean], try group.doubles("loss")) < Self.tolerance)
    }
  }
}
