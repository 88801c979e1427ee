import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase

/// Architectures that people write, of Keras 2 and 3, PyTorch and its ONNX exporters, with the outputs of these programs
/// (`Fixtures/README.md`).
@Suite struct ForeignArchitectureTests {
  static let folder = "\(Bundle.module.bundlePath)/Fixtures/architectures"

  /// Groups of the files with expected outputs, as `keras3.h5/nested-h5`.
  static func names() -> [String] {
    ["keras2.h5", "keras3.h5", "tf2onnx.h5", "torch.h5"].flatMap { file in
      ((try? File(opening: "\(folder)/\(file)").root.children.map(\.name)) ?? []).map { "\(file)/\($0)" }
    }
  }

  @Test func allAreThere() { #expect(Self.names().count >= 100) }

  @Test(arguments: names())
  func givesTheSame(_ name: String) throws {
    let parts = name.split(separator: "/").map(String.init)
    let model = try ForeignModel(
      File(opening: "\(Self.folder)/\(parts[0])").group(parts[1]), folder: Self.folder)
    #expect(try model.difference() < InteropTests.tolerance)
    // What is read is a run, with all that a configuration needs.
    _ = try ImportedRun(model.format.read(model.path, hints: model.hints), file: model.path)
  }

  /// Dropout in a branch, of the inputs of its first layer too.
  @Test func dropoutStaysInBranches() throws {
    let path = "\(Bundle.module.bundlePath)/Fixtures/inputs/caption-7.keras"
    let run = try ImportedRun(InterchangeFormat.keras.read(path), file: path)
    let block = try #require(run.configuration.model.blocks.first)
    #expect(block.branches.map { $0.first?.dropout } == [0.5, 0.5])
    #expect(block.branches.map { $0.dropFirst().map(\.dropout) }.joined().allSatisfy { $0 == nil })
  }

  /// A run trains on as the model did: with its loss, optimizer and dropout rates.
  @Test(arguments: ["keras2-trained.h5", "keras2-trained.keras", "keras3-trained.h5", "keras3-trained.keras"])
  func trainsOn(_ name: String) throws {
    let path = "\(Self.folder)/\(name)"
    let imported = try InterchangeFormat.keras.read(path)
    let configuration = try ImportedRun(imported, file: path).configuration
    #expect(configuration.loss.kind == .absoluteError)
    // Archives of Keras 3 need not tell the optimizer.
    if name != "keras3-trained.keras" {
      #expect(configuration.optimizer.kind == .rmsprop)
      #expect(configuration.optimizer.learningRate == 0.002 && configuration.optimizer.decay == 0.95)
    }
    #expect(configuration.model.blocks.map(\.dropout) == [nil, 0.3, 0.2])
    #expect(configuration.model.blocks.map(\.recurrentDropout) == [0.1, nil, nil])
    // What the user sets is kept.
    let overrides = ["optimizer.learning_rate=0.5", "loss.kind=squared-error"]
    let set = try ImportedRun(imported, overrides: overrides, file: path).configuration
    #expect(set.optimizer.learningRate == 0.5 && set.loss.kind == .squaredError)
  }

  /// A state dictionary of several linear layers is refused with the option that names them.
  @Test func layersAreSuggested() throws {
    let message = errorMessage {
      _ = try InterchangeFormat.pytorch.read("\(Self.folder)/torch-convolution-7.pt")
    }
    #expect(
      message.contains(
        "--set 'model.blocks=[{convolution: 6, width: 3, padding: same, activation: relu}, {cell: lstm, hidden: 7},"
          + " {pool: last}]'"), "\(message)")
  }
}
