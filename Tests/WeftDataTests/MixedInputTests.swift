import Foundation
import TestSupport
import Testing

@testable import HDF5
@testable import WeftBase
@testable import WeftData
@testable import WeftModels
@testable import WeftTasks

/// Categories beside numbers and static features, in files that h5py writes.
@Suite("Mixed inputs", .enabled(if: Python.has("h5py"), Python.missing)) struct MixedInputTests {
  /// Five ragged sequences of 1 to 5 steps. At step t of sequence s: token (3 s + t) mod 11, features s and t, weekday
  /// t mod 7; sequence s has the site s mod 3 and the age 10 s.
  private static let program = """
    import h5py, numpy as np, sys
    with h5py.File(sys.argv[1], 'w') as f:
        f['vocabulary'] = [f'w{i}' for i in range(11)]
        f['categories/site'] = ['Rome', 'Paris', 'Oslo']
        for split in ['train', 'validation']:
            g = f.create_group(split)
            steps = [(s, t) for s in range(5) for t in range(s + 1)]
            g['tokens'] = np.array([(3 * s + t) % 11 for s, t in steps], 'i2')
            g['features'] = np.array(steps, 'f8')
            g['weekday'] = np.array([t % 7 for s, t in steps], 'u1')
            g['offsets'] = np.cumsum([0] + [s + 1 for s in range(5)])
            g['site'] = np.arange(5) % 3
            g['age'] = 10.0 * np.arange(5)[:, None]
            g['targets'] = np.arange(5, dtype='f4')
            g['features'].attrs['feature_names'] = ['patient', 'time']
    """

  private static func withFile(
    _ edit: String = "", _ body: (Configuration, TemporaryFolder) throws -> Void
  ) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    let made = try Python.run(program + "\n" + edit, path)
    #expect(made.status == 0, "\(made.output)")
    var configuration = Configuration()
    configuration.data.file = path
    configuration.data.inputs = ["tokens", "features", "weekday"]
    configuration.data.staticInputs = ["site", "age"]
    configuration.data.categories = ["weekday", "site"]
    configuration.model.output = .lastStep
    configuration.loss.kind = .squaredError
    configuration.training.batch = 9
    try body(configuration, folder)
  }

  private static func error(
    _ configuration: Configuration, _ location: SourceLocation = #_sourceLocation
  ) -> String {
    let error = #expect(throws: WeftError.self, sourceLocation: location) {
      _ = try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
    }
    return error?.message ?? ""
  }

  /// The features of step t of sequence s.
  private static func step(_ s: Int, _ t: Int) -> [Float] {
    [(3 * s + t) % 11, s, t, t % 7, s % 3, 10 * s].map(Float.init)
  }

  @Test func featuresStandSideBySide() throws {
    try Self.withFile { configuration, _ in
      let file = try DatasetFile(configuration)
      let batch = try file.batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
      let expected = (0..<5).reversed().flatMap { s in (0...s).flatMap { Self.step(s, $0) } }
      #expect(batch.inputs == .features(expected, width: 6))
      #expect(
        try file.shape().categories == [
          CategoricalFeature(column: 0, name: "tokens", count: 11),
          CategoricalFeature(column: 3, name: "weekday", count: 5),
          CategoricalFeature(column: 4, name: "site", count: 3, names: ["Rome", "Paris", "Oslo"]),
        ])
      #expect(try file.summary(split: "train").contains("6 features ('tokens' of 11 categories, "))
    }
  }

  @Test func paddedSequencesAreReadLikewise() throws {
    let dense = """
      with h5py.File(sys.argv[1], 'a') as f:
          for split in ['train', 'validation']:
              g = f[split]
              ends = g['offsets'][:]
              del g['offsets']
              g['lengths'] = np.diff(ends)
              for name in ['tokens', 'features', 'weekday']:
                  old = g[name][:]
                  del g[name]
                  new = np.zeros((5, 5) + old.shape[1:], old.dtype)
                  for s in range(5):
                      new[s, :s + 1] = old[ends[s]:ends[s + 1]]
                  g[name] = new
      """
    try Self.withFile(dense) { configuration, _ in
      let batch = try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(
        epoch: 0, index: 0)
      let expected = (0..<5).reversed().flatMap { s in (0...s).flatMap { Self.step(s, $0) } }
      #expect(batch.inputs == .features(expected, width: 6))
    }
  }

  @Test func numbersOfCategoriesAreNotStandardized() throws {
    try Self.withFile { configuration, _ in
      var configuration = configuration
      configuration.data.standardizes = true
      let file = try DatasetFile(configuration)
      let batch = try file.batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
      let values = try #require(batch.inputs.features)
      for (place, s, t) in (0..<5).reversed().flatMap({ s in (0...s).map { (s, $0) } }).enumerated().map({
        ($0, $1.0, $1.1)
      }) {
        let found = Array(values[place])
        #expect([found[0], found[3], found[4]] == [0, 3, 4].map { Self.step(s, t)[$0] })
      }
      let ages = (0..<values.count).map { Double(values.values[6 * $0 + 5]) }
      #expect(abs(ages.reduce(0, +)) < 1e-4)
      #expect(abs(ages.reduce(0) { $0 + $1 * $1 } / Double(ages.count) - 1) < 1e-4)
    }
  }

  @Test func columnsOfATableAreCategoriesByName() throws {
    try Self.withFile { configuration, _ in
      var configuration = configuration
      configuration.data.inputs = ["features"]
      configuration.data.staticInputs = []
      configuration.data.categories = ["time"]
      let shape = try DatasetFile(configuration).shape()
      #expect(shape.categories == [CategoricalFeature(column: 1, name: "time", count: 5)])
      configuration.data.categories = ["hour"]
      #expect(
        Self.error(configuration).contains(
          "data.categories: 'hour' is neither a dataset of the inputs nor one of their columns, which are patient,"
            + " time"))
    }
  }

  @Test func categoriesOfAnotherFileAreMappedByName() throws {
    try Self.withFile("del h5py.File(sys.argv[1], 'a')['categories']") { configuration, folder in
      #expect(try DatasetFile(configuration).shape().categories[2].names == [])
      let trained = [
        CategoricalFeature(column: 0, name: "tokens", count: 11),
        CategoricalFeature(column: 3, name: "weekday", count: 7),
        CategoricalFeature(column: 4, name: "site", count: 4, names: ["Oslo", "Bonn", "Paris", "Rome"]),
      ]
      try Self.withFile { configuration, _ in
        let batch = try DatasetFile(configuration, scaling: Scaling(), categories: trained)
          .batches(split: "validation", shuffles: false).batch(epoch: 0, index: 0)
        let sites: [Float] = (0..<5).reversed().flatMap { s in
          [Float](repeating: [3, 2, 0][s % 3], count: s + 1)
        }
        let values = try #require(batch.inputs.features)
        #expect((0..<values.count).map { values.values[6 * $0 + 4] } == sites)
        var fewer = trained
        fewer[2] = CategoricalFeature(column: 4, name: "site", count: 2, names: ["Rome", "Paris"])
        let error = #expect(throws: WeftError.self) {
          _ = try DatasetFile(configuration, scaling: Scaling(), categories: fewer)
            .batches(split: "validation", shuffles: false).batch(epoch: 0, index: 0)
        }
        #expect(error?.message.contains("category 'Oslo' of 'site' at 2 is unknown to the model") == true)
      }
    }
  }

  @Test(arguments: [
    ("f['train/weekday'][3] = 200", nil),
    (
      "f['train/site'][3] = -1",
      "/train/site: category -1 of 'site' at 3 is not a whole number between 0 and 2"
    ),
    (
      "f['train/site'][3] = 3", "/train/site: category 3 of 'site' at 3 is not a whole number between 0 and 2"
    ),
    (
      "f['train/tokens'][4] = 11",
      "/train/tokens: category 11 of 'tokens' at 4 is not a whole number between 0 and 10"
    ),
    (
      "del f['train/age']; f['train/age'] = np.zeros(4)",
      "/train/age: has 4 rows, but there are 5 sequences; data.static needs one row for each"
    ),
    ("del f['train/age']", "no dataset 'age'; name another with data.static"),
    (
      "del f['train/offsets']; del f['train/targets']; f['train/targets'] = np.zeros(15)",
      "data.static 'site' has a row for each sequence, but the inputs are one stream"
    ),
  ])
  func faultsAreNamed(edit: String, complaint: String?) throws {
    try Self.withFile("with h5py.File(sys.argv[1], 'a') as f: \(edit)") { configuration, _ in
      guard let complaint else {
        let shape = try DatasetFile(configuration).shape()
        #expect(shape.categories[1].count == 201)
        return
      }
      #expect(Self.error(configuration).contains(complaint))
    }
  }

  @Test func aCheckOfTheDataFindsFaults() throws {
    let edit = "with h5py.File(sys.argv[1], 'a') as f: f['train/site'][3] = 3; f['train/tokens'][4] = 11;"
    try Self.withFile(edit + " f['validation/weekday'][14] = 6") { configuration, _ in
      let data = try CheckedData(DatasetFile(configuration), splits: ["train", "validation"])
      let found = data.faults(threads: 2) { _ in }.map(\.text)
      #expect(
        found == [
          "dataset /train/tokens: category of 'tokens' that is not a whole number between 0 and 10, once: sequence 2,"
            + " step 1",
          "dataset /train/site: category of 'site' that is not a whole number between 0 and 2, once: sequence 3",
          "dataset /validation/weekday: category of 'weekday' that is not a whole number between 0 and 4, once:"
            + " sequence 4, step 4",
        ])
    }
  }

  @Test func tokensWithoutVocabularyNeedItsSize() throws {
    try Self.withFile("del h5py.File(sys.argv[1], 'a')['vocabulary']") { configuration, _ in
      var configuration = configuration
      configuration.data.inputs = ["tokens"]
      configuration.data.staticInputs = []
      configuration.data.categories = []
      #expect(Self.error(configuration).contains("/vocabulary, the text of each token, is missing"))
      configuration.data.vocabularySize = 12
      let shape = try DatasetFile(configuration).shape()
      #expect(shape.inputs == .tokens(12))
    }
  }
}
