import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftConfiguration
@testable import WeftLayers

/// Keras models of many kinds of layers, with the outputs of Keras (`Fixtures/README.md`).
@Suite struct ForeignStackTests {
  private static let fixtures = ForeignFixtures("stacks")

  @Test func allAreThere() { #expect(Self.fixtures.names.count >= 21) }

  @Test(arguments: fixtures.names)
  func givesTheSame(_ name: String) throws {
    let model = try Self.fixtures.model(name)
    #expect(try model.difference() < InteropTests.tolerance)
  }

  /// What comes from one program goes to another.
  @Test func batchNormalizationIsPartOfTheWeights() throws {
    let path = "\(Self.fixtures.folder)/batch-normalization.keras"
    let network = try InterchangeFormat.keras.read(path).network
    #expect(network.blocks.count == 4 && network.activation == .softmax)
    let folder = try TemporaryFolder()
    for name in ["model.onnx", "model.h5"] {
      let format = name == "model.h5" ? InterchangeFormat.keras : .onnx
      try format.write(network, to: folder.file(name), source: "network")
    }
    #expect(try InterchangeFormat.keras.read(folder.file("model.h5")).network == network)
  }

  /// A file of weights does not tell what comes between two dense layers.
  @Test func denseLayersWithoutActivationsAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("stack.weights.h5")
    let file = try File(creating: path)
    func write(_ name: String, _ shapes: [[Int]]) throws {
      for (number, shape) in shapes.enumerated() {
        let values = [Float](repeating: 0.5, count: shape.reduce(1, *))
        try file.requireGroup("layers/\(name)/vars").write(String(number), values, shape: shape)
      }
    }
    try write("lstm/cell", [[3, 8], [2, 8], [8]])
    try write("dense", [[2, 4], [4]])
    try write("dense_1", [[4, 2], [2]])
    try file.close()
    let error = #expect(throws: WeftError.self) { try InterchangeFormat.kerasWeights.read(path) }
    #expect(
      error?.message.contains("{cell: lstm, hidden: 2}, {pool: last}, {dense: 4, activation: relu}]'")
        == true,
      "\(error?.message ?? "")")
  }

  /// A state dictionary tells no activations: the user does.
  @Test func linearLayersAreTakenAsTold() throws {
    typealias Array = StateDictionary.Array
    func array(_ shape: Int...) -> Array {
      let count = shape.reduce(1, *)
      return Array(shape: shape, values: (0..<count).map { Float($0 % 7) / 7 - 0.4 })
    }
    let dictionary = StateDictionary([
      "rnn.weight_ih_l0": array(12, 5), "rnn.weight_hh_l0": array(12, 3), "head.0.weight": array(4, 3),
      "head.0.bias": array(4), "head.2.weight": array(2, 4), "head.2.bias": array(2),
    ])
    let blocks = try [BlockConfiguration](
      configurationText: "[{cell: lstm, hidden: 3}, {pool: last}, {dense: 4, activation: relu}]")
    let network = try dictionary.network(NetworkHints(blocks: blocks), file: "x")
    #expect(network.blocks.map(\.configuration) == blocks && network.outputSize == 2)
    #expect(network.parameters["dense0/bias"] == array(4).values)
    for (text, complaint) in [
      ("[{cell: lstm, hidden: 4}]", "block 1: is 'lstm 4', but the file has 'lstm 3'"),
      (
        "[{cell: lstm, hidden: 3}, {dense: 5}]",
        "has 3 inputs and 5 units, but 'head.0.weight' has the shape [4, 3]"
      ),
      ("[{dense: 4}]", "'head.0.weight'"),
      ("[{cell: lstm, hidden: 3}, {normalization: layer}]", "the file has no more layer normalizations"),
      (
        "[{cell: lstm, hidden: 3}, {pool: attention}]",
        "block 2: needs two linear layers, W and v of the scores"
      ),
    ] {
      let blocks = try [BlockConfiguration](configurationText: text)
      let error = #expect(throws: WeftError.self) {
        try dictionary.network(NetworkHints(blocks: blocks), file: "x")
      }
      #expect(error?.message.contains(complaint) == true || text == "[{dense: 4}]", "\(error?.message ?? "")")
    }
  }
}
