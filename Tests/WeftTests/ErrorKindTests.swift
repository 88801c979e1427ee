import Foundation
import TestSupport
import Testing
import Weft

/// What programs can tell from an error.
@Suite struct ErrorKindTests {
  private static func kind(_ body: () throws -> Void) -> WeftError.Kind? {
    #expect(throws: WeftError.self, performing: body)?.kind
  }

  @Test func settings() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("train.yaml")
    try "model: {cell: gru, hidden: 0}".write(toFile: file, atomically: true, encoding: .utf8)
    #expect(Self.kind { _ = try Configuration(file: file) } == .configuration)
    #expect(Self.kind { _ = try Configuration(file: file, overrides: ["model.hiden=3"]) } == .usage)
    #expect(Self.kind { _ = try Configuration(file: folder.file("absent.yaml")) } == .file)
  }

  @Test func data() throws {
    #expect(
      Self.kind {
        _ = try Weft.Dataset(sequences: [[1, .nan]], features: 1, targets: .classes([0], names: []))
      } == .usage)
    let folder = try TemporaryFolder()
    var configuration = InMemoryTests.configuration
    configuration.data.file = folder.file("absent.h5")
    #expect(Self.kind { _ = try Trainer(configuration, output: folder.file("run")) } == .file)
    try "no HDF5".write(toFile: folder.file("text.h5"), atomically: true, encoding: .utf8)
    configuration.data.file = folder.file("text.h5")
    #expect(Self.kind { _ = try Trainer(configuration, output: folder.file("run")) } == .data)
  }

  @Test func models() throws {
    let folder = try TemporaryFolder()
    var configuration = InMemoryTests.configuration
    configuration.training.steps = 2
    let run = folder.file("run")
    let data = try InMemoryTests.ramps(40, seed: 1)
    _ = try Trainer(configuration, data: data, validation: data, output: run).run()
    #expect(Self.kind { _ = try Forecaster(run) } == .model)
    #expect(Self.kind { _ = try Classifier(folder.file("absent")) } == .file)
    configuration.optimizer.kind = .sgd
    configuration.optimizer.learningRate = 3e38
    configuration.training.steps = 20
    #expect(
      Self.kind {
        _ = try Trainer(configuration, data: data, validation: data, output: folder.file("other")).run()
      } == .divergence)
  }
}
