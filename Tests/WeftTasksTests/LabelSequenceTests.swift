import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftTasks
@testable import WeftTraining

/// Sequences with labels that are not aligned to their steps, from the file to a trained model.
@Suite("Label sequences") struct LabelSequenceTests {
  /// Three sequences of 4, 2 and 6 steps with 2, 0 and 3 labels out of three.
  static func write(
    to path: String, labels: [Int32] = [0, 1, 2, 2, 1], offsets: [Int] = [0, 2, 2, 5],
    spoil: (File) throws -> Void = { _ in }
  ) throws {
    let file = try File(creating: path, overwrite: true)
    try file.put("classes", ["a", "b", "c"])
    try file.write("train/inputs", (0..<24).map { Float($0) / 8 }, shape: [12, 2])
    try file.write("train/offsets", [0, 4, 6, 12])
    try file.write("train/targets", labels)
    try file.write("train/target_offsets", offsets)
    try spoil(file)
    try file.close()
  }

  static func configuration(_ path: String) -> Configuration {
    var configuration = Configuration()
    configuration.data.file = path
    configuration.loss.kind = .ctc
    configuration.model.hidden = 4
    configuration.training.batch = 3
    configuration.training.steps = 3
    return configuration
  }

  @Test func raggedAndPaddedLabelsAreTheSame() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    let configuration = Self.configuration(path)
    func batch() throws -> Minibatch {
      let dataset = try DatasetFile(configuration)
      #expect(try dataset.modelShape(Loss(configuration.loss)) == ModelShape(input: .features(2), outputs: 4))
      let batch = try dataset.batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
      #expect(batch.lengths == [6, 4, 2])
      #expect((0..<3).map { batch.targetTokens(ofRow: $0) } == [[2, 2, 1], [0, 1], []])
      #expect(Loss(kind: .ctc).targetCount(of: batch) == 3 + 2 + 1)
      return batch
    }
    try Self.write(to: path)
    let ragged = try batch()
    try Self.write(to: path) {
      try $0.delete("train/target_offsets")
      try $0.put("train/targets", [Int32]([0, 1, 9, -1, 9, 9, 2, 2, 1]), shape: [3, 3])
      try $0.write("train/target_lengths", [2, 0, 3])
    }
    #expect(try batch() == ragged)
  }

  @Test func aBlankOfTheFileIsNoLabel() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    var configuration = Self.configuration(path)
    try Self.write(to: path, labels: [1, 1, 2, 2, 1])
    configuration.loss.blank = 0
    #expect(try DatasetFile(configuration).modelShape(Loss(configuration.loss)).outputs == 3)
    _ = try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
    configuration.loss.blank = 1
    #expect(throws: WeftError.self) {
      try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
    }
  }

  struct Flaw: Sendable, CustomTestStringConvertible {
    let message: String
    var labels: [Int32] = [0, 1, 2, 2, 1]
    var offsets = [0, 2, 2, 5]
    var spoil: @Sendable (File) throws -> Void = { _ in }
    var configure: @Sendable (inout Configuration) -> Void = { _ in }
    var testDescription: String { message }
  }

  static let flaws = [
    Flaw(
      message:
        "dataset /train/target_offsets: must start with 0 and end with 5, the number of steps of the targets",
      offsets: [0, 2, 2, 4]),
    Flaw(
      message: "dataset /train/target_offsets: sequence 1 has offsets 3 to 2; offsets must be ascending",
      offsets: [0, 3, 2, 5]),
    Flaw(
      message: "dataset /train/targets: has 2 sequences, but the inputs have 3", offsets: [0, 2, 5]),
    Flaw(
      message: "dataset /train/targets: class -1 at 3 is not between 0 and 2", labels: [0, 1, 2, -1, 1]),
    Flaw(
      message: "dataset /train/targets: class 1 at 4 equals loss.blank, which is reserved",
      configure: { $0.loss.blank = 1 }),
    Flaw(
      message:
        "dataset /train/targets: loss.blank 3 is not one of its 3 classes; remove it to add a"
        + " class for the blank",
      configure: { $0.loss.blank = 3 }),
    Flaw(
      message: "group /train: no dataset 'where'; name another with data.target_offsets",
      configure: { $0.data.targetOffsets = "where" }),
    Flaw(
      message: "dataset /train/target_lengths: length 4 of row 0 is not between 0 and 3",
      spoil: {
        try $0.delete("train/target_offsets")
        try $0.put("train/targets", [Int32](repeating: 0, count: 9), shape: [3, 3])
        try $0.write("train/target_lengths", [4, 0, 3])
      }),
    Flaw(
      message:
        "dataset /train/inputs: a stream has no target sequences; cut it into sequences with offsets",
      configure: { $0.data.format = .stream }),
    Flaw(
      message:
        "dataset /train/inputs: a stream has no target sequences; cut it into sequences with offsets",
      spoil: {
        for name in ["targets", "target_offsets", "offsets"] { try $0.delete("train/\(name)") }
      }),
    Flaw(
      message: "dataset /train/targets: class 0.5 at 2 is not a whole number",
      spoil: { try $0.put("train/targets", [Float](repeating: 0.5, count: 5)) }),
  ]

  @Test(arguments: flaws) func badLabelsAreTold(_ flaw: Flaw) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path, labels: flaw.labels, offsets: flaw.offsets, spoil: flaw.spoil)
    var configuration = Self.configuration(path)
    flaw.configure(&configuration)
    let error = #expect(throws: WeftError.self) { try readAsTraining(configuration) }
    #expect(error?.message == "\(path): \(flaw.message)")
  }

  /// Runs of one feature, 1 to 3 steps each, between zeros: the labels are the features.
  private static func writeTask(to path: String) throws {
    let file = try File(creating: path)
    try file.put("classes", ["a", "b", "c"])
    var random = SplitMix(seed: 8)
    for (split, count) in [("train", 40), ("validation", 12)] {
      var (features, offsets, labels, labelOffsets) = ([Float](), [0], [Int32](), [0])
      for _ in 0..<count {
        for _ in 0..<Int.random(in: 0...4, using: &random) {
          let label = Int32.random(in: 0..<3, using: &random)
          labels.append(label)
          for _ in 0..<Int.random(in: 1...3, using: &random) {
            features += (0..<3).map { $0 == label ? 1 : 0 }
          }
          features += [0, 0, 0]
        }
        features += [0, 0, 0]
        offsets.append(features.count / 3)
        labelOffsets.append(labels.count)
      }
      try file.write("\(split)/inputs", features, shape: [features.count / 3, 3])
      try file.write("\(split)/offsets", offsets)
      try file.write("\(split)/targets", labels)
      try file.write("\(split)/target_offsets", labelOffsets)
    }
    try file.close()
  }

  @Test func aModelLearnsToReadThemWithTheSameBitsForAnyThreads() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.writeTask(to: path)
    var configuration = Self.configuration(path)
    configuration.model.hidden = 12
    configuration.training.batch = 10
    configuration.training.lanes = 4
    configuration.training.steps = 160
    configuration.optimizer.learningRate = 0.03
    var checkpoints: [Checkpoint] = []
    for threads in [1, 3] {
      let output = folder.file("run\(threads)")
      let trainer = try Trainer(configuration, output: output, threads: threads)
      try trainer.run()
      checkpoints.append(try Checkpoint(reading: RunFolder(output).checkpoint(step: trainer.step)))
    }
    let history = checkpoints[0].state.history
    #expect(history[history.count - 1].validationLoss < 0.1)
    #expect(checkpoints[0].arrays == checkpoints[1].arrays)
    #expect(history == checkpoints[1].state.history)
  }

  @Test func labelsOfWhichNoneCanBeAlignedAreAnError() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path, labels: [Int32](repeating: 1, count: 3 + 2 + 4), offsets: [0, 3, 5, 9])
    let error = #expect(throws: WeftError.self) {
      try Trainer(Self.configuration(path), output: folder.file("run"), threads: 1)
    }
    #expect(
      error?.message
        == "\(path): group /train: every sequence has fewer steps than its labels need; use more steps,"
        + " for example with a smaller --hop of 'weft data audio'")
  }

  @Test func labelsWithoutAlignmentAreToldAndDoNotCount() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    // The first sequence has 4 steps for 3 equal labels.
    try Self.write(to: path, labels: [1, 1, 1, 0, 2], offsets: [0, 3, 3, 5])
    let configuration = Self.configuration(path)
    var notes: [String] = []
    let trainer = try Trainer(configuration, output: folder.file("run"), threads: 1) { notes.append($0) }
    #expect(
      notes == [
        "\(path): group /train: 1 of 3 sequences have fewer steps than their labels need; they are ignored"
      ])
    let batch = try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(
      epoch: 0, index: 0)
    #expect(Loss(kind: .ctc).targetCount(of: batch) == 3)
    var losses: [Double] = []
    try trainer.run { losses.append($0.loss) }
    #expect(losses.count == 3 && losses.allSatisfy { $0.isFinite && $0 > 0 })
  }
}
