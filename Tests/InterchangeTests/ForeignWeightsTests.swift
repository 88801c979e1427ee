import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftConfiguration
@testable import WeftLayers
@testable import WeftTasks

/// Files of Keras's weights alone, of networks that only their blocks describe (`Fixtures/README.md`).
@Suite struct ForeignWeightsTests {
  private static let fixtures = ForeignFixtures("weights")

  @Test func allAreThere() { #expect(Self.fixtures.names.count >= 14) }

  @Test(arguments: fixtures.names)
  func givesTheSame(_ name: String) throws {
    let model = try Self.fixtures.model(name)
    #expect(try model.difference() < InteropTests.tolerance)
    let blocks = try Self.fixtures.group(name).attributes
      .value("blocks", as: String.self)
    let run = try ImportedRun(
      model.format.read(model.path, hints: model.hints), overrides: ["model.blocks=\(blocks)"], file: name)
    #expect(run.configuration.model.blocks.isEmpty == false)
  }

  /// What the refusal suggests can be pasted, and is a network of the file's sizes.
  @Test(arguments: fixtures.names.filter { $0 != "equal.h5" })
  func suggestsBlocks(_ name: String) throws {
    let path = "\(Self.fixtures.folder)/\(name)"
    let message = errorMessage { _ = try InterchangeFormat.kerasWeights.read(path) }
    let blocks = try #require(message.firstMatch(of: /'model.blocks=(\[.*\])'/), "\(message)").1
    let hints = NetworkHints(blocks: try [BlockConfiguration](configurationText: String(blocks)))
    let imported = try InterchangeFormat.kerasWeights.read(path, hints: hints)
    _ = try ImportedRun(imported, overrides: ["model.blocks=\(blocks)"], file: path)
  }

  @Test(arguments: [
    ("dense-twice.h5", "[{cell: lstm, hidden: 5}]", "block 1: is 'lstm 5', but the file has 'lstm 4' ('lstm"),
    ("dense-twice.h5", "[{pool: last}, {dense: 5}]", "block 2: is 'dense 5', but the file has 'lstm"),
    ("dense-twice.h5", "[{cell: lstm, hidden: 4}]", "the file has more layers: 'dense"),
    (
      "convolution.weights.h5",
      "[{convolution: 6, width: 3}, {convolution: 5, width: 2}, {cell: lstm, hidden: 4}]",
      "the file has the layer 'max_pooling1d', but there is no block {pooling: maximum"
    ),
    (
      "normalized.h5", "[{convolution: 6, width: 4}, {pool: maximum}]",
      "block 1: is 'convolution 6', but the file has 'convolution 6' with other options ('conv1d"
    ),
  ])
  func otherBlocksAreRefused(_ name: String, _ blocks: String, _ complaint: String) throws {
    let hints = NetworkHints(blocks: try [BlockConfiguration](configurationText: blocks))
    let message = errorMessage {
      _ = try InterchangeFormat.kerasWeights.read("\(Self.fixtures.folder)/\(name)", hints: hints)
    }
    #expect(message.contains(complaint), "\(message)")
  }

  /// Keys that tell how to read the file hold for layers of different sizes, too.
  @Test func keysOfEqualLayersAreKept() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("stack.weights.h5")
    let file = try File(creating: path)
    for (name, shapes) in [
      ("gru/cell", [[3, 12], [4, 12], [12]]), ("gru_1/cell", [[4, 6], [2, 6], [6]]),
      ("dense", [[2, 1], [1]]),
    ] {
      for (number, shape) in shapes.enumerated() {
        let values = [Float](repeating: 0.5, count: shape.reduce(1, *))
        try file.requireGroup("layers/\(name)/vars").write(String(number), values, shape: shape)
      }
    }
    try file.close()
    let imported = try InterchangeFormat.kerasWeights.read(
      path, hints: NetworkHints(cell: .gru, outputSteps: .lastStep))
    let overrides = ["model.output=last-step", "model.cell=gru", "optimizer.learning_rate=0.25"]
    let run = try ImportedRun(imported, overrides: overrides, file: path)
    #expect(run.configuration.model.blocks.map(\.summary) == ["gru 4", "gru 2", "pool last"])
    #expect(run.configuration.optimizer.learningRate == 0.25)
  }
}
