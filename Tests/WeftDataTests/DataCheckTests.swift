import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks

/// A check of all data finds what is wrong, where h5py put it.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct DataCheckTests {
  private static func make(_ program: String, in folder: TemporaryFolder) throws -> Configuration {
    let result = try Python.run("import h5py, numpy as np\n" + program, in: folder.url)
    #expect(result.status == 0, "\(result.output)")
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.model.output = .lastStep
    return configuration
  }

  private static func faults(_ configuration: Configuration) throws -> [String] {
    let data = try CheckedData(DatasetFile(configuration), splits: ["train"])
    return data.faults(threads: 2) { _ in }.map(\.text)
  }

  @Test func placesAreTold() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      x = np.zeros((1000, 2), "f4"); x[731, 1] = np.nan; x[900, 0] = np.inf; x[901, 0] = -np.inf
      y = np.zeros(100, "i4"); y[77] = 9; y[78] = -5; y[5] = -1
      with h5py.File("data.h5", "w") as f:
          f["classes"] = ["a", "b"]
          f.create_dataset("train/inputs", data=x, chunks=(64, 2), compression="gzip")
          f["train/offsets"] = np.arange(0, 1001, 10); f["train/targets"] = y
      """, in: folder)
    #expect(
      try Self.faults(configuration) == [
        "dataset /train/inputs: infinite value, 2 times: sequence 90, step 0, feature 0; sequence 90, step 1, feature 0",
        "dataset /train/inputs: missing value (NaN), once: sequence 73, step 1, feature 1",
        "dataset /train/targets: class not between 0 and 1, 2 times: sequence 77; sequence 78",
      ])
  }

  @Test func paddingIsNoFault() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      x = np.ones((4, 5, 3), "f8"); x[2, 3:] = np.nan; x[3, 1, 2] = 1e300
      with h5py.File("data.h5", "w") as f:
          f["train/inputs"] = x; f["train/lengths"] = [5, 5, 3, 2]; f["train/targets"] = [0, 1, 0, 1]
      """, in: folder)
    #expect(
      try Self.faults(configuration) == [
        "dataset /train/inputs: value beyond single precision, once: sequence 3, step 1, feature 2"
      ])
  }

  @Test func tokensOutsideTheVocabularyAreTold() throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      tokens = np.zeros(5000, "u2"); tokens[[17, 18, 19, 4000]] = 7
      with h5py.File("data.h5", "w") as f:
          f["vocabulary"] = ["a", "b"]; f["train/tokens"] = tokens
      """, in: folder)
    configuration.data.window = 10
    configuration.model.output = .everyStep
    #expect(
      try Self.faults(configuration) == [
        "dataset /train/tokens: token not between 0 and 1, 4 times: step 17; step 18; step 19; …"
      ])
  }

  /// A chunk is overwritten in the file.
  @Test func damagedChunksAreTold() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      x = np.random.default_rng(1).normal(size=(400, 2))
      with h5py.File("data.h5", "w") as f:
          d = f.create_dataset("train/inputs", data=x, chunks=(100, 2), compression="gzip")
          f["train/offsets"] = np.arange(0, 401, 10); f["train/targets"] = np.arange(40) % 2
          place = d.id.get_chunk_info(2)
      with open("data.h5", "r+b") as f:
          f.seek(place.byte_offset + 8); f.write(b"\\xff" * 64)
      """, in: folder)
    #expect(
      try Self.faults(configuration) == [
        "dataset /train/inputs: damaged: the data is damaged: cannot be decompressed, once: chunk at [200, 0]"
      ])
  }

  /// Blocks that are known to be good are not read again, and a fault is an error with its place.
  @Test func inTheBackground() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      x = np.zeros((1000, 2), "f4"); x[731, 1] = np.nan
      with h5py.File("data.h5", "w") as f:
          f.create_dataset("train/inputs", data=x, chunks=(100, 2))
          f["train/offsets"] = np.arange(0, 1001, 10); f["train/targets"] = np.arange(100) % 2
      """, in: folder)
    let dataset = try DatasetFile(configuration)
    func run(after known: Int) -> BackgroundCheck {
      let check = BackgroundCheck(after: known) { try CheckedData(dataset, splits: ["train"]) }
      check.start()
      let end = ContinuousClock.now + .seconds(60)
      while check.failure == nil, check.checked < 11, ContinuousClock.now < end { usleep(1000) }
      check.stop()
      return check
    }
    let check = run(after: 0)
    #expect(check.checked == 7)
    #expect(
      check.failure?.message
        == "\(folder.file("data.h5")): dataset /train/inputs: missing value (NaN), once: sequence"
        + " 73, step 1, feature 1")
    let rest = run(after: 8)
    #expect(rest.checked == 11 && rest.failure == nil)
  }
}
