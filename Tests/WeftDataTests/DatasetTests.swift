import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftTasks
@testable import WeftText

/// Minibatches equal those computed directly from the written arrays.
@Suite struct DatasetTests {
  /// The minibatches of an epoch of a file's training split.
  static func batches(
    _ configuration: Configuration, shuffles: Bool = false, epoch: Int = 0, write: (File) throws -> Void
  ) throws -> [Minibatch] {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file("data.h5"))
    try write(file)
    try file.close()
    var configuration = configuration
    configuration.data.file = folder.file("data.h5")
    let source = try DatasetFile(configuration).batches(split: "train", shuffles: shuffles)
    return try (0..<source.batchesPerEpoch).map { try source.batch(epoch: epoch, index: $0) }
  }

  static func configuration(batch: Int = 2, change: (inout Configuration) -> Void = { _ in }) -> Configuration
  {
    var configuration = Configuration()
    configuration.training.batch = batch
    change(&configuration)
    return configuration
  }

  /// 4 sequences of 3 steps of 2 features with targets and lengths.
  private static func writeDense(_ file: File) throws {
    try file.write("train/inputs", (0..<24).map(Float.init), shape: [4, 3, 2])
    try file.write("train/targets", (0..<12).map { Float($0) / 2 }, shape: [4, 3])
    try file.write("train/lengths", [UInt8(1), 3, 2, 3])
  }

  @Test func denseSequencesEndAtTheirLengths() throws {
    let batches = try Self.batches(
      Self.configuration { $0.loss.kind = .squaredError }, write: Self.writeDense)
    #expect(
      batches == [
        Minibatch(
          lengths: [3, 1], inputs: .features([6, 7, 8, 9, 10, 11, 0, 1], width: 2),
          targets: .values([1.5, 2, 2.5, 0], width: 1)),
        Minibatch(
          lengths: [3, 2], inputs: .features([18, 19, 20, 21, 22, 23, 12, 13, 14, 15], width: 2),
          targets: .values([4.5, 5, 5.5, 3, 3.5], width: 1)),
      ])
  }

  @Test func sequencesWithoutLengthsAreWhole() throws {
    let batches = try Self.batches(Self.configuration(batch: 9) { $0.loss.kind = .squaredError }) { file in
      try Self.writeDense(file)
      try file.delete("train/lengths")
    }
    #expect(
      batches == [
        Minibatch(
          lengths: [3, 3, 3, 3], inputs: .features((0..<24).map(Float.init), width: 2),
          targets: .values((0..<12).map { Float($0) / 2 }, width: 1))
      ])
  }

  /// Rows of equal length keep their order, for any batch size.
  @Test func rowsAreSortedByLengthAndStably() throws {
    let lengths = [2, 1, 3, 2, 3, 1, 2]
    let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    for batch in [1, 3, 4, 7] {
      let batches = try Self.batches(Self.configuration(batch: batch) { $0.loss.kind = .squaredError }) {
        try $0.write("train/inputs", (0..<14).map(Float.init))
        try $0.write("train/offsets", offsets)
        try $0.write("train/targets", (0..<14).map(Float.init))
      }
      let rows = stride(from: 0, to: lengths.count, by: batch).map { start in
        var rows = Array(start..<min(start + batch, lengths.count))
        // A stable sort: insertion sort.
        for place in rows.indices {
          var place = place
          while place > 0, lengths[rows[place - 1]] < lengths[rows[place]] {
            rows.swapAt(place - 1, place)
            place -= 1
          }
        }
        return rows
      }
      #expect(batches.count == rows.count)
      for (batch, rows) in zip(batches, rows) {
        let steps = rows.flatMap { (offsets[$0]..<offsets[$0 + 1]).map(Float.init) }
        #expect(
          batch
            == Minibatch(
              lengths: rows.map { lengths[$0] }, inputs: .features(steps, width: 1),
              targets: .values(steps, width: 1)))
      }
    }
  }

  @Test func raggedSequencesLieBetweenOffsets() throws {
    let batches = try Self.batches(Self.configuration(batch: 3) { $0.model.outputSize = 5 }) {
      try $0.write("train/inputs", (0..<12).map(Double.init), shape: [6, 2])
      try $0.write("train/offsets", [UInt32(0), 1, 4, 6])
      try $0.write("train/targets", [Int8(4), -1, 3, -1, 0, 1])
    }
    #expect(
      batches == [
        Minibatch(
          lengths: [3, 2, 1], inputs: .features([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1], width: 2),
          targets: .classes([-1, 3, -1, 0, 1, 4]))
      ])
    #expect(Loss(kind: .crossEntropy).targetCount(of: batches[0]) == 4, "-1 does not count")
  }

  @Test(arguments: SmallDataset.allCases) func theLastStepHasOneTarget(_ dataset: SmallDataset) throws {
    let batches = try Self.batches(
      Self.configuration {
        $0.model.output = .lastStep
        $0.data.window = 5
      }
    ) { file in
      try dataset.write(to: file)
      if dataset == .stream {
        try file.write("train/targets", (0..<12).map { $0 / 4 })
      } else {
        try file.put("train/targets", dataset == .dense ? [2, 0, -1, 1] : [2, 0, 1])
      }
    }
    switch dataset {
    // Windows end at steps 4, 9 and 11.
    case .stream: #expect(batches.map(\.targets) == [.classes([1, 2]), .classes([2])])
    case .dense: #expect(batches.map(\.targets) == [.classes([2, 0]), .classes([-1, 1])])
    case .ragged: #expect(batches.map(\.targets) == [.classes([2, 0]), .classes([1])])
    }
  }

  @Test func severalInputsStandSideBySide() throws {
    for isRagged in [false, true] {
      let batches = try Self.batches(
        Self.configuration(batch: 1) {
          $0.data.inputs = ["pressure", "wind"]
          $0.loss.kind = .absoluteError
        }
      ) { file in
        let shape = isRagged ? [6] : [2, 3]
        try file.write("train/pressure", (0..<6).map { Int16($0) }, shape: shape)
        try file.write("train/wind", (0..<12).map { Float($0) / 4 }, shape: shape + [2])
        try file.write("train/targets", [Float](repeating: 1, count: 6), shape: shape)
        if isRagged { try file.write("train/offsets", [0, 3, 6]) }
        if !isRagged { try file.write("train/lengths", [3, 3]) }
      }
      #expect(
        batches.map(\.inputs) == [
          .features([0, 0, 0.25, 1, 0.5, 0.75, 2, 1, 1.25], width: 3),
          .features([3, 1.5, 1.75, 4, 2, 2.25, 5, 2.5, 2.75], width: 3),
        ])
    }
  }

  @Test func aStreamOfSeveralInputsPredictsAllOfThem() throws {
    let configuration = Self.configuration(batch: 1) {
      $0.data.inputs = ["a", "b"]
      $0.data.window = 2
      $0.loss.kind = .squaredError
    }
    let write = { (file: File) in
      try file.write("train/a", [Float(0), 1, 2, 3])
      try file.write("train/b", [Float(10), 11, 12, 13])
    }
    #expect(
      try Self.batches(configuration, write: write) == [
        Minibatch(
          lengths: [2], inputs: .features([0, 10, 1, 11], width: 2),
          targets: .values([1, 11, 2, 12], width: 2)),
        Minibatch(lengths: [1], inputs: .features([2, 12], width: 2), targets: .values([3, 13], width: 2)),
      ])
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file("data.h5"))
    try write(file)
    try file.close()
    var opened = configuration
    opened.data.file = folder.file("data.h5")
    #expect(
      try DatasetFile(opened).modelShape(Loss(opened.loss)) == ModelShape(input: .features(2), outputs: 2))
  }

  /// Integers without a vocabulary are numbers.
  @Test func anyTypeOfNumberIsRead() throws {
    func inputs<Element: HDF5Element>(_ values: [Element]) throws -> Steps<FeatureArray> {
      try Self.batches(Self.configuration { $0.loss.kind = .squaredError }) {
        try $0.write("train/inputs", values, shape: [1, 2, 2])
        try $0.write("train/targets", [Float(0), 1], shape: [1, 2])
      }[0].inputs
    }
    let expected = Steps<FeatureArray>.features([0, 1, 2, 100], width: 2)
    #expect(try inputs([Float16(0), 1, 2, 100]) == expected)
    #expect(try inputs([Float(0), 1, 2, 100]) == expected)
    #expect(try inputs([Double(0), 1, 2, 100]) == expected)
    #expect(try inputs([UInt8(0), 1, 2, 100]) == expected)
    #expect(try inputs([Int16(0), 1, 2, 100]) == expected)
    #expect(try inputs([UInt32(0), 1, 2, 100]) == expected)
    #expect(try inputs([Int64(0), 1, 2, 100]) == expected)
    #expect(try inputs([false, true, true, false]) == .features([0, 1, 1, 0], width: 2))
  }

  @Test func anyTypeOfIntegerIsAToken() throws {
    func inputs<Element: HDF5Element>(_ values: [Element]) throws -> [Minibatch] {
      try Self.batches(Self.configuration()) {
        try $0.write("vocabulary", ["a", "b", "c"])
        try $0.write("train/tokens", values)
      }
    }
    let expected = [
      Minibatch(lengths: [3], inputs: .tokens([0, 2, 1]), targets: .classes([2, 1, 2]))
    ]
    #expect(try inputs([UInt8(0), 2, 1, 2]) == expected)
    #expect(try inputs([Int8(0), 2, 1, 2]) == expected)
    #expect(try inputs([UInt16(0), 2, 1, 2]) == expected)
    #expect(try inputs([Int32(0), 2, 1, 2]) == expected)
    #expect(try inputs([UInt64(0), 2, 1, 2]) == expected)
  }

  @Test func tokensOfSequencesStandInRows() throws {
    let batches = try Self.batches(Self.configuration()) {
      try $0.write("vocabulary", ["a", "b", "c"])
      try $0.write("classes", ["x", "y"])
      try $0.write("train/inputs", [UInt8(0), 1, 2, 2, 1, 0], shape: [2, 3])
      try $0.write("train/targets", [UInt8(0), 1, 1, 0, 1, 0], shape: [2, 3])
      try $0.write("train/lengths", [2, 3])
    }
    #expect(
      batches == [
        Minibatch(lengths: [3, 2], inputs: .tokens([2, 1, 0, 0, 1]), targets: .classes([0, 1, 0, 0, 1]))
      ])
  }

  /// Canonically equivalent letters may be two tokens.
  @Test func tokensAreToldApartByTheirBytes() throws {
    let vocabulary = try Vocabulary(tokens: ["\u{C5}", "\u{212B}", "A", "\u{30A}"])
    #expect(try vocabulary.encode("\u{212B}\u{C5}A\u{30A}") == [1, 0, 2, 3])
  }

  @Test func compressedAndSplitDatasetsReadAlike() throws {
    let whole = try Self.batches(Self.configuration { $0.loss.kind = .squaredError }, write: Self.writeDense)
    let chunked = try Self.batches(Self.configuration { $0.loss.kind = .squaredError }) { file in
      try file.write(
        "train/inputs", (0..<24).map(Float.init), shape: [4, 3, 2], chunk: [3, 2, 1],
        filters: [.shuffle, .deflate(level: 6), .fletcher32])
      try file.write("train/targets", (0..<12).map { Float($0) / 2 }, shape: [4, 3], chunk: [1, 2])
      try file.write("train/lengths", [UInt8(1), 3, 2, 3])
    }
    #expect(chunked == whole)
  }
}
