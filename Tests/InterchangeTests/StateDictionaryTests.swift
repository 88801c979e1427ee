import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftConfiguration
@testable import WeftLayers
@testable import WeftModels

/// State dictionaries of PyTorch's modules, with the outputs of PyTorch (`Fixtures/README.md`).
@Suite struct StateDictionaryTests {
  private static let fixtures = ForeignFixtures("states")

  private static func notes(_ name: String) throws -> String {
    let model = try fixtures.model(name)
    return try model.format.read(model.path, hints: model.hints).notes.joined(separator: "\n")
  }

  @Test func allAreThere() { #expect(Self.fixtures.names.count >= 40) }

  @Test(arguments: fixtures.names)
  func givesTheSame(_ name: String) throws {
    #expect(try Self.fixtures.model(name).difference() < InteropTests.tolerance)
  }

  /// What a user sets is followed, whatever words the run's configuration has for it.
  @Test(arguments: fixtures.names)
  func isARun(_ name: String) throws {
    let model = try Self.fixtures.model(name)
    let group = try Self.fixtures.group(name)
    let keys = [
      "steps": "model.output", "blocks": "model.blocks", "data.inputs": "data.inputs",
      "data.static": "data.static",
      "data.categories": "data.categories",
    ]
    let overrides = try keys.compactMap { attribute, key in
      guard try group.attributes.contains(attribute) else { return nil as String? }
      let value = try group.attributes.value(attribute, as: String.self)
      return value.isEmpty ? nil : "\(key)=\(value)"
    }
    let imported = try model.format.read(model.path, hints: model.hints)
    let run = try ImportedRun(imported, overrides: overrides, file: name)
    let blocks = imported.network.blocks.map(\.configuration)
    let configured = run.configuration.model.blocks
    #expect(configured.isEmpty || configured == blocks)
  }

  @Test func whatIsAssumedIsTold() throws {
    for (name, note) in [
      ("batch-after-states", "takes 'lstm', then 'bn', then 'fc' to stand on one another"),
      ("batch-after-states", "'bn' has eps=1e-05, as nn.BatchNorm1d without that argument"),
      ("batch-after-states", "ignores 'best_loss', which is a single number"),
      ("batch-of-inputs", "takes 'bn', then 'lstm', then 'fc'"),
      ("batch-then-relu", "takes 'lstm' as block 1 (lstm 6), 'fc1' as block 3 (dense 4), 'bn' as block 4"),
      ("order-swapped", "'fc1' as block 3 (dense 6), 'fc' as the output"),
      ("untied", "takes 'encoder', then 'rnn', then 'decoder'"),
      ("attention-told", "'attention.0' and 'attention.2' as block 2"),
      ("states", "takes 'h0' and 'c0' as the states of 'lstm' before the first step, as their names say"),
      (
        "final-layers-found", "takes the last linear layer to read the last states of all layers side by side"
      ),
      ("flat", "'fc1' reads the 6 features of 8 steps side by side, those of a step together"),
      ("convolution-flat", "side by side, those of a feature together, as after nn.Conv1d"),
      ("averaged", "takes the weights, not their averages beside them, such as 'ema_model."),
      (
        "two-embeddings",
        "takes 'pos' (embedded by 'pos'), then 'word' (embedded by 'word') to be side by side"
      ),
      ("kind-at-steps", "takes 'series' (3 features), then 'kind' (embedded by 'kind') to be side by side"),
      ("convolution-batch-relu", "block 1 has 'padding: same', as nn.Conv1d(padding=1)"),
    ] {
      let notes = try Self.notes(name)
      #expect(notes.contains(note), "\(name): \(notes)")
    }
  }

  /// Layers of one module have one order, whatever their sizes.
  @Test func ordersOfModulesAreCertain() throws {
    let path = "\(Self.fixtures.folder)/maximum.pt"
    let hints = NetworkHints(
      blocks: try [BlockConfiguration](
        configurationText: "[{cell: lstm, hidden: 6}, {cell: lstm, hidden: 6}, {pool: maximum}]"))
    let notes = try InterchangeFormat.pytorch.read(path, hints: hints).notes.joined(separator: "\n")
    #expect(notes.contains("'lstm' as block 2 (lstm 6)") && !notes.contains("another order"), "\(notes)")
  }

  /// Windows of PyTorch that are easily confused with others.
  @Test func windowsAreTold() throws {
    let lstm = "{cell: lstm, hidden: 6}, {pool: last}]"
    for (pooling, note) in [
      ("{pooling: maximum, width: 2}", "block 2 moves its windows by one step, as nn.MaxPool1d(2, stride=1)"),
      ("{pooling: maximum, width: 2, stride: 2}", "as nn.MaxPool1d(2, ceil_mode=True)"),
      (
        "{pooling: mean, width: 3}",
        "leaves out steps beyond the ends, as nn.AvgPool1d with count_include_pad"
      ),
    ] {
      let blocks = "[{convolution: 4, width: 3, padding: valid}, \(pooling), \(lstm)"
      let path = "\(Self.fixtures.folder)/convolution-strided.pt"
      let hints = NetworkHints(blocks: try [BlockConfiguration](configurationText: blocks))
      let notes = try InterchangeFormat.pytorch.read(path, hints: hints).notes.joined(separator: "\n")
      #expect(notes.contains(note), "\(notes)")
    }
  }

  /// Files that Weft wrote tell their blocks.
  @Test(arguments: [
    ("[{cell: lstm, hidden: 6}, {cell: lstm, hidden: 4, dropout: 0.2}, {pool: last}, {dense: 3}]", [:]),
    (
      "[{convolution: 4, width: 3, stride: 2, activation: relu}, {cell: gru-reset-after, hidden: 6}, {normalization:"
        + " layer}, {activation: tanh}, {pool: attention, size: 3}]", [:]
    ),
    (
      "[{cell: lstm, hidden: 6, bidirectional: true, merge: sum}, {dense: 4}, {normalization: batch}, {pool: mean}]",
      [:]
    ), ("[]", ["cell": "lstm", "layers": "2", "output": "mean"]),
    ("[]", ["cell": "gru-reset-after", "bidirectional": "true", "output": "attention"]),
  ])
  func blocksOfWeftAreKept(_ blocks: String, _ keys: [String: String]) throws {
    let folder = try TemporaryFolder()
    let made = try BlockNetwork(
      blocks, overrides: (blocks == "[]" ? ["model.hidden=6"] : []) + keys.map { "model.\($0)=\($1)" })
    let path = folder.file("model.safetensors")
    try InterchangeFormat.safetensors.write(
      made.network, metadata: NetworkMetadata(made.checkpoint), to: path, source: "test")
    let imported = try InterchangeFormat.safetensors.read(path)
    #expect(try imported.network == made.network && imported.notes.isEmpty)
    let run = try ImportedRun(imported, file: path)
    #expect(run.configuration.model.blocks.isEmpty == (blocks == "[]"))
    #expect(run.configuration.model.output.rawValue == keys["output"] ?? "every-step")
  }
}
