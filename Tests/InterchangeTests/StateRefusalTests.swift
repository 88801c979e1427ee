import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftConfiguration
@testable import WeftLayers
@testable import WeftModels

/// State dictionaries that are not imported, or not without help: the refusal says why and what helps.
@Suite struct StateRefusalTests {
  private static let folder = "\(Bundle.module.bundlePath)/Fixtures/states/refused"

  private func message(_ name: String, _ hints: NetworkHints = NetworkHints()) -> String {
    let path = "\(Self.folder)/\(name).pt"
    return errorMessage { _ = try InterchangeFormat.pytorch.read(path, hints: hints) }
  }

  /// Files, what their refusal suggests, and what it names as guesses.
  @Test(arguments: [
    (
      "stack",
      "[{cell: lstm, hidden: 6}, {cell: lstm, hidden: 6}, {pool: last}, {dense: 4, activation: relu}]"
    ),
    (
      "dense-first",
      "[{dense: 4, activation: relu}, {cell: gru-reset-after, hidden: 6, bidirectional: true}, {pool: last}]"
    ),
    ("dense-first-unbiased", "[{dense: 4, activation: relu}, {cell: lstm, hidden: 6}, {pool: last}]"),
    (
      "batch-stack",
      "[{cell: lstm, hidden: 6}, {pool: last}, {dense: 4}, {normalization: batch}, {activation: relu}]"
    ),
    (
      "batch-convolution",
      "[{convolution: 4, width: 3, padding: same}, {normalization: batch}, {activation: relu}, {convolution: 7, width: 5,"
        + " padding: same}, {normalization: batch}, {activation: relu}, {cell: lstm, hidden: 6}, {pool: last}]"
    ),
    ("batch-anywhere", "[{cell: lstm, hidden: 6}, {pool: last}, {normalization: batch}]"),
    ("sum", "[{cell: lstm, hidden: 6, bidirectional: true, merge: sum}, {pool: last}]"),
    (
      "speech",
      "[{dense: 4}, {normalization: layer}, {activation: relu}, {cell: gru-reset-after, hidden: 6, bidirectional: true},"
        + " {cell: gru-reset-after, hidden: 6, bidirectional: true}, {pool: last}, {dense: 7, activation: relu}]"
    ),
    ("attention", "[{cell: lstm, hidden: 6}, {pool: attention, size: 4}]"),
    ("attention-scores", "[{cell: lstm, hidden: 6}, {pool: attention, size: 1, activation: linear}]"),
  ])
  func suggestionsImport(_ name: String, _ suggestion: String) throws {
    let message = message(name)
    #expect(message.contains("a state dictionary does not tell what stands between"), "\(message)")
    let text = try #require(message.firstMatch(of: /--set 'model.blocks=(\[.*\])'/)?.1)
    #expect(String(text) == suggestion)
    for guess in ["activation: relu", "padding: same", "merge: sum", "pool: last"] where text.contains(guess)
    {
      #expect(message.contains("'\(guess)'"), "\(message)")
    }
    let blocks = try [BlockConfiguration](configurationText: String(text))
    let path = "\(Self.folder)/\(name).pt"
    let imported = try InterchangeFormat.pytorch.read(path, hints: NetworkHints(blocks: blocks))
    _ = try ImportedRun(imported, overrides: ["model.blocks=\(text)"], file: path)
    #expect(imported.network.outputSize == 3)
  }

