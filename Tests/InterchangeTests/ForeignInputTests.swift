import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftConfiguration
@testable import WeftLayers

/// Keras models with several inputs, with the outputs of Keras (`Fixtures/README.md`).
@Suite struct ForeignInputTests {
  private static let fixtures = ForeignFixtures("inputs")

  @Test func allAreThere() { #expect(Self.fixtures.names.count >= 35) }

  @Test(arguments: fixtures.names)
  func givesTheSame(_ name: String) throws {
    let group = try Self.fixtures.group(name)
    let model = try ForeignModel(group, folder: Self.fixtures.folder)
    let imported = try InterchangeFormat.keras.read(model.path)
    var outputs = try imported.network.outputs(model.sequences)
    switch imported.network.activation {
    case .none: break
    case .sigmoid: outputs = outputs.map { 1 / (1 + exp(-$0)) }
    case .softmax: outputs = Self.softmax(outputs, of: imported.network.outputSize)
    }
    #expect(maximumDifference(outputs, model.outputs) < InteropTests.tolerance)
  }

  /// What is read is a run that names the datasets of all inputs.
  @Test(arguments: fixtures.names)
  func namesDatasets(_ name: String) throws {
    let group = try Self.fixtures.group(name)
    let imported = try InterchangeFormat.keras.read("\(Self.fixtures.folder)/\(name)")
    let data = try ImportedRun(imported, file: name).configuration.data
    let inputs = try group.group("datasets").children.map(\.name)
    if inputs.count == 1 {
      #expect(data.inputs.isEmpty && imported.network.embedding != nil)
      return
    }
    #expect(Set(data.inputs + data.staticInputs) == Set(inputs))
    for input in inputs {
      let dataset = try group.dataset("datasets/\(input)")
      let isInteger = if case .integer = dataset.datatype { true } else { false }
      #expect(data.categories.contains(input) == isInteger)
      if try dataset.shape.count == 3 { #expect(data.inputs.contains(input)) }
    }
  }

  @Test func othersCanBeNamed() throws {
    let imported = try InterchangeFormat.keras.read("\(Self.fixtures.folder)/caption-7.keras")
    let data = try ImportedRun(
      imported, overrides: ["data.inputs=/x", "data.static=/y"], file: "file"
    ).configuration.data
    #expect(data.inputs == ["/x"] && data.staticInputs == ["/y"] && data.categories == ["/x"])
    let message = errorMessage { _ = try ImportedRun(imported, overrides: ["data.inputs=/x"], file: "file") }
    #expect(message.contains("its inputs are words of each step and image of each sequence"), "\(message)")
  }

  @Test(arguments: [
    ("other-steps", "its input 'second' has 5 steps, and 'first' has 9 steps; Weft reads one"),
    (
      "vector-read-as-steps",
      "its input 'series' has any number of steps, and 'item' has one step; Weft reads one"
    ),
    ("no-sequence", "none of its inputs is a sequence"),
    ("tokens-and-numbers", "layer 'words': is read as numbers and by 'embedding"),
    ("starts-from-vector", "layer 'read': its initial state is the output of 'start'"),
    ("repeated-otherwise", "layer 'repeat': repeats 4 steps beside sequences of 9"),
  ])
  func isRefused(_ name: String, _ complaint: String) throws {
    let path = "\(Self.fixtures.folder)/refused/\(name).keras"
    let message = errorMessage { _ = try InterchangeFormat.keras.read(path) }
    #expect(message.contains(complaint) && message.hasPrefix(path), "\(message)")
  }

  private static func softmax(_ outputs: [Float], of count: Int) -> [Float] {
    stride(from: 0, to: outputs.count, by: count).flatMap { start in
      let row = outputs[start..<start + count]
      let highest = row.max() ?? 0
      let powers = row.map { exp($0 - highest) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }
}
