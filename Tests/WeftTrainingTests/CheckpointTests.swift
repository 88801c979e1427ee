import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftModels
@testable import WeftTasks
@testable import WeftText
@testable import WeftTraining

/// A checkpoint is read back unchanged, or not at all.
@Suite struct CheckpointTests {
  /// A checkpoint with every kind of content.
  static func sample(step: Int = 12, seed: UInt64 = 1) throws -> Checkpoint {
    var configuration = Configuration()
    configuration.data.file = "data/naïve text.h5"
    configuration.model.cell = .gru
    configuration.training.steps = 100
    configuration.optimizer.learningRate = 0.1
    var state = TrainingState()
    state.step = step
    state.epoch = 3
    state.batch = 2
    state.hasCarriedState = true
    state.reductions = 1
    state.stalled = 2
    state.evaluationsWithoutImprovement = 4
    state.bestLoss = 0.1 + 0.2
    state.bestStep = 8
    state.lossSum = 1 / 3
    state.lossCount = 5
    state.scheduledStep = step - 1
    state.rollbacks = [
      TrainingState.Rollback(step: 3, checkpoint: 2, learningRateScale: 0.5),
      TrainingState.Rollback(step: 7, checkpoint: 4, learningRateScale: 1 / 3),
    ]
    state.history = [
      TrainingState.HistoryEntry(step: 4, trainingLoss: 1.5, validationLoss: .pi),
      TrainingState.HistoryEntry(step: 8, trainingLoss: .nan, validationLoss: 1 / 7),
    ]
    var generator = SplitMix(seed: seed)
    var values = generator.floats(300)
    values[1] = -0.0
    values[2] = .leastNonzeroMagnitude
    values[3] = .greatestFiniteMagnitude
    return Checkpoint(
      configuration: configuration, shape: ModelShape(input: .tokens(6), outputs: 6),
      vocabulary: try Vocabulary(tokens: ["", " ", "\n", "é", "e\u{301}", "🧵 "], unit: .word), state: state,
      arrays: [
        "weights/layer0/forward/bias": Checkpoint.Array(values: values, shape: [300]),
        "weights/output/weights": Checkpoint.Array(values: generator.floats(35), shape: [5, 7]),
        "average/output/weights": Checkpoint.Array(values: generator.floats(35), shape: [5, 7]),
        "optimizer/first_moments/output/weights": Checkpoint.Array(
          values: generator.floats(35), shape: [5, 7]),
        "state/0/hidden": Checkpoint.Array(values: generator.floats(8), shape: [2, 4]),
      ])
  }

  private static func write(_ checkpoint: Checkpoint, _ folder: TemporaryFolder) throws -> (
    path: String, bytes: Data
  ) {
    let path = folder.file("sample.h5")
    try checkpoint.write(to: path)
    return (path, try Data(contentsOf: URL(filePath: path)))
  }

