import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase

/// Models of blocks in the programs that they are exported to.
@Suite(.enabled(if: Python.has("onnx", "onnxruntime", "h5py"), Python.missing))
struct BlockExportTests {
  /// Blocks; whether they leave an output at every step; and whether rows of several lengths can share a batch.
  static let graphs: [(blocks: String, isEveryStep: Bool, canBeRagged: Bool)] = [
    ("{cell: lstm, hidden: 7}, {cell: gru, hidden: 4}, {dense: 6, activation: relu}", true, true),
    (
      "{cell: gru-reset-after, hidden: 7, bidirectional: true, merge: sum}, {cell: rnn-tanh, hidden: 3}",
      true, true
    ),
    ("{cell: lstm, hidden: 5, bidirectional: true, merge: product}, {pool: last}", false, true),
    ("{cell: lstm, hidden: 5, bidirectional: true, merge: mean}, {dropout: 0.2}, {pool: last}", false, true),
    (
      "{cell: lstm, hidden: 5, bidirectional: true, merge: mean}, {normalization: layer}, {pool: last}",
      false, true
    ),
    ("{cell: lstm, hidden: 5, bidirectional: true}, {normalization: layer}, {pool: last}", false, true),
    (
      "{normalization: batch}, {cell: gru, hidden: 5}, {normalization: batch, epsilon: 0.01}, {dense: 4, activation: relu}, {normalization: batch}",
      true, true
    ),
    (
      "{cell: lstm, hidden: 5, bidirectional: true}, {normalization: batch}, {pool: mean}, {dense: 3}, {normalization: batch}",
      false, true
    ),
    ("{dense: 6}, {normalization: batch}, {cell: lru, hidden: 3}, {pool: last}", false, true),
    (
      "{cell: lstm, hidden: 5, bidirectional: true}, {normalization: batch}, {activation: relu}, {pool: last}, {activation: tanh}, {dense: 4}, {normalization: batch}, {activation: gelu}",
      false, true
    ),
    ("{activation: softplus}, {cell: gru, hidden: 5}, {activation: relu6}", true, true),
    ("{pooling: maximum, width: 1, stride: 2}, {cell: gru, hidden: 5}, {pool: last}", false, false),
    (
      "{pooling: maximum, width: 1, stride: 2, padding: valid}, {cell: gru, hidden: 5}, {pool: last}", false,
      true
    ),
    (
      "{cell: lstm, hidden: 5, bidirectional: true, merge: mean}, {normalization: batch}, {pool: last}",
      false,
      true
    ),
    ("{cell: lstm, hidden: 5, bidirectional: true}, {dense: 3, activation: tanh}, {pool: last}", false, true),
    (
      "{cell: lstm, hidden: 5, bidirectional: true}, {pool: last-position}, {dense: 3, activation: elu}",
      false, true
    ),
    (
      "{cell: gru, hidden: 5, backward: true}, {cell: lstm-peephole, hidden: 3, backward: true}, {pool: last}",
      false, true
    ),
    ("{cell: gru, hidden: 5, backward: true}, {dense: 4, activation: hard-sigmoid}", true, true),
    ("{cell: lstm, hidden: 6}, {pool: mean}", false, true),
    (
      "{convolution: 6, width: 3, activation: relu}, {pool: maximum}, {dense: 4, activation: tanh}", false,
      true
    ),
    ("{dense: 4, activation: tanh}, {branches: [[{dense: 3}], []]}", true, true),
    ("{dense: 4, activation: elu}, {pool: mean}", false, true),
    (
      "{cell: lstm, hidden: 6}, {pool: maximum}, {dense: 4, activation: gelu}, {dense: 3, activation: softplus}",
      false, true
    ),
    ("{cell: gru, hidden: 6, bidirectional: true}, {pool: attention, size: 3}", false, true),
    ("{cell: lstm, hidden: 6}, {pool: attention, size: 1, activation: linear}, {dense: 3}", false, true),
    ("{convolution: 6, width: 3}, {cell: lstm, hidden: 5}", true, true),
    (
      "{convolution: 6, width: 4, dilation: 2, padding: causal, activation: leaky-relu}, {cell: gru, hidden: 5}",
      true, true
    ),
    (
      "{convolution: 6, width: 4, stride: 2, padding: causal}, {cell: gru, hidden: 5}, {pool: last}", false,
      true
    ),
    (
      "{convolution: 6, width: 5, stride: 2, padding: valid}, {convolution: 3, width: 2, padding: valid}, {cell: gru, hidden: 5, bidirectional: true}, {pool: mean}",
      false, true
    ),
    (
      "{convolution: 6, width: 5, stride: 2, padding: same}, {cell: lstm, hidden: 4}, {pool: maximum}", false,
      false
    ),
    (
      "{convolution: 5, width: 3, residual: true, activation: tanh}, {cell: lstm, hidden: 5, highway: true}, {dense: 5, residual: true}",
      true, true
    ),
    (
      "{cell: lstm, hidden: 6, bidirectional: true, merge: sum}, {cell: gru, hidden: 6, residual: true}, {pool: last}",
      false, true
    ),
    (
      "{cell: lstm, hidden: 6, activation: relu, recurrent_activation: hard-sigmoid, bidirectional: true}",
      true, true
    ),
    (
      "{cell: gru, hidden: 6, activation: elu, recurrent_activation: hard-sigmoid-keras2}, {cell: rnn-tanh, hidden: 4, activation: leaky-relu}",
      true, true
    ),
    (
      "{cell: gru-reset-after, hidden: 6, activation: linear}, {cell: lstm, hidden: 4, activation: softplus}",
      true, true
    ),
    ("{pooling: maximum, width: 3}, {cell: gru, hidden: 5}", true, true),
    (
      "{pooling: mean, width: 4, stride: 2, padding: valid}, {normalization: layer, epsilon: 0.01}, {cell: lstm, hidden: 5}, {pool: last}",
      false, true
    ),
    (
      "{cell: gru, hidden: 6}, {pooling: maximum, width: 3, stride: 2, padding: valid}, {pooling: mean, width: 2, padding: causal}, {pool: mean}",
      false, true
    ),
    (
      "{pooling: mean, width: 3, stride: 2, padding: same}, {cell: lstm, hidden: 4}, {pool: last}", false,
      false
    ),
    (
      "{cell: slstm, hidden: 6, heads: 2, bidirectional: true, merge: product}, {cell: lru, hidden: 4}, {dense: 6, activation: gelu}",
      true, true
    ),
    (
      "{cell: min-gru, hidden: 6, bidirectional: true}, {cell: min-lstm, hidden: 4, backward: true}, {pool: last}",
      false, true
    ),
    (
      "{convolution: 6, width: 3, stride: 2, padding: causal}, {cell: indrnn, hidden: 6, residual: true, activation: tanh}, {pool: mean}",
      false, true
    ),
    (
      "{cell: lstm-peephole, hidden: 5, layer_normalization: true, bidirectional: true, merge: mean}, {pool: last}",
      false, true
    ),
    (
      "{cell: lstm-projection, hidden: 6, projection: 4, zoneout: 0.1, cell_zoneout: 0.3, highway: false}, {cell: gru, hidden: 4, zoneout: 0.2}",
      true, true
    ),
    (
      "{cell: lstm, hidden: 6, bidirectional: true}, {branches: [[{pool: mean}], [{pool: maximum}], [{pool: last}]]}, {dense: 4, activation: relu}",
      false, true
    ),
    (
      "{branches: [[{convolution: 5, width: 3, activation: relu}, {cell: gru, hidden: 4}], [], [{cell: lstm, hidden: 3, bidirectional: true}]]}, {normalization: layer}, {cell: rnn-tanh, hidden: 3}",
      true, true
    ),
    (
      "{cell: gru, hidden: 6}, {branches: [[], [{normalization: batch}, {dense: 5}, {cell: lstm, hidden: 6}]], merge: sum, residual: true}, {branches: [[{pool: attention, size: 3}], [{pool: last}, {dense: 6, residual: true}]], merge: product}, {dense: 3}",
      false, true
    ),
    (
      "{branches: [[{cell: lstm, hidden: 4, backward: true}, {pool: last}, {branches: [[{dense: 3}], [{dense: 3, activation: tanh}], [{dense: 3}]], merge: mean}], [{cell: gru, hidden: 3, bidirectional: true, merge: sum}, {pool: last}]], merge: mean}",
      false, true
    ),
  ]

