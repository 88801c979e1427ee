import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks
@testable import WeftTraining

/// Values that are not there, and values that mean something else than they are: what h5py writes, against what it reads.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct StorageTests {
  /// Runs a program that writes `data.h5`, with a dataset `x` of 40 rows of 3 values in `train` unless it says otherwise.
  private static func make(_ program: String, in folder: TemporaryFolder) throws -> Configuration {
    let before = """
      import os, h5py, numpy as np
      values = np.arange(120, dtype="f4").reshape(40, 3)
      y = np.arange(40) % 2

      """
    let result = try Python.run(before + program, in: folder.url)
    #expect(result.status == 0, "\(result.output)")
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.data.inputs = ["x"]
    configuration.data.targets = "y"
    configuration.model.outputSize = 2
    configuration.data.format = .stream
    configuration.data.window = 40
    configuration.training.batch = 1
    return configuration
  }

  private static func inputs(_ configuration: Configuration) throws -> [Float] {
    let source = try DatasetFile(configuration).batches(split: "train", shuffles: false)
    return try #require(source.batch(epoch: 0, index: 0).inputs.features).values
  }

  @Test(arguments: [
    (
      """
      with h5py.File("source.h5", "w") as f: f["v"] = values
      layout = h5py.VirtualLayout((40, 3), "f4")
      layout[:] = h5py.VirtualSource("source.h5", "v", (40, 3))
      with h5py.File("data.h5", "w") as f:
          f.create_virtual_dataset("train/x", layout); f["train/y"] = y
      os.remove("source.h5")
      """, "its source file 'source.h5' is missing"
    ),
    (
      """
      with h5py.File("source.h5", "w") as f: f["w"] = values
      layout = h5py.VirtualLayout((40, 3), "f4")
      layout[:] = h5py.VirtualSource("source.h5", "v", (40, 3))
      with h5py.File("data.h5", "w") as f:
          f.create_virtual_dataset("train/x", layout); f["train/y"] = y
      """, "its source dataset 'v' is missing"
    ),
    (
      """
      with h5py.File("source.h5", "w") as f: f.create_dataset("v", data=values, chunks=(10, 3))
      damaged = bytearray(open("source.h5", "rb").read())
      size = damaged.index(bytes([0x11, 0x20, 0x1f, 0, 4, 0, 0, 0])) + 4  # of a float32
      damaged[size:size + 4] = (65535).to_bytes(4, "little")
      open("source.h5", "wb").write(damaged)
      layout = h5py.VirtualLayout((40, 3), "f4")
      layout[:] = h5py.VirtualSource("source.h5", "v", (40, 3))
      with h5py.File("data.h5", "w") as f:
          f.create_virtual_dataset("train/x", layout); f["train/y"] = y
      """, "/v: cannot read: its 4 chunks of 1966050 bytes take 480 bytes in the file"
    ),
    (
      """
      with h5py.File("source.h5", "w") as f: f["v"] = values[:30]
      layout = h5py.VirtualLayout((40, 3), "f4")
      layout[:30] = h5py.VirtualSource("source.h5", "v", (30, 3))
      with h5py.File("data.h5", "w") as f:
          f.create_virtual_dataset("train/x", layout); f["train/y"] = y
      """, "30 of 120 values have no source and would be read as zeros"
    ),
    (
      """
      with h5py.File("data.h5", "w") as f:
          x = f.create_dataset("train/x", (40, 3), "f4", chunks=(10, 3)); x[:30] = values[:30]; f["train/y"] = y
      """, "1 of 4 chunks were never written and would be read as zeros"
    ),
    (
      """
      with h5py.File("data.h5", "w") as f:
          f.create_dataset("train/x", (40, 3), "f4"); f["train/y"] = y
      """, "it was never written and would be read as zeros"
    ),
    (
      """
      with h5py.File("data.h5", "w") as f:
          f["train/x"] = values; f.create_dataset("train/y", (40,), "i4", chunks=(20,))[:20] = y[:20]
      """, "/train/y: cannot read all of it: 1 of 2 chunks were never written"
    ),
    (
      """
      with h5py.File("data.h5", "w") as f:
          f["train/x"] = h5py.ExternalLink("other.h5", "/v"); f["train/y"] = y
      """, "data.h5"
    ),
  ])
  func whatIsMissingIsToldBeforeTraining(program: String, complaint: String) throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(program, in: folder)
    let error = #expect(throws: WeftError.self) { try Self.inputs(configuration) }
    #expect(error?.message.contains(complaint) == true, "\(error?.message ?? "")")
  }

  @Test func fillValuesOfTheUserAreData() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          x = f.create_dataset("train/x", (40, 3), "f4", chunks=(10, 3), fillvalue=7); x[:30] = values[:30]
          f["train/y"] = y
      """, in: folder)
    let values = try Self.inputs(configuration)
    let written: [Float] = (0..<90).map { Float($0) }
    #expect(Array(values[..<90]) == written && values[90...].allSatisfy { $0 == 7 })
  }

  /// The attributes of NetCDF, as its own library would apply them.
  @Test func packedNumbersAreUnpacked() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          x = f.create_dataset("train/x", data=np.arange(120, dtype="i2").reshape(40, 3))
          x.attrs["scale_factor"] = np.float32(0.5); x.attrs["add_offset"] = np.array([273.25])
          x.attrs["_FillValue"] = np.int16(-32767)
          f["train/y"] = y
      """, in: folder)
    let unpacked: [Float] = (0..<120).map { Float($0) * 0.5 + 273.25 }
    #expect(try Self.inputs(configuration) == unpacked)
    let summary = try DatasetFile(configuration).summary(split: "train")
    let text =
      "\(folder.file("data.h5")): a stream of 40 steps of 3 features; targets: one of 2 classes at each step;"
      + " /train/x: missing values -32767.0, times 0.5, plus 273.25"
    #expect(summary == text)
    // Scaling is measured over what the numbers mean.
    var standardized = configuration
    standardized.data.standardizes = true
    let means = try #require(DatasetFile(standardized).traits.scaling.inputs).means
    let wanted: [Float] = (0..<3).map { (58.5 + Float($0)) * 0.5 + 273.25 }
    #expect(means == wanted)
  }

  @Test(arguments: ["_FillValue", "missing_value"])
  func missingValuesOfNetCDFAreNoNumbers(attribute: String) throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      values[4, 1] = -999
      with h5py.File("data.h5", "w") as f:
          f["train/x"] = values; f["train/x"].attrs["\(attribute)"] = np.float32(-999); f["train/y"] = y
      """, in: folder)
    let error = #expect(throws: WeftError.self) { try Self.inputs(configuration) }
    #expect(
      error?.message.contains("dataset /train/x: the value at 4 is missing, by its attribute _FillValue")
        == true,
      "\(error?.message ?? "")")
  }

  @Test func attributesThatAreNoNumbersAreRefused() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          f["train/x"] = values; f["train/x"].attrs["scale_factor"] = "big"; f["train/y"] = y
      """, in: folder)
    let error = #expect(throws: WeftError.self) { try Self.inputs(configuration) }
    #expect(
      error?.message.contains("attribute 'scale_factor' is not a number") == true, "\(error?.message ?? "")")
  }

  @Test func inputsThatAreTheTargetsAreRefused() throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      with h5py.File("data.h5", "w") as f: f["train/x"] = values
      """, in: folder)
    configuration.data.targets = "x"
    configuration.loss.kind = .squaredError
    configuration.model.outputSize = nil
    let error = #expect(throws: WeftError.self) { try Self.inputs(configuration) }
    #expect(
      error?.message.contains("is input and target at once (data.targets)") == true, "\(error?.message ?? "")"
    )
    (configuration.data.horizon, configuration.data.context, configuration.data.window) = (2, 4, nil)
    #expect(try Self.inputs(configuration).count > 0)
  }

  /// Times since 1970 have steps of 128 seconds in single precision: their mean is subtracted before.
  @Test(arguments: ["f8", "i8"]) func offsetsAreSubtractedInDoublePrecision(type: String) throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      times = 1_700_000_000 + np.arange(40) * 60
      x = np.stack([np.arange(40), times, times - 1_700_000_000], 1).astype("\(type)")
      with h5py.File("data.h5", "w") as f:
          f["train/x"] = x; f["train/y"] = y
      wanted = ((x - x.mean(0)) / x.std(0)).astype("f4"); wanted.tofile("wanted.bin")
      """, in: folder)
    configuration.data.standardizes = true
    let wanted = try Data(contentsOf: URL(filePath: folder.file("wanted.bin"))).withUnsafeBytes {
      Array($0.bindMemory(to: Float.self))
    }
    let values = try Self.inputs(configuration)
    #expect(values.count == wanted.count && zip(values, wanted).allSatisfy { abs($0 - $1) < 1e-6 })
    let summary = try DatasetFile(configuration).summary(split: "train")
    #expect(!summary.contains("digits"), "\(summary)")
    // As they are, they have lost them.
    configuration.data.standardizes = false
    let lost = try DatasetFile(configuration).summary(split: "train")
    #expect(lost.contains("/train/x: feature 1 keeps fewer than three digits in single precision"), "\(lost)")
    #expect(lost.contains("set data.standardize"))
    #expect(!lost.contains("feature 0") && !lost.contains("feature 2"))
  }

  @Test func offsetsSurviveCheckpoints() throws {
    let scale = FeatureScale(offsets: [Double(Float(1.7e9)) + 12.25, 3], standardDeviations: [2, 1])
    let scaling = Scaling(inputs: scale, fills: [1, 2])
    #expect(Scaling(scaling.arrays) == scaling)
    #expect(scaling.arrays["scaling/inputs"]?.shape == [3, 2])
    let plain = Scaling(inputs: FeatureScale(means: [1.5], standardDeviations: [2]))
    #expect(plain.arrays["scaling/inputs"]?.shape == [2, 1] && Scaling(plain.arrays) == plain)
  }

  /// Numbers of few digits are found again, whatever they were scaled by.
  @Test func originalsOfScaledNumbers() {
    var random = SplitMix(seed: 1)
    for (offset, deviation) in [(50.25, 8.5), (1013.1, 0.3), (-2e-5, 3e-6), (0, 1), (4e6, 1.5e5)] {
      let scale = FeatureScale(offsets: [offset], standardDeviations: [Float(deviation)])
      for _ in 0..<200 {
        let value = offset + deviation * Double.random(in: -3...3, using: &random)
        let text = String(format: "%.4g", value)
        let wanted = Double(text) ?? .nan
        var scaled = [Float(wanted)]
        scale.scale(&scaled)
        #expect(scale.original(Double(scaled[0]), feature: 0) == wanted, "\(text)")
        scale.scale([wanted], into: &scaled, at: 0, columns: StepColumns(width: 1))
        #expect(abs(scale.original(Double(scaled[0]), feature: 0) - wanted) <= 1e-6 * deviation, "\(text)")
      }
    }
    // Numbers of double precision, such as times, keep the digits that scaled values have.
    let precise = FeatureScale(offsets: [1_700_000_012.25], standardDeviations: [3600])
    var scaled: [Float] = [0]
    precise.scale([1_700_003_600.5], into: &scaled, at: 0, columns: StepColumns(width: 1))
    #expect(precise.original(Double(scaled[0]), feature: 0) == 1_700_003_600.5)
    #expect(FeatureScale(offsets: [5], standardDeviations: [1]).original(.nan, feature: 0).isNaN)
  }

  @Test func lossyCompressionOfMissingValuesIsTold() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          f.create_dataset("train/x", data=values, chunks=(10, 3), scaleoffset=2); f["train/y"] = y
      """, in: folder)
    let summary = try DatasetFile(configuration).summary(split: "train")
    #expect(summary.hasSuffix("/train/x: stored with scale-offset, which does not keep NaN"), "\(summary)")
    #expect(try Self.inputs(configuration) == (0..<120).map { Float($0) })
  }

  /// A linked dataset may be larger than the file that links to it.
  @Test func linksLeadToOtherFiles() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      with h5py.File("store.h5", "w") as f:
          f["big"] = values
          f["noise"] = np.random.default_rng(1).normal(size=(200, 1000))
      with h5py.File("data.h5", "w") as f:
          f["train/y"] = y
          f["train/x"] = h5py.ExternalLink("store.h5", "/big")
          f["train/noise"] = h5py.ExternalLink("store.h5", "/noise")
          f["soft"] = h5py.SoftLink("/train/x")
      """, in: folder)
    #expect(try Self.inputs(configuration) == (0..<120).map { Float($0) })
    var soft = configuration
    (soft.data.inputs, soft.data.targets) = (["/soft"], "/train/y")
    #expect(try Self.inputs(soft) == (0..<120).map { Float($0) })
    let noise = try File(opening: folder.file("data.h5")).dataset("train/noise")
    #expect(try noise.read(as: Double.self).count == 200_000)
  }
}
