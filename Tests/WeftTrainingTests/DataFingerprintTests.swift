import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTraining

/// A run resumes on the data that it was trained on, and on others only deliberately.
@Suite struct DataFingerprintTests {
  /// A change of the file of `SmallTask.signs`.
  struct Change: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// What the error says after the file's path.
    let message: String
    let make: @Sendable (File) throws -> Void

    init(_ name: String, _ message: String, _ make: @escaping @Sendable (File) throws -> Void) {
      testDescription = name
      self.message = message
      self.make = make
    }
  }

  static let changes: [Change] = [
    Change("one value", "dataset /train/inputs: values differ from those the run was trained on") { file in
      try edit(file, "train/inputs", Float.self) { $0[7] += 1 }
    },
    Change("swapped labels", "dataset /train/targets: values differ from those the run was trained on") {
      file in
      try edit(file, "train/targets", Int8.self) { targets in
        let other = targets.firstIndex { $0 != targets[0] } ?? 0
        targets.swapAt(0, other)
      }
    },
    Change(
      "other validation data", "dataset /validation/targets: values differ from those the run was trained on"
    ) { file in try edit(file, "validation/targets", Int8.self) { $0[0] = 1 - $0[0] } },
    Change(
      "other lengths",
      "lengths of the sequences of /train/inputs: values differ from those the run was trained on"
    ) { file in
      try edit(file, "train/offsets", Int.self) { offsets in
        let index = offsets.indices.dropFirst().first { offsets[$0 + 1] - offsets[$0 - 1] > 2 } ?? 1
        offsets[index] = offsets[index] - offsets[index - 1] > 1 ? offsets[index] - 1 : offsets[index] + 1
      }
    },
    Change("another type", "dataset /train/targets: has type int16, but the run was trained on int8") {
      file in
      let targets = try file.dataset("train/targets").read(as: Int16.self)
      try file.put("train/targets", targets)
    },
    Change("no validation", "group /validation: is missing, but the run was trained with it") { file in
      try file.delete("validation")
    },
    Change(
      "other chunks",
      "dataset /train/targets: has chunks of [3], but the run was trained on contiguous storage, on which the"
        + " order of shuffled sequences depends"
    ) { file in
      let targets = try file.dataset("train/targets").read(as: Int8.self)
      try file.delete("train/targets")
      try file.write("train/targets", targets, chunk: [3])
    },
  ]

  private static func edit<Element: HDF5Element>(
    _ file: File, _ name: String, _ type: Element.Type, _ body: (inout [Element]) -> Void
  ) throws {
    let dataset = try file.dataset(name)
    var values = try dataset.read(as: type)
    body(&values)
    try file.put(name, values, shape: dataset.shape)
  }

  /// Trains to step 7 of 13, in the middle of the second epoch.
  private static func interruptedRun(
    _ task: SmallTask = .signs, change: (inout TrainingRun) -> Void = { _ in }
  ) throws -> TrainingRun {
    var run = try TrainingRun(task)
    change(&run)
    let trainer = try run.trainer("run")
    try trainer.run(interruption: { trainer.step == 7 })
    return run
  }

  private static func change(_ run: TrainingRun, _ body: (File) throws -> Void) throws {
    let file = try File(opening: run.configuration.data.file, mode: .readWrite)
    try body(file)
    try file.close()
  }

  @Test(arguments: changes) func otherDataAreRefused(_ change: Change) throws {
    let run = try Self.interruptedRun()
    let folder = RunFolder(run.folder.file("run"))
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let original = try Data(contentsOf: URL(filePath: run.configuration.data.file))
    try Self.change(run, change.make)
    #expect(
      throws: WeftError.data(
        "\(run.configuration.data.file): \(change.message); restore the data, or add --data-changed to go on"
          + " deliberately")
    ) { try run.trainer("run", resume: true) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
    // Nothing was harmed.
    try original.write(to: URL(filePath: run.configuration.data.file))
    let resumed = try run.finish("run", resume: true)
    #expect(try run.finish("whole").arrays == resumed.arrays)
  }

  @Test(arguments: changes) func otherDataAreAcceptedDeliberately(_ change: Change) throws {
    let run = try Self.interruptedRun()
    try Self.change(run, change.make)
    var notes: [String] = []
    let difference = TrainingState.DataChange(step: 7, difference: change.message)
    func resume() throws {
      let trainer = try Trainer(
        run.configuration, output: run.folder.file("run"), threads: 1, resume: true, acceptsChangedData: true,
        onNote: { notes.append($0) })
      #expect(notes == ["the data have changed: \(change.message); epoch 2 starts anew"])
      #expect(trainer.state.batch == 0 && trainer.state.epoch == 1 && trainer.step == 7)
      #expect(try trainer.run(interruption: { trainer.step == 9 }) == .interrupted)
    }
    try resume()
    // The change is recorded once; from now on these are the run's data.
    let folder = RunFolder(run.folder.file("run"))
    #expect(try Checkpoint(reading: folder.checkpoint(step: 9)).state.dataChanges == [difference])
    let last = try run.finish("run", resume: true)
    #expect(last.state.step == 13)
    #expect(last.state.dataChanges == [difference])
  }

  /// Compression, the place of the file and the rest of its contents change nothing.
  @Test func theSameDataInAnotherFileGoOn() throws {
    var run = try Self.interruptedRun {
      try? Self.change($0) { try Self.compress($0, filters: []) }
    }
    let whole = try run.finish("whole")
    try Self.change(run) { file in
      try Self.compress(file, filters: [.shuffle, .deflate(level: 9), .fletcher32])
      try file.attributes.set("source", to: "elsewhere")
      try file.write("test/other", [1, 2, 3])
    }
    let moved = run.folder.file("moved.h5")
    try FileManager.default.moveItem(atPath: run.configuration.data.file, toPath: moved)
    run.configuration.data.file = moved
    #expect(try run.finish("run", resume: true).arrays == whole.arrays)
  }

  private static func compress(_ file: File, filters: [Filter]) throws {
    for split in ["train", "validation"] {
      let dataset = try file.dataset("\(split)/inputs")
      let (shape, values) = (try dataset.shape, try dataset.read(as: Float.self))
      try file.delete("\(split)/inputs")
      try file.write("\(split)/inputs", values, shape: shape, chunk: [5, 2], filters: filters)
    }
  }

  @Test func halfOfTheDataGoOnForAllEpochs() throws {
    let run = try Self.interruptedRun(.mean) {
      $0.configuration.training.steps = nil
      $0.configuration.training.epochs = 4
    }
    try Self.change(run) { file in
      let values = try file.dataset("train/inputs").read(as: Float.self)
      try file.put("train/inputs", Array(values.prefix(12 * 12)), shape: [12, 4, 3])
      try file.delete("train/targets")
      try file.write("train/targets", (0..<12).map { Float($0) / 12 })
    }
    let error = #expect(throws: WeftError.self) { try run.trainer("run", resume: true) }
    #expect(
      error?.message.hasPrefix(
        "\(run.configuration.data.file): dataset /train/inputs: has the shape [12, 4, 3], but the run was"
          + " trained on [24, 4, 3]; ") == true)
    func finish(acceptsChangedData: Bool) throws {
      let trainer = try Trainer(
        run.configuration, output: run.folder.file("run"), threads: 1, resume: true,
        acceptsChangedData: acceptsChangedData)
      #expect(try trainer.run() == .finished)
      // Epochs had 4 steps and have 2: the second epoch starts anew after step 7.
      #expect(trainer.step == 7 + 3 * 2)
      #expect(trainer.state.epoch == 4 && trainer.state.batch == 0)
    }
    try finish(acceptsChangedData: true)
    // The end is the same however often the run is resumed.
    try finish(acceptsChangedData: false)
  }

  @Test func anotherVocabularyIsRefusedEvenDeliberately() throws {
    let run = try Self.interruptedRun(.text)
    try Self.change(run) { try $0.put("vocabulary", ["a", "b", "c", "e", "d"]) }
    for accepts in [false, true] {
      let error = #expect(throws: WeftError.self) {
        try Trainer(
          run.configuration, output: run.folder.file("run"), threads: 1, resume: true,
          acceptsChangedData: accepts)
      }
      #expect(
        error?.message.hasPrefix("\(run.configuration.data.file): its vocabulary differs from the one ")
          == true)
    }
  }

  /// Rewrites the checkpoints as earlier versions wrote them.
  private static func removeFingerprints(_ run: TrainingRun) throws {
    for path in RunFolder(run.folder.file("run")).checkpoints {
      let file = try File(opening: path, mode: .readWrite)
      try file.delete("data_fingerprint")
      try file.close()
    }
  }

  @Test func checkpointsOfEarlierVersionsGoOn() throws {
    let run = try Self.interruptedRun()
    try Self.removeFingerprints(run)
    var notes: [String] = []
    let path = RunFolder(run.folder.file("run")).checkpoint(step: 7)
    let trainer = try run.trainer("run", resume: true, onNote: { notes.append($0) })
    #expect(
      notes == [
        "\(path): contains no fingerprint of its data, so whether they are the same was not checked"
      ])
    try trainer.run()
    let last = try Checkpoint(reading: RunFolder(run.folder.file("run")).checkpoint(step: 13))
    #expect(try run.finish("whole").arrays == last.arrays)
    #expect(last.fingerprint != nil)
  }

  @Test func checkpointsOfEarlierVersionsCountMinibatches() throws {
    let run = try Self.interruptedRun(.text)
    try Self.removeFingerprints(run)
    try Self.change(run) { try $0.put("train/tokens", (0..<62).map { UInt8($0 % 5) }) }
    #expect(
      throws: WeftError.data(
        "\(run.configuration.data.file): has 3 minibatches per epoch, with which no run is at minibatch 2 of"
          + " epoch 2 after 7 steps; restore the data, or add --data-changed to go on deliberately")
    ) { try run.trainer("run", resume: true) }
  }
}
