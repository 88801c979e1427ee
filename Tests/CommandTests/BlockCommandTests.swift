import Foundation
import Testing

/// Models of blocks from the command line.
@Suite struct BlockCommandTests {
  private static let blocks =
    "model.blocks=[{cell: lstm, hidden: 9, dropout: 0.1}, {dense: 7, activation: gelu},"
    + " {cell: gru, hidden: 7, residual: true}, {normalization: layer}]"

  /// The text model with blocks in place of its layers.
  private static func train(_ output: String, _ arguments: [String], in folder: URL) throws -> Command.Result
  {
    let small = try String(contentsOf: folder.appending(path: "small.yaml"), encoding: .utf8)
    let kept = small.split(separator: "\n", omittingEmptySubsequences: false).filter {
      !$0.contains(/^ +(cell|hidden|layers|dropout):/)
    }
    try kept.joined(separator: "\n").write(
      to: folder.appending(path: "blocks.yaml"), atomically: true, encoding: .utf8)
    return try Command.run(
      ["train", "blocks.yaml", "--output", output, "--set", blocks] + arguments, in: folder)
  }

  @Test func aRunOfBlocksIsTheSameForThreadsAndAfterResume() throws {
    try SmallRun.withFolder { folder in
      let steps = ["--set", "training.steps=8", "--set", "training.checkpoint_every=4"]
      let whole = try Self.train("whole", steps + ["--threads", "1"], in: folder)
      #expect(whole.status == 0, "\(whole.errors)")
      #expect(try Self.train("half", steps + ["--threads", "2"], in: folder).status == 0)
      for name in ["checkpoint-000000008.h5", "best.h5"] {
        try? FileManager.default.removeItem(at: folder.appending(path: "half/\(name)"))
      }
      #expect(try Self.train("half", steps + ["--threads", "2", "--resume"], in: folder).status == 0)
      let (first, second) = ("whole/checkpoint-000000008.h5", "half/checkpoint-000000008.h5")
      #expect(
        try Data(contentsOf: folder.appending(path: first))
          == Data(contentsOf: folder.appending(path: second)))
      let generated = try Command.run("generate", "whole", "--length", "20", "--seed", "3", in: folder)
      #expect(generated.status == 0 && !generated.output.isEmpty, "\(generated.errors)")
      #expect(try Command.run("report", "whole", "--output", "page.html", in: folder).status == 0)
      let page = try String(contentsOf: folder.appending(path: "page.html"), encoding: .utf8)
      #expect(page.contains("lstm 9, dense 7, gru 7, normalization layer"))
      let exported = try Command.run("export", "whole", "model.onnx", "--to", "onnx", in: folder)
      #expect(exported.status == 0, "\(exported.errors)")
    }
  }

  @Test(arguments: [
    ("[{cell: lstm}]", "block 1: 'cell' needs 'hidden', the units of the layer"),
    ("[{dense: 4, hidden: 3}]", "block 1: 'hidden' does not apply to a block with 'dense'"),
    ("[{dense: 4}, {cel: lstm}]", "block 2: unknown key 'cel'; did you mean 'cell'?"),
    ("[{dense: 0}]", "block 1: dense: must be at least 1"),
    ("[{}]", "block 1: needs one of 'cell'"),
    ("lstm", "expected a block such as"),
    ("[{cell: lstm, hidden: 4, merge: sum}]", "block 1: 'merge' needs 'bidirectional'"),
    ("[{dense: 4, residual: true, highway: true}]", "'residual' and 'highway' exclude each other"),
    ("[{convolution: 4}]", "'convolution' needs 'width'"),
    (
      "[{cell: lstm-projection, hidden: 4, activation: relu}]",
      "'activation' needs one of the cells 'rnn-tanh'"
    ),
    (
      "[{cell: rnn-tanh, hidden: 4, recurrent_activation: tanh}]", "'recurrent_activation' needs a gated cell"
    ),
    ("[{cell: lstm, hidden: 4, activation: gelu}]", "a cell cannot have the activation 'gelu'"),
    (
      "[{cell: min-gru, hidden: 4, recurrent_dropout: 0.1}]",
      "'recurrent_dropout' needs a cell with recurrent weights, unlike 'min-gru'"
    ),
    (
      "[{cell: indrnn, hidden: 4, drop_connect: 0.1}]",
      "'drop_connect' needs a cell with matrices of recurrent weights, unlike 'indrnn'"
    ),
    (
      "[{cell: gru, hidden: 4, cell_zoneout: 0.1}]",
      "'cell_zoneout' needs a cell with one cell state, unlike 'gru'"
    ),
    ("[{cell: lstm, hidden: 4, heads: 2}]", "'heads' needs a cell with heads, unlike 'lstm'"),
    ("[{cell: slstm, hidden: 4, heads: 3}]", "'heads' must divide 'hidden'"),
    (
      "[{cell: slstm, hidden: 4, layer_normalization: true}]",
      "'layer_normalization' cannot be combined with the cell 'slstm'"
    ),
    ("[{dense: 4, zoneout: 0.1}]", "'zoneout' does not apply to a block with 'dense'"),
    ("[{convolution: 4, width: 3, stride: 2}]", "change the number of steps: they need 'pool'"),
  ])
  func badBlocksAreOneLine(blocks: String, complaint: String) throws {
    try SmallRun.withFolder { folder in
      let result = try Self.train(
        "run", ["--set", "model.blocks=\(blocks)", "--set", "training.carry_state=false"], in: folder)
      #expect(result.status == 2)
      #expect(result.errors.hasPrefix("weft: error: --set: model.blocks: "), "\(result.errors)")
      #expect(result.errors.contains(complaint), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func layersAndBlocksExcludeEachOther() throws {
    try SmallRun.withFolder { folder in
      let result = try Self.train("run", ["--set", "model.hidden=4"], in: folder)
      #expect(result.status == 2)
      #expect(
        result.errors
          == "weft: error: --set: model.hidden: cannot be combined with 'model.blocks', which replaces it\n")
      let none = try Self.train("run", ["--set", "model.blocks=[]"], in: folder)
      #expect(none.status == 1 && none.errors.contains("model.cell: missing required key"), "\(none.errors)")
    }
  }
}
