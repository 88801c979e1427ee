import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks

/// What files of published formats say of the scale of their numbers: applied where a convention says how, and otherwise told.
/// The numbers are those of h5py, scaled as the formats define it.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct PublishedScaleTests {
  private static func configuration(
    _ program: String, inputs: String, targets: String? = "/y", in folder: TemporaryFolder
  ) throws -> Configuration {
    let before = """
      import h5py, numpy as np
      x = (np.arange(10 * 4 * 2).reshape(10, 4, 2) * 37 % 101 - 50).astype("i2"); y = np.arange(10) % 2
      f = h5py.File("data.h5", "w"); f["y"] = y

      """
    let result = try Python.run(before + program + "\nf.close()", in: folder.url)
    #expect(result.status == 0, "\(result.output)")
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.data.inputs = [inputs]
    configuration.data.targets = targets
    configuration.model.output = .lastStep
    configuration.training.batch = 10
    return configuration
  }

  /// The time series of Neurodata Without Borders: volts are data x conversion + offset.
  @Test func conversionsOfNWBAreApplied() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(
      """
      d = f.create_dataset("acquisition/eeg/data", data=x)
      d.attrs["conversion"] = np.float32(0.25); d.attrs["offset"] = np.float32(3); d.attrs["unit"] = "volts"
      d.attrs["resolution"] = np.float32(-1)
      np.savetxt("expected.txt", (d[...] * 0.25 + 3).ravel())
      """, inputs: "/acquisition/eeg/data", in: folder)
    let dataset = try DatasetFile(configuration)
    let summary = try dataset.summary(split: "train")
    #expect(summary.contains("/acquisition/eeg/data: times 0.25, plus 3.0"), "\(summary)")
    #expect(!summary.contains("not applied"), "\(summary)")
    let batch = try dataset.batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
    let expected = try String(contentsOfFile: folder.file("expected.txt"), encoding: .utf8)
      .split(separator: "\n").compactMap { Float($0) }
    #expect(try #require(batch.inputs.features).values == expected)
  }

  @Test(arguments: [
    (
      "d = f.create_dataset('x', data=x); d.attrs['ScaleFactor'] = [0.01]; d.attrs['Offset'] = [3.0]"
        + "; d.attrs['MissingValue'] = np.array([-30000], 'i2')",
      "/x", "/x: MissingValue -30000, Offset 3, ScaleFactor 0.01 are not applied"
    ),
    (
      "d = f.create_dataset('x', data=x); d.attrs['Slope'] = np.float32(0.5); d.attrs['Error_DN'] = np.uint16(65535)",
      "/x", "/x: Error_DN 65535, Slope 0.5 are not applied"
    ),
    (
      "d = f.create_dataset('x', data=x); d.attrs['gain'] = 0.0488; d.attrs['physical_max'] = 100.0",
      "/x", "/x: gain 0.0488, physical_max 100 are not applied"
    ),
    (
      "f['dataset1/data1/data'] = x; w = f.create_group('dataset1/data1/what'); w.attrs['gain'] = 0.5"
        + "; w.attrs['offset'] = -32.0; w.attrs['nodata'] = 255.0; w.attrs['quantity'] = np.bytes_('DBZH')",
      "/dataset1/data1/data", "what/gain 0.5, what/nodata 255, what/offset -32 are not applied"
    ),
    (
      "f['read_1/Raw/Signal'] = x; c = f.create_group('read_1/channel_id'); c.attrs['digitisation'] = 8192.0",
      "/read_1/Raw/Signal", "channel_id (offset, range, digitisation) is not applied"
    ),
    (
      "d = f.create_dataset('a/data', data=x); d.attrs['conversion'] = 2.0; d.attrs['unit'] = 'volts'"
        + "; f['a/channel_conversion'] = np.array([1.0, 2.0])",
      "/a/data", "channel_conversion (a factor of each channel) is not applied"
    ),
  ])
  func otherScalesAreTold(_ program: String, _ inputs: String, _ note: String) throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(program, inputs: inputs, in: folder)
    let summary = try DatasetFile(configuration).summary(split: "train")
    #expect(summary.contains(note), "\(summary)")
  }

  /// What changes nothing needs no word.
  @Test(arguments: [
    "d = f.create_dataset('x', data=x); d.attrs['scale'] = 1.0; d.attrs['offset'] = 0; d.attrs['units'] = 'm'",
    "d = f.create_dataset('x', data=x); d.attrs['_FillValue'] = np.int16(-999); d.attrs['MissingValue'] = np.int16(-999)",
  ])
  func scalesThatChangeNothingAreNotTold(_ program: String) throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(program, inputs: "/x", in: folder)
    #expect(try !DatasetFile(configuration).summary(split: "train").contains("not applied"))
  }

  @Test(arguments: [
    (
      "g = f.create_group('X'); g.attrs['shape'] = [20, 8]; g['data'] = np.ones(30); g['indices'] = np.arange(30)"
        + "; g['indptr'] = np.arange(21)",
      "/X/data",
      "/X/data: is part of the sparse matrix /X of 20 x 8; name the group /X as the input of weft data hdf5"
    ),
    (
      "g = f.create_group('matrix'); g['shape'] = [8, 20]; g['data'] = np.ones(30); g['indices'] = np.arange(30)"
        + "; g['indptr'] = np.arange(21)",
      "/matrix/data",
      "/matrix/data: is part of the sparse matrix /matrix of 8 x 20; name the group /matrix as the input"
    ),
    (
      "g = f.create_group('S'); g.attrs['MATLAB_sparse'] = np.uint64(5); g['data'] = np.ones(5); g['ir'] = np.arange(5)"
        + "; g['jc'] = np.arange(6)",
      "/S/data",
      "/S/data: is part of the sparse matrix /S of MATLAB; name the group /S as the input of weft data hdf5"
    ),
  ])
  func sparseMatricesAreNoArrays(_ program: String, _ inputs: String, _ message: String) throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.configuration(program, inputs: inputs, targets: nil, in: folder)
    configuration.data.window = 4
    configuration.loss.kind = .squaredError
    configuration.model.output = .everyStep
    let error = #expect(throws: WeftError.self) { try DatasetFile(configuration).summary(split: "train") }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  /// Sequences that were padded with zeros before they were saved.
  @Test func paddingWithZerosIsTold() throws {
    let folder = try TemporaryFolder()
    let program = """
      z = np.ones((10, 8, 2), "f4")
      for i in range(10): z[i, i % 6 + 1:] = 0
      f["x"] = z; f["w"] = z[:, ::-1]; f["whole"] = np.ones((10, 8, 2), "f4")
      f["sizes"] = np.arange(10) % 6 + 1
      """
    var configuration = try Self.configuration(program, inputs: "/x", in: folder)
    func summary() throws -> String { try DatasetFile(configuration).summary(split: "train") }
    let after = try summary()
    #expect(after.contains("/x: 10 of 10 sequences looked at end with steps that are 0"), "\(after)")
    configuration.data.lengths = "/sizes"
    #expect(try !summary().contains("steps that are 0"))
    // Its number gives lengths, too.
    (configuration.data.lengths, configuration.data.padding) = (nil, 0)
    let padded = try DatasetFile(configuration)
    let batch = try padded.batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
    #expect(batch.lengths.sorted() == (0..<10).map { $0 % 6 + 1 }.sorted())
    #expect(try summary().contains("1 to 6 steps (padded with 0)"))
    configuration.data.inputs = ["/w"]
    let error = #expect(throws: WeftError.self) { try summary() }
    #expect(
      error?.message.contains("/w: 10 of 10 sequences looked at begin with steps of 0 (data.padding)") == true
    )
    configuration.data.padding = nil
    #expect(try summary().contains("/w: 10 of 10 sequences looked at begin with steps that are 0"))
    configuration.data.inputs = ["/whole"]
    #expect(try !summary().contains("steps that are 0"))
  }

  /// Token numbers of Keras's datasets, which nothing tells from quantities.
  @Test(arguments: [
    ("i4", 300, true), ("i8", 9, true), ("u1", 200, false), ("f4", 300, false), ("i4", 1, false),
  ])
  func numbersThatMayBeTokensAreTold(_ type: String, _ greatest: Int, _ isTold: Bool) throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.configuration(
      "f['x'] = (np.arange(80).reshape(10, 8) % (\(greatest) + 1)).astype('\(type)')", inputs: "/x",
      in: folder)
    configuration.data.format = .dense
    let note = "/x: whole numbers up to \(min(greatest, 79)) in what was looked at, read as quantities"
    let summary = try DatasetFile(configuration).summary(split: "train")
    #expect(summary.contains(note) == isTold, "\(summary)")
    configuration.data.vocabularySize = 301
    if type != "f4" {
      #expect(try !DatasetFile(configuration).summary(split: "train").contains("quantities"))
    }
  }

  /// 255 is no class, but what segmentation ignores.
  @Test(arguments: [("255", true), ("3", false)]) func outlyingClassesAreTold(_ last: String, _ isTold: Bool)
    throws
  {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(
      "f['x'] = x; del f['y']; f['y'] = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, \(last)], 'u1')", inputs: "/x",
      in: folder)
    let summary = try DatasetFile(configuration).summary(split: "train")
    let note = "/y: its class \(last) is far above all others that were looked at (up to 2)"
    #expect(summary.contains(note) == isTold, "\(summary)")
  }

  /// Marks of missing values that nothing declares; declared ones are missing, and numbers near others are numbers.
  @Test(arguments: [
    ("z[3, 1, 0] = -9999", true), ("z[3, 1, 0] = 9.969209968386869e36", true), ("z[3, 1, 0] = -99", false),
    ("z[3, 1, 0] = -9999; f['x'] = z; f['x'].attrs['_FillValue'] = -9999.0", false),
  ])
  func marksOfMissingValuesAreTold(_ change: String, _ isTold: Bool) throws {
    let folder = try TemporaryFolder()
    let end = change.contains("f['x']") ? "" : "; f['x'] = z"
    var configuration = try Self.configuration(
      "z = x.astype('f8'); \(change)\(end)", inputs: "/x", in: folder)
    configuration.data.missingInputs = .zero
    let summary = try DatasetFile(configuration).summary(split: "train")
    #expect(summary.contains("far from all others (-50 to 50)") == isTold, "\(summary)")
  }

  /// What is both inputs and targets is told once.
  @Test func notesAreGivenOnce() throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.configuration(
      "f['x'] = 1.5e9 + np.arange(40.0)[:, None]", inputs: "/x", targets: "/x", in: folder)
    (configuration.data.context, configuration.data.horizon) = (4, 2)
    configuration.loss.kind = .squaredError
    configuration.model.output = .everyStep
    let summary = try DatasetFile(configuration).summary(split: "train")
    #expect(summary.components(separatedBy: "keeps fewer than three digits").count == 2, "\(summary)")
  }
}
