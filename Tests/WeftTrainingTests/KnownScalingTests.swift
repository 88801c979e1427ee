import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftTasks
@testable import WeftTraining

/// What a checkpoint knows of its data is not computed again.
@Suite struct KnownScalingTests {
  private static func write(_ values: [Float], to path: String) throws {
    try? FileManager.default.removeItem(atPath: path)
    let file = try File(creating: path)
    for split in ["train", "validation"] { try file.write("\(split)/inputs", values) }
    try file.close()
  }

  private static func configuration(_ path: String) -> Configuration {
    var configuration = Configuration()
    configuration.data.file = path
    configuration.data.standardizes = true
    (configuration.data.context, configuration.data.horizon) = (6, 2)
    configuration.loss.kind = .squaredError
    configuration.model.cell = .gru
    configuration.model.hidden = 3
    configuration.model.output = .lastStep
    configuration.training.batch = 4
    configuration.training.steps = 4
    return configuration
  }

  @Test(arguments: [1, 3]) func resumingReadsNothingTwice(threads: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    let values = (0..<200).map { Float($0 % 7) + Float($0) / 10 }
    try Self.write(values, to: path)
    var configuration = Self.configuration(path)
    var told: [DataProgress] = []
    func trainer(resume: Bool, _ changed: Bool = false) throws -> Trainer {
      told = []
      return try Trainer(
        configuration, output: folder.file("run"), threads: threads, resume: resume,
        acceptsChangedData: changed,
        onPreparation: { told.append($0) })
    }
    // A trainer holds its folder while it lives.
    func run(resume: Bool, _ changed: Bool = false) throws -> Scaling {
      let trainer = try trainer(resume: resume, changed)
      try trainer.run()
      return trainer.loop.dataset.traits.scaling
    }
    let scaling = try run(resume: false)
    #expect(told.last == DataProgress(task: "scaling", done: 200, total: 200))
    configuration.training.steps = 8
    #expect(try run(resume: true) == scaling)
    #expect(told.isEmpty)
    let model = try TrainedModel(folder.file("run"))
    #expect(model.traits.scaling == scaling)
    // Other data are refused, or scaled by their own values.
    try Self.write(values.map { $0 * 2 }, to: path)
    configuration.training.steps = 12
    #expect(throws: WeftError.self) { try run(resume: true) }
    let other = try #require(try run(resume: true, true).inputs)
    #expect(told.last?.done == 200)
    #expect(other.means == scaling.inputs?.means.map { $0 * 2 })
  }
}