  /// Graphs are computed by ONNX Runtime.
  @Test func graphsGiveTheSame() throws {
    let folder = try TemporaryFolder()
    var models: [WrittenBlocks] = []
    for (number, graph) in Self.graphs.enumerated() {
      for isRagged in [false, true] where graph.canBeRagged || !isRagged {
        let tokens = number % 3 == 2 ? 11 : nil
        let made = try BlockNetwork("[\(graph.blocks)]", tokens: tokens)
        let name = "\(number)-\(isRagged)"
        try WrittenBlocks.write(made, name, isRagged: isRagged, in: folder)
        try InterchangeFormat.onnx.write(
          made.network, options: ExportOptions(isRagged: isRagged), to: folder.file("\(name).onnx"),
          source: "test")
        models.append(
          WrittenBlocks(
            format: "onnx", file: "\(name).onnx", case: "\(name).case", ragged: isRagged,
            steps: graph.isEveryStep ? "every-step" : "last-step", tokens: tokens ?? 0))
      }
    }
    try WrittenBlocks.check(models, in: folder)
  }

  /// A graph of one step, called for every step with the states that it gave.
  @Test(arguments: [
    "{cell: lstm, hidden: 7}, {cell: gru, hidden: 4, residual: false}, {dense: 6, activation: relu}",
    "{cell: gru-reset-after, hidden: 5, residual: true}, {normalization: layer}, {cell: rnn-relu, hidden: 3}",
    "{cell: lstm-peephole, hidden: 6}, {cell: lstm, hidden: 6, highway: true}",
    "{cell: slstm, hidden: 6, heads: 3}, {cell: lru, hidden: 3}, {cell: min-lstm, hidden: 5}",
  ])
  func stepsGiveTheSame(_ blocks: String) throws {
    let folder = try TemporaryFolder()
    for tokens in [nil, 11] {
      let blocks = tokens == nil ? blocks : blocks.replacing("residual: true", with: "residual: false")
      let made = try BlockNetwork("[\(blocks)]", tokens: tokens)
      let name = tokens == nil ? "features" : "tokens"
      try WrittenBlocks.write(made, name, isRagged: false, in: folder)
      try InterchangeFormat.onnx.write(
        made.network, options: ExportOptions(isStreaming: true), to: folder.file("model.onnx"), source: "test"
      )
      try WrittenBlocks.check(
        [
          WrittenBlocks(
            format: "onnx-streaming", file: "model.onnx", case: "\(name).case", ragged: false,
            steps: "every-step",
            tokens: tokens ?? 0)
        ], in: folder)
    }
  }

