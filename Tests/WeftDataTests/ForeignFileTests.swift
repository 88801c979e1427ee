import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks

/// Files written by PyTables, netCDF4, h5py and a writer of MATLAB 7.3 files, mapped by the configuration. Feature f of
/// step t of sequence s is 100 s + 10 t + f, and the class of sequence s is s modulo 3; see
/// `Fixtures/foreign/make_foreign.py`.
@Suite struct ForeignFileTests {
  private static func path(_ name: String) -> String {
    "\(Bundle.module.bundlePath)/Fixtures/foreign/\(name)"
  }

  private static func configuration(_ files: [String], change: (inout Configuration) -> Void) -> Configuration
  {
    var configuration = Configuration()
    if files.count == 1 {
      configuration.data.file = path(files[0])
    } else {
      configuration.data.files = files.map(path)
    }
    configuration.model.output = .lastStep
    configuration.model.outputSize = 3
    configuration.training.batch = 10
    change(&configuration)
    return configuration
  }

  private static func batch(_ configuration: Configuration) throws -> Minibatch {
    let source = try DatasetFile(configuration).batches(split: "train", shuffles: false)
    #expect(source.batchesPerEpoch == 1)
    return try Prefetcher(source, repeats: false).batch(epoch: 0, index: 0)
  }

  private static func dense(_ features: Range<Int>) -> Minibatch {
    let values = (0..<7).flatMap { s in
      (0..<5).flatMap { t in features.map { Float(100 * s + 10 * t + $0) } }
    }
    return Minibatch(
      lengths: [Int](repeating: 5, count: 7), inputs: .features(values, width: features.count),
      targets: .classes((0..<7).map { $0 % 3 }))
  }

  /// The first s % 5 + 1 steps of each sequence, longest first.
  private static var ragged: Minibatch {
    let sequences = (0..<7).sorted { ($0 % 5, $1) > ($1 % 5, $0) }
    return Minibatch(
      lengths: sequences.map { $0 % 5 + 1 },
      inputs: .features(
        sequences.flatMap { s in
          (0...s % 5).flatMap { t in (0..<3).map { Float(100 * s + 10 * t + $0) } }
        }, width: 3), targets: .classes(sequences.map { Int32($0 % 3) }))
  }

  @Test func pyTables() throws {
    let dense = Self.configuration(["pytables.h5"]) {
      $0.data.inputs = ["/features"]
      $0.data.targets = "/labels"
    }
    #expect(try Self.batch(dense) == Self.dense(0..<3))
    let ragged = Self.configuration(["pytables.h5"]) {
      $0.data.inputs = ["/ragged/values"]
      $0.data.offsets = "/ragged/offsets"
      $0.data.targets = "/labels"
    }
    #expect(try Self.batch(ragged) == Self.ragged)
  }

  @Test func netCDF() throws {
    for inputs in [["/features"], ["/others"]] {
      let configuration = Self.configuration(["netcdf.nc"]) {
        $0.data.inputs = inputs
        $0.data.targets = "/labels"
      }
      #expect(try Self.batch(configuration) == Self.dense(0..<3))
    }
    // Several concatenated datasets of different types and byte orders.
    let mixed = Self.configuration(["netcdf.nc"]) {
      $0.data.inputs = ["/first", "/features"]
      $0.data.format = .dense
      $0.data.targets = "/labels"
    }
    guard case .features(let steps) = try Self.batch(mixed).inputs, case let values = steps.values,
      steps.width == 4
    else {
      Issue.record("four features are wanted")
      return
    }
    #expect(values[..<8] == [0, 0, 1, 2, 10, 10, 11, 12])
  }

  /// With a user block before the file, and matrices of one row or column for vectors.
  @Test func matlab() throws {
    for labels in ["/labels", "/rows"] {
      let configuration = Self.configuration(["matlab.mat"]) {
        $0.data.inputs = ["/features"]
        $0.data.targets = labels
      }
      #expect(try Self.batch(configuration) == Self.dense(0..<3), "\(labels)")
    }
    let lengths = Self.configuration(["matlab.mat"]) {
      $0.data.inputs = ["/features"]
      $0.data.lengths = "/durations"
      $0.data.targets = "/labels"
    }
    #expect(try Self.batch(lengths) == Self.ragged)
    // A vector of n numbers is a stream of n steps.
    let stream = Self.configuration(["matlab.mat"]) {
      $0.data.inputs = ["/durations"]
      $0.data.window = 100
      $0.loss.kind = .squaredError
      $0.model.output = .everyStep
    }
    #expect(try Self.batch(stream).inputs == .features([1, 2, 3, 4, 5, 1], width: 1))
  }

