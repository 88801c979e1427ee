import HDF5
import Testing

@testable import WeftLayers
@testable import WeftTensor

@Suite("Golden losses") struct GoldenLossTests {
  static let rows = 11
  static let columns = 13
  /// Of each dataset's greatest magnitude.
  static let tolerance = 1e-6

  /// The losses of all rows, and the gradients that took the outputs' place.
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
      engine: Engine(kernels: set.kernels))
    #expect(relativeDifference(result.losses, try group.doubles("row_losses")) < Self.tolerance)
    #expect(relativeDifference(result.gradients, try group.doubles("grad_logits")) < Self.tolerance)
    let mean = result.losses.reduce(0) { $0 + Double($1) } / Double(counted)
    #expect(relativeDifference([mean], try group.doubles("loss")) < Self.tolerance)
  }

  static let kinds: [(name: String, kind: LossType)] = [
    ("mse", .squaredError), ("l1", .absoluteError), ("bce_with_logits", .binaryCrossEntropy),
  ]

  @Test("Losses of values and their gradients are PyTorch's", arguments: InstructionSet.available, kinds)
  func values(_ set: InstructionSet, loss: (name: String, kind: LossType)) throws {
    let group = try GoldenFile.losses.open().group(loss.name)
    let counted: Int = try group.attributes.value("counted")
    let targets = Tensor(rows: Self.rows, columns: Self.columns, values: try group.floats("targets"))
    let result = Self.evaluate(
      Loss(kind: loss.kind), outputs: try group.floats("predictions"), targets: (targets, []),
      scale: 1 / Float(counted), engine: Engine(kernels: set.kernels))
    #expect(relativeDifference(result.gradients, try group.doubles("grad_predictions")) < Self.tolerance)
    let mean = result.losses.reduce(0) { $0 + Double($1) } / Double(counted)
    #expect(relativeDifference([mean], try group.doubles("loss")) < Self.tolerance)
  }

  /// PyTorch's masks are by element and the kernels' weights by row, so each element is a row here.
  @Test("Masked elements have neither loss nor gradient", arguments: InstructionSet.available, kinds)
  func masked(_ set: InstructionSet, loss: (name: String, kind: LossType)) throws {
    let group = try GoldenFile.losses.open().group("\(loss.name)_masked")
    let count = Self.rows * Self.columns
    let counted: Int = try group.attributes.value("counted")
    let predictions = Tensor(rows: count, columns: 1, values: try group.floats("predictions"))
    let targets = Tensor(rows: count, columns: 1, values: try group.floats("targets"))
    let weights = Tensor(rows: 1, columns: count, values: try group.floats("mask"))
    let losses = Tensor(rows: 1, columns: count)
    defer { withExtendedLifetime((targets, weights)) {} }
    let kernel =
      switch loss.kind {
      case .squaredError: set.kernels.squaredError
      case .absoluteError: set.kernels.absoluteError
      default: set.kernels.binaryCrossEntropy
      }
    kernel(predictions.matrix, targets.matrix, weights.matrix, 1, 1 / Float(counted), losses.matrix)
    let expected = try group.doubles("grad_predictions")
    #expect(relativeDifference(predictions.values, expected) < Self.tolerance)
    let mean = losses.values.reduce(0) { $0 + Double($1) } / Double(counted)
    #expect(relativeDifference([mean], try group.doubles("loss")) < Self.tolerance)
  }
}
