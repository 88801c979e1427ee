import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftConfiguration
@testable import WeftLayers

/// Files that are easily misread are right or refused (`Fixtures/README.md`).
@Suite struct TrapTests {
  private static let folder = "\(Bundle.module.bundlePath)/Fixtures/traps"

  /// Numbers for all features, or in the configuration, and a normalization undone; a loss beside the weights.
  @Test(arguments: ["given.keras", "one.keras", "inverted.keras", "checkpoint.pt"])
  func isRight(_ name: String) throws {
    let expected = try File(opening: "\(Self.folder)/expected.h5")
    #expect(
      try ForeignModel(expected.group(name), folder: Self.folder).difference() < InteropTests.tolerance)
  }

  @Test(arguments: [
    ("attention.pt", "'attn.weight' [4, 4] belongs to no layer that Weft supports"),
    ("autoencoder.pt", "'encoder' and 'decoder' may be an encoder and a decoder"),
    ("projection.onnx", "initial_c has 8 units, hidden_size is 4: the exporter has cut a projection"),
  ])
  func isRefused(_ name: String, _ complaint: String) throws {
    let path = "\(Self.folder)/\(name)"
    let message = errorMessage {
      let imported = try InterchangeFormat(of: path).read(path)
      _ = try ImportedRun(imported, file: path)
    }
    #expect(message.contains(complaint), "\(message)")
  }

  /// Blocks that say the same as the layers of the file are kept.
  @Test func blocksOfEqualLayersAreKept() throws {
    let path = "\(Self.folder)/checkpoint.pt"
    let overrides = ["model.blocks=[{cell: lstm, hidden: 8}, {pool: last}]"]
    let hints = NetworkHints(
      cell: nil, outputSteps: nil,
      blocks: try [BlockConfiguration](configurationText: "[{cell: lstm, hidden: 8}, {pool: last}]"))
    let run = try ImportedRun(
      InterchangeFormat.pytorch.read(path, hints: hints), overrides: overrides, file: path)
    #expect(run.configuration.model.blocks.count == 2)
  }
}
