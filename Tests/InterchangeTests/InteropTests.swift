import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftConfiguration
@testable import WeftLayers
@testable import WeftModels

/// Networks of every kind through the real programs, in both directions; prints the maximum difference of each kind.
@Suite(
  .enabled(if: InteropPython.path != nil, "WEFT_INTEROP_PYTHON names no Python; 'make interop' sets one up"))
struct InteropTests {
  static let tolerance: Float = 1e-5
  /// A substring of the names of networks to test.
  private static let filter = ProcessInfo.processInfo.environment["WEFT_INTEROP_CASES"] ?? ""

  /// A written model, as read by `run_models.py`.
  private struct WrittenModel: Encodable {
    var format: String
    var file: String
    var `case`: String
    var ragged: Bool
    var cell: String
    var bidirectional: Bool
    var levels: Int
    var steps: String
    var tokens: Int
    var embedding = NetworkCase.embedding
    var features = NetworkCase.features
    var hidden = NetworkCase.hidden
    var projection = NetworkCase.projection
    var outputs = NetworkCase.outputs

    init(_ networkCase: NetworkCase, format: String, file: String, case: String, isRagged: Bool) {
      self.format = format
      self.file = file
      self.case = `case`
      ragged = isRagged
      cell = networkCase.cell.rawValue
      bidirectional = networkCase.isBidirectional
      levels = networkCase.levels
      steps = networkCase.steps.rawValue
      tokens = networkCase.readsTokens ? NetworkCase.tokens : 0
    }

    /// Keys of the list of differences.
    var kind: String {
      "| \(format) | \(cell) | \(bidirectional ? "both" : "forward") | \(levels) | \(steps) | \(ragged ? "ragged" : "equal") |"
    }
  }

  @Test func otherProgramsGiveWhatWeftGives() throws {
    let folder = try TemporaryFolder()
    var models: [WrittenModel] = []
    for networkCase in NetworkCase.all where networkCase.name.contains(Self.filter) || Self.filter.isEmpty {
      // Cells of Weft alone have tests of their own.
      guard InterchangeFormat.allCases.contains(where: { $0.holds(networkCase) }) else { continue }
      for isRagged in [false, true] {
        let network = networkCase.network
        let caseName = "\(networkCase.name)-\(isRagged ? "ragged" : "equal").case"
        let sequences = Sequences(for: network, isRagged: isRagged)
        let file = try File(creating: folder.file(caseName))
        // Padding that Keras masks; other programs take lengths.
        let padding: Float = networkCase.readsTokens ? Float(NetworkCase.tokens) : -1e9
        try sequences.write(to: file, padding: padding, outputs: network.outputs(sequences))
        try file.close()
        for format in InterchangeFormat.allCases where format.holds(networkCase) {
          let suffix =
            [.safetensors: "safetensors", .onnx: "onnx", .kerasWeights: "weights.h5"][format] ?? "h5"
          let name = "\(networkCase.name)-\(isRagged)-\(format).\(suffix)"
          let isTold = isRagged && ![.pytorch, .safetensors].contains(format)
          try format.write(
            network, options: ExportOptions(isRagged: isTold), to: folder.file(name), source: "network")
          models.append(
            WrittenModel(networkCase, format: format.rawValue, file: name, case: caseName, isRagged: isRagged)
          )
          if format == .keras {
            let archive = "\(networkCase.name)-\(isRagged).keras"
            try format.write(
              network, options: ExportOptions(isRagged: isTold), to: folder.file(archive), source: "network")
            models.append(
              WrittenModel(
                networkCase, format: format.rawValue, file: archive, case: caseName, isRagged: isRagged))
            models.append(
              WrittenModel(networkCase, format: "keras-2", file: name, case: caseName, isRagged: isRagged))
          }
        }
      }
    }
    try JSONEncoder().encode(models).write(to: URL(filePath: folder.file("models.json")))
    let result = try InteropPython.run("run_models.py", [folder.path])
    #expect(result.status == 0, "\(result.errors)")
    let differences = try JSONDecoder().decode([Float?].self, from: Data(result.output.utf8))
    try #require(differences.count == models.count)
    var failures = 0
    for (model, difference) in zip(models, differences) {
      print(model.kind, difference.map { String(format: "%.1e |", $0) } ?? "failed |")
      if difference ?? .infinity >= Self.tolerance { failures += 1 }
    }
    #expect(failures == 0, "\(result.errors)")
  }

