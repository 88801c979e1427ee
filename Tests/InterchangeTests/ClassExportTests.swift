import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase

/// Output layers of classes in clusters, and of classes that depend on each other, in ONNX Runtime.
@Suite(.enabled(if: Python.has("onnx", "onnxruntime", "h5py"), Python.missing))
struct ClassExportTests {
  private static let clusters = ["model.adaptive_cutoffs=[3, 6]"]
  private static let field = ["model.crf=true"]

  @Test(arguments: [clusters, field])
  func outputsAreThoseOfWeft(_ overrides: [String]) throws {
    let folder = try TemporaryFolder()
    var models: [WrittenBlocks] = []
    for (number, blocks) in ["[{cell: lstm, hidden: 16}]", "[{cell: gru, hidden: 7}, {pool: last}]"]
      .enumerated()
    {
      let isEveryStep = number == 0
      if !isEveryStep, overrides == Self.field { continue }
      let made = try BlockNetwork(blocks, tokens: 11, outputs: 11, overrides: overrides)
      for kind in ["equal", "ragged", "steps"]
      where kind != "steps" || (isEveryStep && overrides == Self.clusters) {
        let name = "\(number)-\(kind)"
        try WrittenBlocks.write(made, name, isRagged: kind == "ragged", in: folder)
        try InterchangeFormat.onnx.write(
          made.network, options: ExportOptions(isRagged: kind == "ragged", isStreaming: kind == "steps"),
          to: folder.file("\(name).onnx"), source: "test")
        models.append(
          WrittenBlocks(
            format: kind == "steps" ? "onnx-streaming" : "onnx", file: "\(name).onnx", case: "\(name).case",
            ragged: kind == "ragged", steps: isEveryStep ? "every-step" : "last-step", tokens: 11))
      }
    }
    try WrittenBlocks.check(models, in: folder)
  }

