import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase

/// Files written by Keras 2 and 3, PyTorch and its ONNX exporter, with the outputs of these programs
/// (`Fixtures/README.md`).
@Suite struct ForeignModelTests {
  static let folder = "\(Bundle.module.bundlePath)/Fixtures/models"
  static let expected = "\(folder)/expected.h5"

  static func names() -> [String] {
    (try? File(opening: expected).root.children.map(\.name)) ?? []
  }

  @Test func allAreThere() { #expect(Self.names().count >= 20) }

  @Test(arguments: names())
  func givesTheSame(_ name: String) throws {
    let file = try File(opening: Self.expected)
    #expect(try ForeignModel(file.group(name), folder: Self.folder).difference() < InteropTests.tolerance)
  }

  /// Keras opens its own files, so files of Weft must have the same layout.
  @Test(arguments: names().filter { $0.hasPrefix("keras3-") })
  func isWrittenAsKerasWroteIt(_ name: String) throws {
    let folder = try TemporaryFolder()
    let file = try File(opening: Self.expected)
    let model = try ForeignModel(file.group(name), folder: Self.folder)
    let network = try model.format.read(model.path, hints: model.hints).network
    let path = folder.file("model.h5")
    try model.format.write(network, to: path, source: "network")
    let (ours, theirs) = (try Self.weights(path), try Self.weights(model.path))
    #expect(ours.map(\.count) == theirs.map(\.count))
    // Weft stores the sum of this cell's two biases where possible.
    if !name.contains("reset-after") { #expect(ours == theirs) }
  }

  /// Every array by the index of its layer among those with weights, and its index there.
  private static func weights(_ path: String) throws -> [[Float]] {
    let file = try File(opening: path)
    guard try file.contains("model_weights") else {
      var arrays: [(String, [Float])] = []
      try file.root.visit { visit in
        guard visit.child.isDataset else { return }
        arrays.append((visit.child.path, try file.dataset(visit.child.path).read(as: Float.self)))
      }
      return arrays.sorted { $0.0 < $1.0 }.map(\.1)
    }
    let group = try file.group("model_weights")
    return try group.attributes.values("layer_names", as: String.self).flatMap { name in
      let layer = try group.group(name)
      if try layer.children.isEmpty { return [] as [[Float]] }
      return try layer.attributes.values("weight_names", as: String.self).map {
        try layer.dataset($0).read(as: Float.self)
      }
    }
  }

  /// The test vectors of ONNX operators that Weft supports.
  @Test(arguments: VectorTests.names())
  func vectorsOfONNX(_ name: String) throws { try VectorTests.check(name) }
}

/// The test vectors of the operators RNN, GRU and LSTM in the onnx package.
enum VectorTests {
  private static let path = "\(Bundle.module.bundlePath)/Fixtures/onnx_vectors.h5"

  static func names() -> [String] { (try? File(opening: path).root.children.map(\.name)) ?? [] }

  static func check(_ name: String) throws {
    let group = try File(opening: path).group(name)
    let folder = try TemporaryFolder()
    let model = folder.file("model.onnx")
    try Data(group.dataset("model").read(as: UInt8.self)).write(to: URL(filePath: model))
    var weights: [String: ONNXTensor] = [:]
    var inputs = ONNXTensor(shape: [], values: [])
    for child in try group.group("inputs").children {
      let dataset = try group.dataset("inputs/\(child.name)")
      let tensor = ONNXTensor(shape: try dataset.shape, values: try dataset.read(as: Double.self))
      if child.name == "X" {
        inputs = tensor
      } else if child.name != "sequence_lens" {
        weights[child.name] = tensor
      }
    }
    let network = try ONNXModel(reading: model).network(weights: weights, file: "model.onnx").network
    let isBatchFirst = name.contains("batchwise")
    let (rows, steps) = isBatchFirst ? (inputs.shape[0], inputs.shape[1]) : (inputs.shape[1], inputs.shape[0])
    let width = inputs.shape[2]
    var lengths = [Int](repeating: steps, count: rows)
    if try group.contains("inputs/sequence_lens") {
      lengths = try group.dataset("inputs/sequence_lens").read(as: Int.self)
    }
    func step(_ row: Int, _ step: Int) -> ArraySlice<Double> {
      let place = isBatchFirst ? row * steps + step : step * rows + row
      return inputs.values[(place * width)..<((place + 1) * width)]
    }
    // Weft's minibatches have the longest rows first.
    let order = lengths.indices.sorted { lengths[$0] > lengths[$1] }
    var sequences = Sequences(for: network, isRagged: false)
    sequences.lengths = order.map { lengths[$0] }
    sequences.inputs = .features(
      order.flatMap { row in (0..<lengths[row]).flatMap { step(row, $0).map { Float($0) } } }, width: width)
    let found = try network.outputs(sequences)

    let output = network.outputSteps == .everyStep ? "Y" : "Y_h"
    let wanted = try group.dataset("outputs/\(output)").read(as: Float.self)
    let hidden = network.levels[0][0].hidden
    let directions = network.levels[0].count
    var expected: [Float] = []
    for row in order {
      let wantedSteps = network.outputSteps == .everyStep ? lengths[row] : 1
      for step in 0..<wantedSteps {
        for direction in 0..<directions {
          // Y [time, directions, batch, hidden], Y_h without time; of layout 1 with batch first.
          let place: Int =
            switch (network.outputSteps == .everyStep, isBatchFirst) {
            case (true, false): (step * directions + direction) * rows + row
            case (true, true): (row * steps + step) * directions + direction
            case (false, false): direction * rows + row
            case (false, true): row * directions + direction
            }
          expected += wanted[(place * hidden)..<((place + 1) * hidden)]
        }
      }
    }
    #expect(maximumDifference(found, expected) < InteropTests.tolerance)
  }
}