  @Test func readsAsItWasWritten() throws {
    let folder = try TemporaryFolder()
    let written = try Self.sample()
    try written.write(to: folder.file("a.h5"))
    let read = try Checkpoint(reading: folder.file("a.h5"))
    #expect(read.configuration == written.configuration)
    #expect(read.shape == written.shape)
    #expect(read.vocabulary == written.vocabulary)
    #expect(read.vocabulary?.unit == .word)
    #expect(
      read.vocabulary?.tokens.map { Array($0.utf8) } == written.vocabulary?.tokens.map { Array($0.utf8) })
    #expect(read.arrays.keys.sorted() == written.arrays.keys.sorted())
    for (name, array) in written.arrays {
      #expect(read.arrays[name]?.shape == array.shape)
      #expect(read.arrays[name]?.values.map(\.bitPattern) == array.values.map(\.bitPattern), "\(name)")
    }
    #expect(read.state.history[1].trainingLoss.isNaN)
    var (readState, writtenState) = (read.state, written.state)
    readState.history[1].trainingLoss = 0
    writtenState.history[1].trainingLoss = 0
    #expect(readState == writtenState)
  }

  @Test func aFreshRunReadsAsItWasWritten() throws {
    let folder = try TemporaryFolder()
    let written = Checkpoint(
      configuration: Configuration(), shape: ModelShape(input: .features(3), outputs: 2), vocabulary: nil,
      state: TrainingState(), arrays: [:])
    #expect(written.state.bestLoss == .infinity)
    #expect(throws: WeftError.self, "required keys are missing") {
      try written.write(to: folder.file("a.h5"))
      _ = try Checkpoint(reading: folder.file("a.h5"))
    }
    let full = Checkpoint(
      configuration: try Self.sample().configuration, shape: written.shape, vocabulary: nil,
      state: written.state, arrays: [:])
    try full.write(to: folder.file("a.h5"))
    let read = try Checkpoint(reading: folder.file("a.h5"))
    #expect(read.shape == full.shape && read.vocabulary == nil && read.arrays.isEmpty)
    #expect(read.state == full.state)
  }

  @Test func equalCheckpointsAreEqualFiles() throws {
    let folder = try TemporaryFolder()
    let first = try Self.write(Self.sample(), folder).bytes
    #expect(try Self.write(Self.sample(), folder).bytes == first)
    #expect(try Self.write(Self.sample(seed: 2), folder).bytes != first)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["sample.h5"])
  }

  @Test func aFileThatWasCutOffIsAnError() throws {
    let folder = try TemporaryFolder()
    let (path, bytes) = try Self.write(Self.sample(), folder)
    let lengths = Array(0..<100) + Array(stride(from: 100, to: bytes.count, by: 211)) + [bytes.count - 1]
    for length in lengths {
      try bytes.prefix(length).write(to: URL(filePath: path))
      let error = #expect(throws: WeftError.self, "\(length) bytes") { try Checkpoint(reading: path) }
      #expect(error?.message.hasPrefix("\(path): ") == true)
    }
  }

  /// Flips one bit of each array in the file.
  @Test func damageIsToldWithTheNameOfItsDataset() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try Self.sample()
    let (path, bytes) = try Self.write(checkpoint, folder)
    for (name, array) in checkpoint.arrays {
      let stored = array.values.withUnsafeBytes { Data($0) }
      let place = try #require(bytes.range(of: stored)).lowerBound
      for offset in [0, stored.count / 2, stored.count - 1] {
        var damaged = bytes
        damaged[place + offset] ^= 4
        try damaged.write(to: URL(filePath: path))
        let error = #expect(throws: WeftError.self) { try Checkpoint(reading: path) }
        #expect(
          error?.message
            == "\(path): dataset /\(name): cannot read: the data is damaged: checksum mismatch")
      }
    }
    for (name, text) in [("configuration", "cell: gru"), ("vocabulary", "🧵 ")] {
      var damaged = bytes
      damaged[try #require(bytes.range(of: Data(text.utf8))).lowerBound] ^= 1
      try damaged.write(to: URL(filePath: path))
      let error = #expect(throws: WeftError.self) { try Checkpoint(reading: path) }
      #expect(
        error?.message
          == "\(path): dataset /\(name): cannot read: the data is damaged: checksum mismatch")
    }
  }

  /// After changing any byte, reading gives an intact checkpoint or one line.
  @Test func anyDamageIsAnErrorOrHarmless() throws {
    let folder = try TemporaryFolder()
    let written = try Self.sample()
    let (path, bytes) = try Self.write(written, folder)
    for place in stride(from: 0, to: bytes.count, by: 37) {
      var damaged = bytes
      damaged[place] ^= UInt8(truncatingIfNeeded: 1 << (place % 8))
      try damaged.write(to: URL(filePath: path))
      guard let read = try? Checkpoint(reading: path) else { continue }
      let isWhole = read.arrays.allSatisfy { written.arrays[$0.key]?.values == $0.value.values }
      #expect(isWhole, "byte \(place)")
    }
  }

  @Test func whatIsNoCheckpointIsOneLine() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.h5")
    #expect(throws: WeftError.file("\(path): cannot open: no such file or directory")) {
      try Checkpoint(reading: path)
    }
    try SmallDataset.stream.create(path)
    #expect(throws: WeftError.model("\(path): is not a Weft checkpoint")) {
      try Checkpoint(reading: path)
    }
    try Self.sample().write(to: path)
    func change(_ body: (File) throws -> Void) throws {
      let file = try File(opening: path, mode: .readWrite)
      try body(file)
      try file.close()
    }
    try change { try $0.attributes.set("outputs", to: -1) }
    #expect(
      throws: WeftError.model(
        "\(path): is damaged: a model cannot have inputs of 6 tokens and -1 outputs")
    ) { try Checkpoint(reading: path) }
    try change { try $0.attributes.set("weft_format_version", to: 9) }
    #expect(
      throws: WeftError.model("\(path): has checkpoint format 9; this version of Weft reads format 1")
    ) {
      try Checkpoint(reading: path)
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root is not bound by permissions"))
  func aFolderThatCannotBeWrittenIsOneLine() throws {
    let folder = try TemporaryFolder()
    chmod(folder.path, 0o555)
    defer { chmod(folder.path, 0o755) }
    let path = folder.file("a.h5")
    #expect(throws: WeftError.file("\(path): cannot be written: Permission denied")) {
      try Self.sample().write(to: path)
    }
  }

  @Test func aFolderThatIsMissingIsOneLine() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("no/a.h5")
    #expect(throws: WeftError.file("\(path): cannot be written: No such file or directory")) {
      try Self.sample().write(to: path)
    }
  }

  @Test func theFileBeforeStaysWhenWritingFails() throws {
    let folder = try TemporaryFolder()
    let (path, bytes) = try Self.write(Self.sample(), folder)
    let unwritable = Checkpoint(
      configuration: try Self.sample().configuration, shape: ModelShape(input: .features(1), outputs: 1),
      vocabulary: try Vocabulary(tokens: ["a\0b"]), state: TrainingState(), arrays: [:])
    #expect(throws: WeftError.self) { try unwritable.write(to: path) }
    #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["sample.h5"])
  }
}
