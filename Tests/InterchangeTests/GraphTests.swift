import Foundation
import HDF5
import Interchange
import TestSupport
import Testing
import WeftBase

/// ONNX graphs whose layers branch off and join again, against PyTorch (`Fixtures/README.md`).
@Suite struct GraphTests {
  private static let fixtures = ForeignFixtures("graphs")

  @Test func allAreThere() { #expect(Self.fixtures.names.count >= 36) }

  @Test(arguments: fixtures.names)
  func givesTheSame(_ name: String) throws {
    #expect(try Self.fixtures.model(name).difference() < InteropTests.tolerance)
  }

  @Test(arguments: [
    ("residual", "lstm 6"), ("gate", "branches (input | dense 6)"),
    ("pool-two", "branches (pool mean | pool maximum)"),
    ("final-layers", "branches (pool last | lstm 6, pool last)"),
    ("side-by-side", "branches (lstm 6, pool last | convolution 6, pool maximum)"),
    ("strided", "convolution 6, pooling maximum, pooling maximum, pooling maximum, lstm 6, pool last"),
    ("text-attention", "pool attention, dense 12"),
  ])
  func blocksAreThoseOfTheLayers(_ name: String, _ blocks: String) throws {
    for ending in ["", "-old"] {
      let path = "\(Self.fixtures.folder)/\(name)\(ending).onnx"
      let run = try ImportedRun(InterchangeFormat.onnx.read(path), file: path)
      #expect(run.configuration.model.summary.contains(blocks), "\(run.configuration.model.summary)")
    }
  }

  @Test(arguments: [
    ("two-outputs", "come from different layers; export a network with one output"),
    (
      "cell-states",
      "its outputs are computed from the last states of cells, which Weft's networks do not give"
    ),
    ("other-weights", "operator Softmax '/Softmax': must be over the last axis, after a layer"),
    ("plain-sum", "operator ReduceSum '/ReduceSum': is supported for states times weights of steps"),
  ])
  func isRefused(_ name: String, _ complaint: String) throws {
    let path = "\(Self.fixtures.folder)/refused/\(name).onnx"
    let message = errorMessage { _ = try InterchangeFormat.onnx.read(path) }
    #expect(message.hasPrefix(path) && message.contains(complaint), "\(message)")
  }
}
