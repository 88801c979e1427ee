import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks

/// Scaling of each series by its own values, as numpy does it, in files written by h5py.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct SeriesScalingTests {
  /// Four series of two features in the training split, at very different levels. The validation split has parts of two
  /// of them, in another order, and one that is new.
  private static let program = """
    import h5py, numpy as np
    rng = np.random.default_rng(3)
    lengths = {"train": [50, 7, 300, 20], "validation": [30, 40, 25]}
    names = {"train": ["a", "b", "c", "d"], "validation": ["c", "new", "a"]}
    level = {"a": 0, "b": 1e4, "c": -50, "d": 3, "new": 1e3}
    kind = "{type}"
    with h5py.File("data.h5", "w") as f:
        for split in lengths:
            parts = [rng.standard_normal((n, 2)) * [1 + i, 20] + level[name] * np.array([1, 2])
                     for i, (n, name) in enumerate(zip(lengths[split], names[split]))]
            x = np.concatenate(parts).astype(kind)
            f.create_dataset(f"{split}/inputs", data=x, chunks=(16, 2), compression="gzip")
            f[f"{split}/offsets"] = np.concatenate([[0], np.cumsum(lengths[split])])
            f[f"{split}/targets"] = rng.standard_normal((len(parts), 1)).astype("f4") * 7 + 100
            if {named}: f[f"{split}/names"] = names[split]
            f[f"{split}/height"] = np.arange(len(parts), dtype="f4").reshape(-1, 1) * 10
    with h5py.File("data.h5", "r") as f, h5py.File("expected.h5", "w") as g:
        scales = {}
        for split in lengths:
            x, o = f[f"{split}/inputs"][:].astype("f8"), f[f"{split}/offsets"][:]
            own = [x[o[i]:o[i + 1]] for i in range(len(o) - 1)]
            for name, part in zip(names[split], own):
                if split == "train" or not {named} or name not in names["train"]:
                    scales[split, name] = part.mean(0), part.std(0)
            g[split] = np.concatenate([
                (part - m) / s for name, part in zip(names[split], own)
                for m, s in [scales.get((split, name)) or scales["train", name]]])
    """

  private static func make(_ folder: TemporaryFolder, named: Bool, type: String = "f4") throws
    -> Configuration
  {
    let text = program.replacing("{type}", with: type).replacing("{named}", with: named ? "True" : "False")
    let result = try Python.run(text, in: folder.url)
    #expect(result.status == 0, "\(result.output)")
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.data.standardizes = true
    configuration.data.scalingBy = .series
    configuration.loss.kind = .squaredError
    configuration.model.output = .lastStep
    configuration.training.batch = 8
    return configuration
  }

  private static func expected(_ split: String, in folder: TemporaryFolder) throws -> [Double] {
    let program = """
      import h5py, json
      with h5py.File("expected.h5") as f: print(json.dumps(f["\(split)"][:].ravel().tolist()))
      """
    let result = try Python.run(program, in: folder.url)
    return try JSONDecoder().decode([Double].self, from: Data(result.output.utf8))
  }

  /// The inputs of a split in the order of the file, from minibatches that sort them by length.
  private static func inputs(_ dataset: DatasetFile, _ split: String) throws -> [Float] {
    let source = try dataset.batches(split: split, shuffles: false)
    let batch = try source.batch(epoch: 0, index: 0)
    let features = try #require(batch.inputs.features)
    let numbers = try #require(source.sequences(epoch: 0, index: 0))
    return numbers.indices.sorted { numbers[$0] < numbers[$1] }.flatMap { row in
      features.values[batch.offsets[row] * features.width..<batch.offsets[row + 1] * features.width]
    }
  }

  @Test(arguments: [true, false], ["f4", "f8"]) func areThoseOfNumPy(named: Bool, type: String) throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(folder, named: named, type: type)
    for threads in [1, 3] {
      let dataset = try DatasetFile(configuration, threads: threads)
      for split in ["train", "validation"] {
        let (own, wanted) = (try Self.inputs(dataset, split), try Self.expected(split, in: folder))
        #expect(own.count == wanted.count)
        #expect(zip(own, wanted).allSatisfy { abs(Double($0) - $1) < 2e-3 }, "\(split) \(threads)")
      }
      // Targets of whole sequences have the scale of all data.
      let targets = try #require(dataset.traits.scaling.targets)
      #expect(abs(targets.means[0] - 100) < 20 && targets.width == 1)
      // A trained model, which knows the series of training, scales other data in the same way.
      let other = try DatasetFile(configuration, threads: threads, scaling: dataset.traits.scaling)
      #expect(try Self.inputs(other, "validation") == Self.inputs(dataset, "validation"))
      #expect(try dataset.openSplit("validation").names == (named ? ["c", "new", "a"] : nil))
      #expect(try dataset.summary(split: "train").contains("standardized by series"))
    }
  }

  @Test func staticFeaturesHaveTheScaleOfAllData() throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(folder, named: true)
    configuration.data.staticInputs = ["height"]
    let dataset = try DatasetFile(configuration)
    for (split, count) in [("train", 4), ("validation", 3)] {
      let batch = try dataset.batches(split: split, shuffles: false).batch(epoch: 0, index: 0)
      let features = try #require(batch.inputs.features)
      #expect(features.width == 3)
      let statics = Set((0..<features.count).map { features.values[$0 * 3 + 2] })
      #expect(statics.count == count, "no sequence's height was taken for its mean")
    }
  }

  /// Missing values are replaced by the mean of their series, which scaling makes 0.
  @Test func missingValuesGetTheMeanOfTheirSeries() throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(folder, named: true)
    let program = """
      import h5py, numpy as np
      with h5py.File("data.h5", "r+") as f:
          for split in "train", "validation": f[f"{split}/inputs"][::5, 1] = np.nan
      """
    #expect(try Python.run(program, in: folder.url).status == 0)
    configuration.data.missingInputs = .mean
    let dataset = try DatasetFile(configuration)
    for split in ["train", "validation"] {
      let inputs = try Self.inputs(dataset, split)
      for step in stride(from: 0, to: inputs.count / 2, by: 5) { #expect(abs(inputs[step * 2 + 1]) < 1e-4) }
    }
  }

  @Test func equalNamesAreRefused() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(folder, named: true)
    let program = """
      import h5py
      with h5py.File("data.h5", "r+") as f: f["train/names"][2] = "b"
      """
    #expect(try Python.run(program, in: folder.url).status == 0)
    let error = #expect(throws: WeftError.self) { try DatasetFile(configuration) }
    #expect(
      error?.message.hasPrefix("\(configuration.data.file): group /train: two sequences have the name 'b'")
        == true,
      "\(error?.message ?? "")")
  }

  /// What the levels and factors of a window give back is what the file contains.
  @Test(arguments: [nil, 5]) func windowsAreRestored(season: Int?) throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(folder, named: true)
    configuration.data.targets = "inputs"
    (configuration.data.context, configuration.data.horizon, configuration.data.season) = (10, 4, season)
    let dataset = try DatasetFile(configuration)
    #expect(dataset.traits.scaling.targets == nil)
    var raw = try #require(try dataset.openSplit("validation").targets)
    (raw.scale, raw.series) = (nil, nil)
    let series = try #require(try dataset.openSplit("validation").series)
    let starts = series.flatMap { Array(stride(from: $0.lowerBound, through: $0.upperBound - 14, by: 4)) }
    let source = try dataset.batches(split: "validation", shuffles: false)
    var window = 0
    for index in 0..<source.batchesPerEpoch {
      let batch = try source.batch(epoch: 0, index: index)
      let levels = try #require(batch.targetLevels)
      guard case .values(let targets) = batch.targets else {
        Issue.record("targets are numbers")
        return
      }
      for row in 0..<batch.rows {
        let wanted = try #require(raw.read(first: starts[window] + 10, steps: 4).features).values
        let cycle = levels.levels.count / batch.rows
        for (place, value) in wanted.enumerated() {
          let source = row * cycle + place % cycle
          let restored =
            levels.levels[source] + Double(levels.factors[source]) * Double(targets.values[row * 8 + place])
          #expect(abs(restored - Double(value)) < 1e-5 * max(100, abs(Double(value))))
        }
        window += 1
      }
    }
    #expect(window == starts.count)
  }

  /// Levels of series differ by thousands, yet every input is near 0.
  @Test func fewThousandSeriesOfDenseFilesAreScaled() throws {
    let folder = try TemporaryFolder()
    let program = """
      import h5py, numpy as np
      x = np.random.default_rng(1).standard_normal((3000, 12, 1)) + np.arange(3000).reshape(-1, 1, 1) * 100
      with h5py.File("data.h5", "w") as f:
          f.create_dataset("train/inputs", data=x.astype("f4"), chunks=(64, 12, 1))
          f["train/targets"] = np.arange(3000) % 2
      """
    #expect(try Python.run(program, in: folder.url).status == 0)
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    (configuration.data.scaling, configuration.data.scalingBy) = (.minMax, .series)
    configuration.model.output = .lastStep
    configuration.training.batch = 3000
    let batch = try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(
      epoch: 0, index: 0)
    let values = try #require(batch.inputs.features).values
    for row in 0..<3000 {
      let own = values[row * 12..<(row + 1) * 12]
      #expect(own.min() == 0 && own.max() == 1)
    }
  }
}