  @Test func severalFilesAreOneDataset() throws {
    let whole = Self.dense(0..<3)
    let named = Self.configuration(["part-1.h5", "part-2.h5"]) { _ in }
    #expect(try Self.batch(named) == whole)
    let pattern = Self.configuration([]) { $0.data.files = [Self.path("part-?.h5")] }
    #expect(try Self.batch(pattern) == whole)
    // With shuffling, every sequence of every file occurs once.
    let source = try DatasetFile(pattern).batches(split: "train", shuffles: true)
    guard case .features(let steps) = try source.batch(epoch: 0, index: 0).inputs else { return }
    let values = steps.values
    #expect(steps.width == 3)
    let firsts: [Float] = stride(from: 0, to: values.count, by: 15).map { values[$0] }
    #expect(firsts.sorted() == [0, 100, 200, 300, 400, 500, 600])
  }

  @Test func aFileOfAnotherShapeIsNamed() throws {
    let configuration = Self.configuration([]) {
      $0.data.files = [Self.path("part-1.h5"), Self.path("odd*.h5")]
    }
    let error = #expect(throws: WeftError.self) { try Self.batch(configuration) }
    #expect(
      error?.message == "\(Self.path("odd-3.h5")): has 2 features as inputs, but 3 features in"
        + " \(Self.path("part-1.h5"))")
  }

  @Test func patternsThatFitNothingAreTold() {
    for (pattern, error) in [
      (Self.path("no*.h5"), .data("data.files: '\(Self.path("no*.h5"))' matches no file")),
      (
        "/nowhere/*.h5",
        .file("data.files: '/nowhere/*.h5': /nowhere/: cannot be read: No such file or directory")
      ),
      (Self.path("gone.h5"), .file("\(Self.path("gone.h5")): cannot open: no such file or directory")),
    ] as [(String, WeftError)] {
      let configuration = Self.configuration([]) { $0.data.files = [pattern] }
      #expect(throws: error) { try DatasetFile(configuration) }
    }
  }

  /// A path from the root may contain the split's name.
  @Test func splitsAreFoundByTheirNames() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file("data.h5"))
    for (split, value) in [("train", Float(1)), ("test", 2)] {
      try file.write("x_\(split)", [value, value], shape: [1, 2, 1])
      try file.write("y/\(split)", [Int32(0)])
    }
    try file.close()
    var configuration = Self.configuration([]) {
      $0.data.inputs = ["/x_{split}"]
      $0.data.targets = "/y/{split}"
    }
    configuration.data.file = folder.file("data.h5")
    let dataset = try DatasetFile(configuration)
    #expect(["train", "validation", "test"].map(dataset.contains) == [true, false, true])
    for (split, value) in [("train", Float(1)), ("test", 2)] {
      let batch = try dataset.batches(split: split, shuffles: false).batch(epoch: 0, index: 0)
      #expect(batch.inputs == .features([value, value], width: 1))
    }
    // Without the split's name, all data is training data.
    configuration.data.inputs = ["/x_train"]
    configuration.data.targets = "/y/train"
    #expect(try DatasetFile(configuration).contains(split: "train"))
    #expect(try !DatasetFile(configuration).contains(split: "validation"))
  }

  /// Windows and carried rows continue across files.
  @Test func aStreamRunsOnFromFileToFile() throws {
    let folder = try TemporaryFolder()
    for (name, steps) in [("a.h5", 0..<7), ("b.h5", 7..<9), ("c.h5", 9..<25)] {
      let file = try File(creating: folder.file(name))
      try file.write("train/inputs", steps.map(Float.init), chunk: [2])
      try file.close()
    }
    for carries in [false, true] {
      var configuration = Self.configuration([]) {
        $0.data.files = [folder.file("*.h5")]
        $0.data.window = 6
        $0.loss.kind = .squaredError
        $0.model.output = .everyStep
        $0.training.carryState = carries
        $0.training.batch = 2
      }
      configuration.model.outputSize = nil
      let source = try DatasetFile(configuration).batches(split: "train", shuffles: false)
      for index in 0..<source.batchesPerEpoch {
        let batch = try source.batch(epoch: 0, index: index)
        let firsts = carries ? [6 * index, 12 + 6 * index] : [12 * index, 12 * index + 6]
        let steps = firsts.flatMap { first in (0..<6).map { Float(first + $0) } }
        #expect(batch.inputs == .features(steps, width: 1))
        #expect(batch.targets == .values(steps.map { $0 + 1 }, width: 1))
      }
    }
  }
}