  /// A pooling that the user knows is no guess.
  @Test func suggestionsKeepWhatIsTold() throws {
    for (steps, pool) in [(OutputSteps.mean, ", {pool: mean}"), (.everyStep, "")] {
      let text = message("sum", NetworkHints(outputSteps: steps))
      #expect(
        text.contains("merge: sum}\(pool)]'; ") && text.contains("but 'merge: sum' is a guess"), "\(text)")
    }
  }

  @Test(arguments: [
    (
      "attention-heads",
      "'attn.out_proj.weight' [6, 6] belong to no layer that Weft supports: multi-head attention"
    ),
    (
      "transitions",
      "'transitions' [3, 3] belongs to no layer that Weft supports: the transitions of a conditional"
    ),
    (
      "initial-states",
      "'c0' [1, 1, 6] and 'h0' [1, 1, 6] belong to no layer that Weft supports: by name or shape, states"
    ),
    (
      "embeddings",
      "'word' and 'position' may be embeddings that side by side are the 7 inputs of the recurrent layer; tell their order,"
        + " which is a guess here, with --set 'data.inputs=[word, position]' --set 'data.categories=[word, position]'"
    ),
    ("positions", "'position_embedding' and 'word_embedding' are several embeddings"),
    (
      "attention-vector",
      "'w' [6] belongs to no layer that Weft supports: where the softmax over the steps of tanh(out) @ it weighs the states,"
        + " name all blocks with {pool: attention, size: 6}"
    ),
    ("transitions-of-others", "has transitions between 4 classes for 3 outputs"),
    (
      "static",
      "'fc.weight' [3, 13] reads 13 features, as many as the 6 of the recurrent layers and the 7 of 'static'"
    ),
    (
      "layers",
      "'fc.weight' [3, 12] reads 12 features, twice the 6 of the last layer; of poolings side by side, name all"
        + " blocks with {branches: [[{pool: mean}], [{pool: maximum}]]} in place of the pooling; of the last states of both"
        + " layers, with {cell: lstm, hidden: 6}, {branches: [[{pool: last}], [{cell: lstm, hidden: 6}, {pool: last}]]}"
    ),
    (
      "flat",
      "'fc.weight' [3, 48] reads 48 features, 8 times the 6 of the last layer: all steps side by side, if"
        + " sequences have 8; name all blocks with {convolution: 3, width: 8, padding: valid}, {pool: last} for it"
    ),
    ("heads", "'mu.weight' and 'sigma.weight' could each be the output layer"),
  ])
  func reasonsAreTold(_ name: String, _ reason: String) {
    let message = message(name)
    #expect(message.contains(reason) && !message.contains("model.blocks="), "\(message)")
  }

  /// A recurrence of other layers has the weights of a stack without one.
  @Test func whatMayBeARecurrenceIsTold() {
    let message = message("recurrence")
    #expect(message.contains("contains no weight_ih_l0 of nn.LSTM, nn.GRU or nn.RNN"), "\(message)")
    #expect(
      message.contains("where there is none, ") && message.contains("{dense: 6, activation: relu}"),
      "\(message)")
  }

  @Test(arguments: [
    ("[word, position]", "[word]", "what stands between 'position', 'lstm' and 'fc'"),
    ("[words, position]", "[words, position]", "no embedding has the name 'words'; name it as one of"),
    (
      "[o, position]", "[o, position]",
      "'o' could be embedded by 'position' and 'word'; name it as one of these"
    ),
    ("[word, position]", "[other]", "data.categories: 'other' is none of data.inputs and data.static"),
    ("[a, b, word]", "[word]", "'a' and 'b' are several inputs of numbers"),
  ])
  func inputsThatDoNotFit(_ inputs: String, _ categories: String, _ complaint: String) {
    func names(_ text: String) -> [String] { text.split { "[], ".contains($0) }.map(String.init) }
    var hints = NetworkHints()
    (hints.inputs, hints.categories) = (names(inputs), names(categories))
    #expect(message("embeddings", hints).contains(complaint), "\(message("embeddings", hints))")
  }

  @Test(arguments: [
    (
      "convolution",
      "[{convolution: 4, width: 5, stride: 2, activation: relu}, {cell: lstm, hidden: 6}, {pool: last}]",
      "block 1: 'padding: same' with a stride begins its windows at another step than nn.Conv1d"
    ),
    (
      "convolution",
      "[{convolution: 4, width: 5}, {pooling: maximum, width: 3, stride: 2}, {cell: lstm, hidden: 6}]",
      "block 2: 'padding: same' with a stride begins its windows at another step"
    ),
    (
      "batch-stack", "[{cell: lstm, hidden: 6}, {pool: last}, {dense: 4, activation: relu}]",
      "names no block for 'bn1'; add {normalization: batch} at its place; an activation after a normalization"
    ),
    (
      "batch-stack", "[{cell: lstm, hidden: 6}, {pool: last}, {dense: 4}, {normalization: layer}]",
      "block 4: the file has no more layer normalizations"
    ),
    (
      "attention-scores", "[{cell: lstm, hidden: 6}, {pool: attention}]",
      "'attention' may compute the scores alone: {pool: attention, size: 1, activation: linear}"
    ),
    ("stack", "[{cell: lstm, hidden: 6}, {pool: last}]", "the file has 1 more recurrent layer"),
    (
      "stack", "[{cell: lstm, hidden: 6, dropout: 0.2}]", "block 1: dropout is not in a state dictionary"
    ),
    (
      "layers", "[{cell: lstm, hidden: 6}, {cell: lstm, hidden: 6}, {pool: last}]",
      "twice the 6 of the last layer"
    ),
  ])
  func blocksThatDoNotFit(_ name: String, _ blocks: String, _ complaint: String) throws {
    let hints = NetworkHints(blocks: try [BlockConfiguration](configurationText: blocks))
    #expect(message(name, hints).contains(complaint), "\(message(name, hints))")
  }
}
