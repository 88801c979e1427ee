import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftConfiguration
@testable import WeftData
@testable import WeftTasks

/// Scales of files written by h5py, as numpy computes them.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct ScalingTests {
  /// Two features of 1.5 million steps, which are three segments, in three layouts; some values are missing.
  private static let program = """
    import h5py, json, numpy as np
    rng = np.random.default_rng(5)
    x = (rng.standard_normal((1_500_000, 2)) * [2, 300] + [5, -1e4]).astype("f4")
    x[::1000, 0] = np.nan
    with h5py.File("stream.h5", "w") as f:
        f.create_dataset("train/inputs", data=x, chunks=(10_000, 2), compression="gzip", compression_opts=1)
    with h5py.File("ragged.h5", "w") as f:
        f["train/inputs"] = x; f["train/offsets"] = [0, 100, 70_000, 70_001, 1_500_000]; f["train/targets"] = [0, 1, 0, 1]
    with h5py.File("dense.h5", "w") as f:
        f["train/inputs"] = x.reshape(3000, 500, 2); f["train/targets"] = np.arange(3000) % 2
    x = x.astype("f8")
    low, middle, high = np.nanquantile(x, [0.25, 0.5, 0.75], axis=0)
    print(json.dumps({
        "standard": [*np.nanmean(x, axis=0), *np.nanstd(x, axis=0)],
        "min-max": [*np.nanmin(x, axis=0), *(np.nanmax(x, axis=0) - np.nanmin(x, axis=0))],
        "robust": [*middle, *(high - low)]}))
    """

  private static func configuration(_ path: String) -> Configuration {
    var configuration = Configuration()
    configuration.data.file = path
    configuration.data.missingInputs = .mean
    configuration.model.output = .lastStep
    return configuration
  }

  @Test func areThoseOfNumPyWithAnyNumberOfThreads() throws {
    let folder = try TemporaryFolder()
    let result = try Python.run(Self.program, in: folder.url)
    let expected = try JSONDecoder().decode([String: [Double]].self, from: Data(result.output.utf8))
    for layout in ["stream", "ragged", "dense"] {
      for kind in [ScalingKind.standard, .minMax, .robust] {
        var configuration = Self.configuration(folder.file("\(layout).h5"))
        if layout == "stream" { (configuration.data.context, configuration.data.horizon) = (8, 4) }
        if layout == "stream" { configuration.loss.kind = .squaredError }
        configuration.data.allowsMissingTargets = true
        configuration.data.scaling = kind
        // Windows of the smallest budget hold parts of segments.
        configuration.data.memoryBudget = ByteCount(4 << 20)
        let scales = try [1, 2, 5].map { threads in
          try DatasetFile(configuration, threads: threads).traits.scaling
        }
        #expect(scales[1] == scales[0] && scales[2] == scales[0])
        let scale = try #require(scales[0].inputs)
        let wanted = try #require(expected[kind.rawValue])
        // Quantiles are those of a sample, every other step.
        let tolerance = kind == .robust ? 0.01 : 1e-6
        for feature in 0..<2 {
          let deviation = Double(scale.standardDeviations[feature])
          #expect(
            abs(scale.offsets[feature] - wanted[feature]) <= tolerance * wanted[2 + feature]
              + 1e-7 * abs(wanted[feature]), "\(layout) \(kind)")
          #expect(
            abs(deviation - wanted[2 + feature]) <= tolerance * wanted[2 + feature], "\(layout) \(kind)")
        }
        if layout == "stream" { #expect(scales[0].targets == scale, "the series is input and target") }
      }
    }
  }

  @Test func progressEndsWithAllValues() throws {
    let folder = try TemporaryFolder()
    #expect(try Python.run(Self.program, in: folder.url).status == 0)
    var configuration = Self.configuration(folder.file("ragged.h5"))
    configuration.data.standardizes = true
    configuration.data.memoryBudget = ByteCount(4 << 20)
    var told: [DataProgress] = []
    let dataset = try DatasetFile(configuration, threads: 2) { told.append($0) }
    #expect(told.first == DataProgress(task: "scaling", done: 0, total: 3_000_000))
    #expect(told.last == DataProgress(task: "scaling", done: 3_000_000, total: 3_000_000))
    #expect(told.count > 3 && zip(told, told.dropFirst()).allSatisfy { $0.done < $1.done })
    // A known scaling is not computed again.
    told = []
    let known = try DatasetFile(configuration, threads: 2, scaling: dataset.traits.scaling) {
      told.append($0)
    }
    #expect(told.isEmpty && known.traits.scaling == dataset.traits.scaling)
  }

  @Test func seasonalDifferencesCrossBlocksAndSegments() throws {
    let folder = try TemporaryFolder()
    let program = """
      import h5py, numpy as np
      x = np.random.default_rng(2).standard_normal(1_300_000).cumsum()
      with h5py.File("data.h5", "w") as f: f["train/inputs"] = x
      d = x[24:] - x[:-24]
      print(np.sqrt((d * d).mean()))
      """
    let result = try Python.run(program, in: folder.url)
    let expected = try #require(Double(result.output.trimmingCharacters(in: .whitespacesAndNewlines)))
    var configuration = Self.configuration(folder.file("data.h5"))
    (configuration.data.context, configuration.data.horizon, configuration.data.season) = (48, 4, 24)
    configuration.data.standardizes = true
    configuration.loss.kind = .squaredError
    let scale = try #require(DatasetFile(configuration, threads: 3).traits.scaling.targets)
    #expect(abs(Double(scale.standardDeviations[0]) / expected - 1) < 1e-6)
    #expect(scale.offsets == [0])
  }
}