  @Test(arguments: [
    ("{cell: lstm, hidden: 7}, {pool: last}", "'pool' reads whole sequences"),
    ("{cell: lstm, hidden: 7, backward: true}", "a layer reads backward"),
    (
      "{convolution: 3, width: 2, padding: causal}, {cell: lstm, hidden: 7}",
      "'convolution' reads several steps"
    ),
  ])
  func whatCannotBeSteppedIsRefused(blocks: String, complaint: String) throws {
    let network = try BlockNetwork("[\(blocks)]").network
    let error = #expect(throws: WeftError.self) {
      try InterchangeFormat.onnx.write(
        network, options: ExportOptions(isStreaming: true), to: "/dev/null", source: "test")
    }
    #expect(error?.message.contains(complaint) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [
    ("{cell: min-gru, hidden: 4}", "model.cell 'min-gru'"),
    ("{cell: lstm, hidden: 4, zoneout: 0.1}", "zoneout"),
    ("{cell: gru-reset-after, hidden: 4, layer_normalization: true}", "layer normalization of gates"),
    ("{cell: lstm, hidden: 4, activation: relu}", "lstm with the activations 'relu' and 'sigmoid'"),
  ])
  func layersWithoutModuleNeedAProgram(_ blocks: String, _ what: String) throws {
    let folder = try TemporaryFolder()
    let network = try BlockNetwork("[\(blocks)]").network
    let path = folder.file("m.safetensors")
    let error = #expect(throws: WeftError.self) {
      try InterchangeFormat.safetensors.write(network, to: path, source: "test")
    }
    #expect(
      error?.message
        == "test: \(what) has no module in torch.nn; add --module model.py, which defines it, or export to onnx"
    )
    #expect(!FileManager.default.fileExists(atPath: path))
    try InterchangeFormat.safetensors.write(
      network, options: ExportOptions(hasProgram: true), to: path, source: "test")
  }

  /// A scaling that no weights take is a dense layer, after which directions are not told apart.
  @Test(arguments: ["{normalization: batch}", "{normalization: batch}, {activation: relu}"])
  func finalStatesAreNotLost(_ blocks: String) throws {
    let both = "{cell: lstm, hidden: 5, bidirectional: true}"
    let made = try BlockNetwork("[\(both), \(blocks), {normalization: layer}, {pool: last}]")
    #expect(
      errorMessage { _ = try made.network }.contains("another normalization and 'pool: last' not at all"))
    let branched = try BlockNetwork("[\(both), \(blocks), {branches: [[{pool: last}], [{pool: mean}]]}]")
    #expect(!errorMessage { _ = try branched.network }.isEmpty)
    let other = try BlockNetwork("[\(both), \(blocks), {normalization: layer}, {pool: last-position}]")
    #expect(try other.network.blocks.last == .pool(.lastPosition))
  }

  /// Programs define what they call; `make interop` runs them.
  @Test func programsAreComplete() throws {
    let folder = try TemporaryFolder()
    for (number, graph) in Self.graphs.enumerated() {
      let network = try BlockNetwork("[\(graph.blocks)]").network
      try InterchangeFormat.safetensors.writeProgram(
        network, to: folder.file("\(number).py"), weights: folder.file("m.safetensors"))
    }
    let result = try Python.run(
      """
      import ast, builtins, glob
      for path in glob.glob("*.py"):
          tree = ast.parse(open(path).read())
          known = set(dir(builtins)) | {node.name for node in ast.walk(tree) if hasattr(node, "name")}
          known |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
          known |= {node.id for node in ast.walk(tree)
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
          for node in ast.walk(tree):
              if isinstance(node, (ast.Import, ast.ImportFrom)):
                  known |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
          called = {node.func.id for node in ast.walk(tree)
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
          assert called <= known, (path, called - known)
      """, in: folder.url)
    #expect(result.status == 0, "\(result.output)")
  }

  @Test func stridesOfRaggedBatchesAreRefusedWhereTheyDependOnLengths() throws {
    let network = try BlockNetwork(
      "[{convolution: 3, width: 2, stride: 2}, {cell: lstm, hidden: 7}, {pool: last}]"
    )
    .network
    let error = #expect(throws: WeftError.self) {
      try InterchangeFormat.onnx.write(
        network, options: ExportOptions(isRagged: true), to: "/dev/null", source: "test")
    }
    #expect(error?.message.contains("export without --ragged") == true)
  }
}

