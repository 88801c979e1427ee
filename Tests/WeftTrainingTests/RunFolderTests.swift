import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftModels
@testable import WeftTasks
@testable import WeftTensor
@testable import WeftTraining

/// Checkpoints in a run's folder, and resuming from them.
@Suite struct RunFolderTests {
  /// A folder with checkpoints of these steps.
  private static func folder(_ steps: [Int]) throws -> (TemporaryFolder, RunFolder) {
    let folder = try TemporaryFolder()
    let run = RunFolder(folder.path)
    for step in steps { try CheckpointTests.sample(step: step).write(to: run.checkpoint(step: step)) }
    return (folder, run)
  }

  /// Truncates a file to its first half.
  private static func damage(_ path: String) throws {
    let bytes = try Data(contentsOf: URL(filePath: path))
    try bytes.prefix(bytes.count / 2).write(to: URL(filePath: path))
  }

  @Test func namesSortByStep() throws {
    let (folder, run) = try Self.folder([5, 1_234_567_890, 40])
    #expect(run.checkpoint(step: 5) == folder.file("checkpoint-000000005.h5"))
    #expect(run.checkpoint(step: 1_234_567_890) == folder.file("checkpoint-1234567890.h5"))
    #expect(run.checkpointSteps == [1_234_567_890, 40, 5])
    try Data().write(to: URL(filePath: folder.file("checkpoint-x.h5")))
    try Data().write(to: URL(filePath: folder.file("checkpoint-000000050.h5.partial")))
    #expect(run.checkpointSteps == [1_234_567_890, 40, 5])
  }

  @Test func damagedCheckpointsAreSkippedAndTold() throws {
    let (folder, run) = try Self.folder([1, 2, 3, 4])
    try Self.damage(run.checkpoint(step: 4))
    try Data("text".utf8).write(to: URL(filePath: run.checkpoint(step: 3)))
    var told: [String] = []
    let (path, checkpoint) = try run.newestCheckpoint { told.append($0) }
    #expect(path == run.checkpoint(step: 2))
    #expect(checkpoint.state.step == 2)
    #expect(told.count == 2)
    #expect(told[0].hasPrefix("\(run.checkpoint(step: 4)): cannot open: the file is truncated: "))
    #expect(told[1] == "\(run.checkpoint(step: 3)): cannot open: not an HDF5 file")

    for step in [1, 2] { try Self.damage(run.checkpoint(step: step)) }
    told = []
    let error = #expect(throws: WeftError.self) { try run.newestCheckpoint { told.append($0) } }
    #expect(
      error?.message
        == "\(folder.path): contains no readable checkpoint (\(told.joined(separator: "; "))); to start"
        + " over, name another --output"
    )
    #expect(told.count == 4)