  /// Models of blocks; Keras has stock layers for some.
  @Test func otherProgramsGiveWhatBlocksGive() throws {
    let folder = try TemporaryFolder()
    var models: [WrittenBlocks] = []
    var counts: [String: Int] = [:]
    for (number, graph) in BlockExportTests.graphs.enumerated() {
      for isRagged in [false, true] {
        let made = try BlockNetwork("[\(graph.blocks)]", tokens: number % 3 == 2 ? 11 : nil)
        let tokens = number % 3 == 2 ? 11 : 0
        let name = "\(number)-\(isRagged)"
        // Padding that Keras masks; other programs take lengths.
        try WrittenBlocks.write(made, name, isRagged: isRagged, padding: tokens > 0 ? 11 : -1e9, in: folder)
        let options = ExportOptions(isRagged: isRagged, hasProgram: true)
        for (format, suffix) in [
          (InterchangeFormat.keras, "h5"), (.keras, "keras"), (.safetensors, "safetensors"),
        ] {
          let file = "\(name).\(suffix)"
          do {
            try format.write(made.network, options: options, to: folder.file(file), source: "network")
          } catch {
            #expect("\(error)".contains("; export to "))
            continue
          }
          if format == .safetensors {
            try format.writeProgram(
              made.network, to: folder.file("\(name).py"), weights: folder.file(file))
          }
          let runners = ["h5": ["keras", "keras-2"], "keras": ["keras"]]
          for runner in runners[suffix] ?? ["torch-program"] {
            counts[runner, default: 0] += 1
            models.append(
              WrittenBlocks(
                format: runner, file: file, case: "\(name).case", ragged: isRagged,
                steps: graph.isEveryStep ? "every-step" : "last-step", tokens: tokens))
          }
        }
      }
    }
    print(counts)
    #expect(counts["torch-program"] ?? 0 > 20 && counts["keras"] ?? 0 > 15)
    try WrittenBlocks.check(models, in: folder, python: InteropPython.path ?? Python.path)
  }

  @Test func whatOtherProgramsWriteGivesTheSameInWeft() throws {
    let folder = try TemporaryFolder()
    let result = try InteropPython.run("make_models.py", [folder.path])
    #expect(result.status == 0, "\(result.errors)")
    let file = try File(opening: folder.file("expected.h5"))
    let names = try file.root.children.map(\.name)
    #expect(names.count > 150)
    for name in names {
      let difference = try ForeignModel(file.group(name), folder: folder.path).difference()
      print("| \(name) |", String(format: "%.1e |", difference))
      #expect(difference < Self.tolerance, "\(name)")
    }
  }

  /// Runs every Python block of the documentation on the files that it names.
  @Test func theDocumentationsLoadersWork() throws {
    let folder = try TemporaryFolder()
    let network = NetworkCase(cell: .lstm, levels: 2, readsTokens: true).network
    let sequences = Sequences(for: network, isRagged: false)
    let file = try File(creating: folder.file("case.h5"))
    try sequences.write(to: file, padding: 0, outputs: network.outputs(sequences))
    try file.close()
    for (format, name) in [
      (InterchangeFormat.keras, "shakespeare.h5"), (.kerasWeights, "shakespeare.weights.h5"),
      (.safetensors, "shakespeare.safetensors"), (.pytorch, "shakespeare-torch.h5"),
      (.onnx, "shakespeare.onnx"),
    ] { try format.write(network, to: folder.file(name), source: "network") }
    try InterchangeFormat.safetensors.writeProgram(
      network, to: folder.file("shakespeare.py"), weights: folder.file("shakespeare.safetensors"))
    try InterchangeFormat.onnx.write(
      network, options: ExportOptions(isStreaming: true), to: folder.file("shakespeare.streaming.onnx"),
      source: "network")
    let text = try String(contentsOf: packageFolder.appending(path: "docs/import-export.md"), encoding: .utf8)
    let blocks = text.matches(of: /(?ms)^```python\n(.*?)^```$/).map { String($0.1) }
    #expect(blocks.count == 7)
    for block in blocks {
      let script = folder.file("block.py")
      let before = """
        import os
        os.environ["KERAS_BACKEND"] = "numpy"
        import h5py, numpy
        with h5py.File("case.h5") as case:
            tokens, wanted = case["inputs"][()], case["outputs"][()].reshape(-1)

        """
      let after = """
        if "state" in globals():
            assert state["output.weight"].shape == (9, 7), state.keys()
        else:
            assert abs(numpy.asarray(outputs).reshape(-1) - wanted).max() < 1e-5

        """
      try Data((before + block + after).utf8).write(to: URL(filePath: script))
      let result = try InteropPython.run(script, [], in: URL(filePath: folder.path))
      #expect(result.status == 0, "\(block)\n\(result.errors)")
    }
  }
}

/// A model made by another program, with its outputs.
struct ForeignModel {
  let format: InterchangeFormat
  let path: String
  let hints: NetworkHints
  let sequences: Sequences
  let outputs: [Float]

  init(_ group: Group, folder: String) throws {
    let attributes = group.attributes
    format = try #require(InterchangeFormat(rawValue: try attributes.value("format", as: String.self)))
    path = "\(folder)/\(try attributes.value("file", as: String.self))"
    let blocks = try attributes.contains("blocks") ? attributes.value("blocks", as: String.self) : ""
    var hints = NetworkHints(
      cell: CellType(rawValue: try attributes.value("cell", as: String.self)),
      outputSteps: OutputSteps(rawValue: try attributes.value("steps", as: String.self)),
      blocks: blocks.isEmpty ? nil : try [BlockConfiguration](configurationText: blocks))
    func names(_ key: String) throws -> [String] {
      guard try attributes.contains(key) else { return [] }
      return try attributes.value(key, as: String.self).split { "[], ".contains($0) }.map(String.init)
    }
    hints.inputs = try names("data.inputs")
    (hints.staticInputs, hints.categories) = (try names("data.static"), try names("data.categories"))
    self.hints = hints
    sequences = try Sequences(in: group)
    outputs = try group.dataset("outputs").read(as: Float.self)
  }

  /// Difference between the outputs of Weft and of the program.
  func difference() throws -> Float {
    #expect(try InterchangeFormat(of: path) == format)
    let imported = try format.read(path, hints: hints)
    return maximumDifference(try imported.network.outputs(sequences), outputs)
  }
}