/// A model of blocks as `run_models.py` reads it.
struct WrittenBlocks: Encodable {
  var format: String
  var file: String
  var `case`: String
  var ragged: Bool
  var steps: String
  var tokens: Int

  /// Writes the inputs and Weft's outputs of a model.
  static func write(
    _ made: BlockNetwork, _ name: String, isRagged: Bool, padding: Float = 1, in folder: TemporaryFolder
  ) throws {
    let sequences = Sequences(for: try made.network, isRagged: isRagged)
    let file = try File(creating: folder.file("\(name).case"))
    try sequences.write(to: file, padding: padding, outputs: try made.outputs(sequences))
    try file.close()
  }

  /// Runs models in the programs that they were written for.
  static func check(_ models: [WrittenBlocks], in folder: TemporaryFolder, python: String = Python.path)
    throws
  {
    try JSONEncoder().encode(models).write(to: URL(filePath: folder.file("models.json")))
    let script = packageFolder.appending(path: "Tests/Interop/run_models.py")
    let result = try Python.run(
      "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')",
      script.path, folder.path, with: python)
    let last = result.output.split(separator: "\n").last.map(String.init) ?? ""
    let differences = (try? JSONDecoder().decode([Float?].self, from: Data(last.utf8))) ?? []
    try #require(differences.count == models.count, "\(result.output)")
    for (model, difference) in zip(models, differences) {
      #expect(
        difference ?? .infinity < InteropTests.tolerance, "\(model.format) \(model.file)\n\(result.output)")
    }
  }
}