    try CheckpointTests.sample(step: 2).write(to: run.best)
    #expect(try run.newestCheckpoint { _ in }.path == run.best, "the best is better than nothing")
  }

  /// A run resumed before damaged checkpoints must not treat them as the newest and remove intact ones.
  @Test func pruningCountsNoLaterCheckpoints() throws {
    let (folder, run) = try Self.folder([1, 2, 3, 8, 9])
    run.prune(keep: 2, upTo: 3)
    #expect(run.checkpointSteps == [9, 8, 3, 2])
    withExtendedLifetime(folder) {}
  }

  @Test func pruningKeepsTheNewestAndTheBest() throws {
    let (folder, run) = try Self.folder([1, 2, 3, 4, 5])
    try Data("best".utf8).write(to: URL(filePath: run.best))
    run.prune(keep: 2, upTo: 5)
    #expect(run.checkpointSteps == [5, 4])
    run.prune(keep: 9, upTo: 5)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "best.h5", "checkpoint-000000004.h5", "checkpoint-000000005.h5",
      ])
  }

  @Test func leftoversOfWritesThatWereCutOffGo() throws {
    let (folder, run) = try Self.folder([1])
    for name in ["checkpoint-000000002.h5.partial", "configuration.yaml.partial", "partial"] {
      try Data().write(to: URL(filePath: folder.file(name)))
    }
    run.removePartialFiles()
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "checkpoint-000000001.h5", "partial",
      ])
  }

  /// Such as a page that another process writes into the folder when the run starts.
  @Test func filesThatAreBeingWrittenStay() throws {
    let (folder, run) = try Self.folder([1])
    let page = try OutputFile(folder.file("report.html"), isNamed: true)
    run.removePartialFiles()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
    try page.publish()
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "checkpoint-000000001.h5", "report.html",
      ])
  }

  @Test func aPathMeansTheBestCheckpointOfItsRun() throws {
    let (folder, run) = try Self.folder([1, 2])
    #expect(try RunFolder.checkpointPath(folder.path) == run.checkpoint(step: 2))
    #expect(try RunFolder.checkpointPath(run.checkpoint(step: 1)) == run.checkpoint(step: 1))
    try CheckpointTests.sample().write(to: run.best)
    #expect(try RunFolder.checkpointPath(folder.path) == run.best)
    let empty = try TemporaryFolder()
    #expect(throws: WeftError.model("\(empty.path): contains no checkpoint; is it a run's folder?")) {
      try RunFolder.checkpointPath(empty.path)
    }
    #expect(throws: WeftError.file("\(empty.file("x")): no such file or folder")) {
      try RunFolder.checkpointPath(empty.file("x"))
    }
  }

  @Test func aFolderThatCannotBeMadeIsOneLine() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(filePath: folder.file("file")))
    let path = folder.file("file/run")
    #expect(throws: WeftError.file("\(path): cannot be created: Not a directory")) {
      try RunFolder(path).create()
    }
  }

  @Test func aParameterThatDoesNotFitIsNamed() throws {
    let configuration = ModelConfiguration()
    let model = SequenceModel(configuration, shape: ModelShape(input: .features(3), outputs: 2))
    let flat = Tensor(rows: 1, columns: model.layout.count)
    let full = model.layout.arrays(of: flat, group: "weights")
    func restore(_ arrays: [String: Checkpoint.Array]) throws(WeftError) {
      let checkpoint = Checkpoint(
        configuration: Configuration(), shape: model.shape, vocabulary: nil, state: TrainingState(),
        arrays: arrays)
      try checkpoint.restore("weights", into: flat, layout: model.layout, file: "a.h5")
    }
    try restore(full)
    var changed = full
    changed["weights/output/weights"] = Checkpoint.Array(values: [1, 2, 3, 4], shape: [2, 2])
    #expect(
      throws: WeftError.model(
        "a.h5: dataset /weights/output/weights: has the shape [2, 2]; the model's is [128, 2]")
    ) { try restore(changed) }
    changed["weights/output/weights"] = nil
    #expect(throws: WeftError.model("a.h5: dataset /weights/output/weights: is missing")) {
      try restore(changed)
    }
  }
}

/// Checkpoints are readable by h5py as documented.
@Suite struct CheckpointPythonTests {
  @Test(.enabled(if: Python.has("h5py"), Python.missing))
  func threeLinesReadWeights() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try CheckpointTests.sample()
    try checkpoint.write(to: folder.file("best.h5"))
    let (status, output) = try Python.run(
      """
      import h5py
      with h5py.File("\(folder.file("best.h5"))") as file:
          weights = file["weights/output/weights"][:]
          print(weights.shape, weights.dtype, [float(value) for value in weights.flat])
          print(file.attrs["step"], file.attrs["weft_format"].decode(), file["configuration"][:].tobytes().decode())
          print([str(token) for token in file["vocabulary"].asstr()])
      """)
    #expect(status == 0)
    let values = checkpoint.arrays["weights/output/weights"]?.values.map { Double($0) } ?? []
    #expect(output.hasPrefix("(5, 7) float32 \(values)\n"))
    #expect(output.contains("12 checkpoint data:\n"))
    #expect(output.contains("['', ' ', '\\n', 'é', "))
  }
}
