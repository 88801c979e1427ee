import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks

/// Missing inputs of files written by h5py, replaced as numpy would.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct MissingInputsTests {
  private static let nan = Float.nan

  /// A ragged dataset of two sequences of 3 and 2 steps of two features; 9 is missing.
  private static func ragged(_ folder: TemporaryFolder, type: String = "f4") throws -> Configuration {
    let program = """
      import h5py, numpy as np
      x = np.array([[1, np.nan], [np.nan, 4], [np.nan, 6], [np.nan, 8], [5, np.nan]], "\(type)")
      with h5py.File("data.h5", "w") as f:
          f["train/inputs"] = x; f["train/offsets"] = [0, 3, 5]; f["train/targets"] = [0, 1]
      """
    let result = try Python.run(program, in: folder.url)
    #expect(result.status == 0, "\(result.output)")
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.model.output = .lastStep
    configuration.training.batch = 2
    return configuration
  }

  private static func inputs(_ configuration: Configuration) throws -> FeatureArray {
    let source = try DatasetFile(configuration).batches(split: "train", shuffles: false)
    return try #require(source.batch(epoch: 0, index: 0).inputs.features)
  }

  // The means are 3 and 6.
  @Test(
    arguments: [
      (MissingInputs.zero, [1, 0, 0, 4, 0, 6, 0, 8, 5, 0] as [Float]),
      (.mean, [1, 6, 3, 4, 3, 6, 3, 8, 5, 6]),
      (.forward, [1, 6, 1, 4, 1, 6, 3, 8, 5, 8]),
      (
        .mask,
        [1, 6, 0, 1, 3, 4, 1, 0, 3, 6, 1, 0, 3, 8, 1, 0, 5, 6, 0, 1]
      ),
    ], ["f4", "f8"])
  func areReplaced(_ wanted: (way: MissingInputs, values: [Float]), type: String) throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.ragged(folder, type: type)
    configuration.data.missingInputs = wanted.way
    let inputs = try Self.inputs(configuration)
    #expect(inputs.values == wanted.values)
    #expect(inputs.width == (wanted.way == .mask ? 4 : 2))
    // Standardized, the mean is 0, and marks stay marks.
    configuration.data.standardizes = true
    let scaled = try Self.inputs(configuration).values
    if wanted.way == .mask { #expect(scaled[1] == 0 && scaled[3] == 1 && scaled[4] == 0 && scaled[6] == 1) }
    if wanted.way == .mean { #expect(scaled[1] == 0 && scaled[2] == 0) }
  }

  @Test func areAnErrorUnlessTold() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.ragged(folder)
    let error = #expect(throws: WeftError.self) { try Self.inputs(configuration) }
    #expect(error?.message.contains("dataset /train/inputs: nan at 0 is not finite") == true)
    #expect(error?.message.contains("data.missing_inputs") == true, "\(error?.message ?? "")")
  }

  /// A window begins with the latest value before it, in its own series.
  @Test func forwardLooksBackBeyondWindows() throws {
    let folder = try TemporaryFolder()
    let program = """
      import h5py, numpy as np
      x = np.arange(400, dtype="f4").reshape(-1, 1); x[101:350] = np.nan
      with h5py.File("data.h5", "w") as f:
          f["train/inputs"] = x; f["train/targets"] = np.arange(400) % 2
      """
    #expect(try Python.run(program, in: folder.url).status == 0)
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.data.window = 50
    configuration.data.missingInputs = .forward
    configuration.training.batch = 1
    let source = try DatasetFile(configuration).batches(split: "train", shuffles: false)
    let window = try #require(source.batch(epoch: 0, index: 6).inputs.features).values
    #expect(window == [Float](repeating: 100, count: 50))
  }

  @Test func missingStepsAtTheEndArePadding() throws {
    let folder = try TemporaryFolder()
    let program = """
      import h5py, numpy as np
      x = np.arange(60, dtype="f4").reshape(5, 6, 2)
      for row, length in enumerate([6, 3, 1, 4, 6]): x[row, length:] = np.nan
      with h5py.File("data.h5", "w") as f:
          f.create_dataset("train/inputs", data=x, chunks=(2, 4, 2), compression="gzip")
          f["train/targets"] = np.arange(5) % 2
      """
    #expect(try Python.run(program, in: folder.url).status == 0)
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.model.output = .lastStep
    configuration.training.batch = 5
    let dataset = try DatasetFile(configuration)
    let batch = try dataset.batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
    #expect(batch.lengths == [6, 6, 4, 3, 1])
    #expect(batch.inputs.features?.values.allSatisfy { $0.isFinite } == true)
    let summary = try dataset.summary(split: "train")
    #expect(
      summary.contains("5 sequences of 1 to 6 steps (padded with missing values) of 2 features"), "\(summary)"
    )
  }

  /// Steps at the end that one input lacks are no padding where another has them; whole numbers beside it tell nothing.
  @Test(
    arguments: [
      ("np.full((5, 6, 1), 7.0)", [6, 6, 6, 6, 6]), ("x[:, :, :1].copy()", [6, 6, 4, 3, 1]),
      ("np.zeros((5, 6, 1), 'i4')", [6, 6, 4, 3, 1]),
    ] as [(String, [Int])])
  func paddingIsThatOfAllInputs(_ other: String, _ lengths: [Int]) throws {
    let folder = try TemporaryFolder()
    let program = """
      import h5py, numpy as np
      x = np.arange(60, dtype="f4").reshape(5, 6, 2)
      for row, length in enumerate([6, 3, 1, 4, 6]): x[row, length:] = np.nan
      with h5py.File("data.h5", "w") as f:
          f["train/x"] = x; f["train/z"] = \(other); f["train/targets"] = np.arange(5) % 2
      """
    #expect(try Python.run(program, in: folder.url).status == 0)
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.data.inputs = ["x", "z"]
    configuration.data.missingInputs = .zero
    configuration.model.output = .lastStep
    configuration.training.batch = 5
    let dataset = try DatasetFile(configuration)
    let batch = try dataset.batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
    #expect(batch.lengths == lengths)
  }
}