  /// Of one step and of several, of rows of one length and of several.
  @Test func classesAreThoseOfTheBestPath() throws {
    let folder = try TemporaryFolder()
    let made = try BlockNetwork(
      "[{cell: lstm, hidden: 6, bidirectional: true}]", overrides: Self.field, bound: 2)
    for isRagged in [false, true] {
      try InterchangeFormat.onnx.write(
        made.network, options: ExportOptions(isRagged: isRagged),
        to: folder.file(isRagged ? "ragged.onnx" : "equal.onnx"), source: "test")
    }
    let result = try Python.run(
      #"""
      import numpy, onnx, onnxruntime
      random = numpy.random.default_rng(4)
      weights = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in onnx.load("equal.onnx").graph.initializer}
      between, first, last = (weights[name] for name in ("transitions", "first_transitions", "last_transitions"))
      assert abs(between).max() > 1

      def best(scores):
          total, places = first + scores[0], []
          for row in scores[1:]:
              places.append((total[:, None] + between).argmax(0))
              total = (total[:, None] + between).max(0) + row
          path = [(total + last).argmax()]
          for place in reversed(places):
              path.append(place[path[-1]])
          return path[::-1]

      changed = 0
      for name, steps, lengths in ("equal", 1, None), ("equal", 9, None), ("ragged", 9, [9, 4, 1, 2, 9, 7]):
          feeds = {"inputs": random.normal(size=(6, steps, 5)).astype("float32")}
          if lengths:
              feeds["lengths"] = numpy.array(lengths, "int32")
          outputs, classes = onnxruntime.InferenceSession(f"{name}.onnx").run(["outputs", "classes"], feeds)
          for scores, found, length in zip(outputs, classes, lengths or [steps] * 6):
              assert found[:length].tolist() == best(scores[:length]), (name, steps, length)
              changed += (found[:length] != scores[:length].argmax(-1)).sum()
      assert changed > 10, changed
      """#, in: URL(filePath: folder.path))
    #expect(result.status == 0, "\(result.output)")
  }

  @Test(arguments: [clusters, field])
  func otherFormatsAreRefused(_ overrides: [String]) throws {
    let folder = try TemporaryFolder()
    let network = try BlockNetwork("[{cell: lstm, hidden: 6}]", outputs: 11, overrides: overrides).network
    for format in InterchangeFormat.allCases where format != .onnx {
      let message = errorMessage {
        try format.write(network, to: folder.file("model.\(format)"), source: "run")
      }
      #expect(message.contains("cannot be represented in \(format.rawValue); export to onnx"), "\(message)")
    }
    let message = errorMessage {
      let options = ExportOptions(isStreaming: true)
      try InterchangeFormat.onnx.write(network, options: options, to: folder.file("m.onnx"), source: "run")
    }
    #expect(overrides == Self.clusters ? message.isEmpty : message.contains("'crf' scores whole sequences"))
  }
}

/// The same in the programs that have such layers.
@Suite(
  .enabled(if: InteropPython.path != nil, "WEFT_INTEROP_PYTHON names no Python; 'make interop' sets one up"))
struct ClassInteropTests {
  @Test func clustersAreThoseOfPyTorch() throws {
    let folder = try TemporaryFolder()
    let network = try BlockNetwork(
      "[{dense: 16, activation: tanh}]", outputs: 11, overrides: ["model.adaptive_cutoffs=[3, 6]"]
    ).network
    try InterchangeFormat.onnx.write(network, to: folder.file("model.onnx"), source: "test")
    let script = folder.file("check.py")
    try Data(
      #"""
      import numpy, onnx, onnxruntime, torch
      weights = {tensor.name: torch.tensor(onnx.numpy_helper.to_array(tensor))
                 for tensor in onnx.load("model.onnx").graph.initializer}
      matrix = next(value for value in weights.values() if value.shape == (5, 16))
      bias = next(value for value in weights.values() if value.shape == (16,))
      inputs = numpy.random.default_rng(3).normal(size=(3, 4, 5)).astype("float32")
      layer = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 11, [3, 6], div_value=4)
      layer.load_state_dict({"head.weight": weights["output_head"].T} | {
          f"tail.{number}.{place}.weight": weights[f"output_cluster{number}_{name}"].T
          for number in range(2) for place, name in enumerate(["projection", "weights"])})
      with torch.no_grad():
          wanted = layer.log_prob(torch.tanh(torch.tensor(inputs) @ matrix + bias).reshape(-1, 16))
      found = onnxruntime.InferenceSession("model.onnx").run(["outputs"], {"inputs": inputs})[0]
      assert abs(found.reshape(-1, 11) - wanted.numpy()).max() < 1e-5
      """#.utf8
    ).write(to: URL(filePath: script))
    let result = try InteropPython.run(script, [], in: URL(filePath: folder.path))
    #expect(result.status == 0, "\(result.errors)")
  }

  /// A network of PyTorch with tokens and numbers, through Weft to Keras.
  @Test func categoriesAreInputsOfKeras() throws {
    let folder = try TemporaryFolder()
    let fixtures = "\(Bundle.module.bundlePath)/Fixtures/graph-inputs"
    let network = try InterchangeFormat.onnx.read("\(fixtures)/tokens-numbers.onnx").network
    for name in ["model.keras", "model.h5"] {
      try InterchangeFormat.keras.write(network, to: folder.file(name), source: "test")
    }
    let script = folder.file("check.py")
    try Data(
      #"""
      import os, sys
      os.environ["KERAS_BACKEND"] = "numpy"
      import h5py, keras
      with h5py.File(sys.argv[1]) as file:
          columns, wanted = file["tokens-numbers/inputs"][()], file["tokens-numbers/outputs"][()].reshape(-1)
      values = {"words": columns[..., 0].astype("int32"), "inputs": columns[..., 1:]}
      for name in ["model.keras", "model.h5"]:
          network = keras.models.load_model(name)
          names = [value.name for value in network.inputs]
          assert sorted(names) == sorted(values), names
          found = network.predict([values[name] for name in names], verbose=0)
          assert abs(found.reshape(-1) - wanted).max() < 1e-5
      """#.utf8
    ).write(to: URL(filePath: script))
    let result = try InteropPython.run(script, ["\(fixtures)/expected.h5"], in: URL(filePath: folder.path))
    #expect(result.status == 0, "\(result.errors)")
  }
}
