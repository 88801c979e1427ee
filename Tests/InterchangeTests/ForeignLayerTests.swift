import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftConfiguration
@testable import WeftLayers

/// Keras models that are more than a list of layers, or have layers that Weft's blocks express in another way, with the
/// outputs of Keras (`Fixtures/README.md`).
@Suite struct ForeignLayerTests {
  private static let fixtures = ForeignFixtures("layers")

  @Test func allAreThere() { #expect(Self.fixtures.names.count >= 30) }

  @Test(arguments: fixtures.names)
  func givesTheSame(_ name: String) throws {
    let model = try Self.fixtures.model(name)
    #expect(try model.difference() < InteropTests.tolerance)
    // What is read is a run, too.
    _ = try ImportedRun(InterchangeFormat.keras.read(model.path), file: name)
  }

  @Test(arguments: [
    ("last-step.h5", ["lstm 4", "pool last"]),
    ("last-of-both.keras", ["bidirectional lstm 4", "pool last-position"]),
    ("residual-dense.h5", ["dense 5", "normalization layer", "lstm 4", "pool last"]),
    ("zeros-same.keras", ["convolution 6", "lstm 4", "pool last"]),
  ])
  func hasBlocks(_ name: String, _ blocks: [String]) throws {
    let network = try InterchangeFormat.keras.read("\(Self.fixtures.folder)/\(name)").network
    let found = network.blocks.map(\.configuration.summary)
    #expect(found.suffix(blocks.count) == blocks[...])
  }

  @Test(arguments: [
    ("steps-apart", "takes steps at a distance, or in another order"),
    ("features", "takes other than some steps of all features"),
    ("states-of-steps", "layer 'top': comes after 'get_item"),
    ("maximum", "Maximum is not supported: Weft's branches are side by side, or their sum, mean or product"),
    ("attention-weights", "joins a branch that ends in a layer which only the end of a network can have"),
    ("zeros-longer", "layer 'read': follows 'zeros' of 3 and 3 zeros; supported are together 2"),
    ("longer", "layer 'up': UpSampling1D is not supported: no block of Weft makes sequences longer"),
    ("images", "layer 'inside': TimeDistributed of Conv1D is not supported"),
    ("two-outputs", "has 2 outputs, of 'first', 'second'"),
    ("attention-flat", "layer 'product': weights the steps of a sequence, which only their sum or mean"),
    ("attention-of-features", "layer 'turn': exchanges steps and features"),
    ("attention", "layer 'attend': Attention is not supported: Weft's networks attend only"),
  ])
  func isRefused(_ name: String, _ complaint: String) throws {
    let path = "\(Self.fixtures.folder)/refused/\(name).keras"
    let message = errorMessage { _ = try InterchangeFormat.keras.read(path) }
    #expect(message.contains(complaint) && message.hasPrefix(path), "\(message)")
  }
}
