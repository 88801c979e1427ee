import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase

/// ONNX graphs with several inputs, repeated vectors and initial states, against PyTorch (`Fixtures/README.md`).
@Suite struct GraphInputTests {
  private static let fixtures = ForeignFixtures("graph-inputs")

  @Test func allAreThere() { #expect(Self.fixtures.names.count >= 82) }

  @Test(arguments: fixtures.names)
  func givesTheSame(_ name: String) throws {
    #expect(try Self.fixtures.model(name).difference() < InteropTests.tolerance)
  }

  @Test(arguments: [
    ("two-sequences", "[x, y]", "[]", "[]"), ("vector-first", "[x]", "[s]", "[]"),
    ("kind", "[words, x]", "[kind]", "[words, kind]"), ("tables-twice", "[]", "[]", "[]"),
    ("series-beside", "[x]", "[s]", "[]"),
  ])
  func inputsAreDatasets(
    _ name: String, _ inputs: String, _ statics: String, _ categories: String
  ) throws {
    for ending in ["", "-old"] {
      let path = "\(Self.fixtures.folder)/\(name)\(ending).onnx"
      let imported = try InterchangeFormat.onnx.read(path)
      let data = try ImportedRun(imported, file: path).configuration.data
      func text(_ names: [String]) -> String { "[\(names.joined(separator: ", "))]" }
      #expect(text(data.inputs) == inputs && text(data.staticInputs) == statics)
      #expect(text(data.categories) == categories)
      #expect(inputs == "[]" || imported.notes.contains { $0.hasPrefix("its inputs are the datasets '") })
    }
  }

  @Test(arguments: [
    ("vector-after", "branches (lstm 6, pool last | pool last, dense 3)"),
    ("cells", "branches (input | lstm 6), branches (convolution 12 | convolution 6), lstm 6, pool last"),
    ("second-first", "lstm, 6 units"), ("vector-gate", "branches (lstm 6 | dense 6)"),
    ("channels-flat", "convolution 4, convolution 6, pool last"), ("list", "convolution 6, pool last"),
    ("branches-alone", "branches (convolution 4, pool maximum | pool last, dense 3)"),
    ("forecast", "backward gru 7, dense 6, lstm 4, lstm 4, convolution 6, pool last"),
  ])
  func blocksAreThoseOfTheLayers(_ name: String, _ blocks: String) throws {
    let path = "\(Self.fixtures.folder)/\(name).onnx"
    let run = try ImportedRun(InterchangeFormat.onnx.read(path), file: path)
    #expect(run.configuration.model.summary.contains(blocks), "\(run.configuration.model.summary)")
  }

  @Test(arguments: [
    ("initial-vector", "operator LSTM '/a/LSTM': initial_h is an external input"),
    ("other-steps", "its input 'y' has 4 steps, and 'x' has 9 steps; Weft reads one sequence"),
    ("repeated-backward", "reads backward a vector that is repeated at fewer steps"),
    ("repeated-final", "computed from the final states of a vector repeated at fewer steps"),
    ("repeated-flat", "operator Flatten '/Flatten': reads the steps of a vector that is repeated at fewer"),
    ("repeated-last", "reads the steps of a vector that is repeated at fewer"),
    ("repeated-long", "repeats a final state at 12 steps of sequences of 9"),
    ("repeated-mean", "reads the steps of a vector that is repeated at fewer"),
    (
      "steps-then-layer",
      "operator LSTM '/d/LSTM': reads some steps of a sequence; Weft takes these at the end only"
    ),
    ("steps-then-mean", "reads some steps of a sequence; Weft takes these at the end only"),
    ("vector-other-steps", "repeats a vector at 4 steps beside sequences of 9"),
  ])
  func isRefused(_ name: String, _ complaint: String) throws {
    let path = "\(Self.fixtures.folder)/refused/\(name).onnx"
    let message = errorMessage { _ = try InterchangeFormat.onnx.read(path) }
    #expect(message.hasPrefix(path) && message.contains(complaint), "\(message)")
  }
}
