import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftLayers
@testable import WeftTasks

/// Invalid pairs of sequences give one line with the file, the dataset and the way out.
@Suite struct PairErrorTests {
  /// A flaw of a file with three pairs, and its error.
  struct Flaw: Sendable, CustomTestStringConvertible {
    let message: String
    let spoil: @Sendable (File) throws -> Void
    let configure: @Sendable (inout Configuration) -> Void
    var testDescription: String { message }

    init(
      _ message: String, spoil: @escaping @Sendable (File) throws -> Void = { _ in },
      configure: @escaping @Sendable (inout Configuration) -> Void = { _ in }
    ) {
      self.message = message
      self.spoil = spoil
      self.configure = configure
    }
  }

  static func write(_ path: String, spoil: (File) throws -> Void) throws {
    let file = try File(creating: path)
    try file.write("vocabulary", ["a", "b"])
    try file.write("target_vocabulary", ["A", "B", "C"])
    for split in ["train", "validation"] {
      try file.write("\(split)/inputs", [0, 1, 1, 0, 1, 0] as [UInt8])
      try file.write("\(split)/offsets", [0, 2, 3, 6])
      try file.write("\(split)/targets", [0, 1, 2, 2] as [UInt8])
      try file.write("\(split)/target_offsets", [0, 1, 1, 4])
    }
    try spoil(file)
    try file.close()
  }

  static func open(_ path: String, _ configure: (inout Configuration) -> Void) throws {
    var configuration = Configuration()
    configuration.data.file = path
    configuration.model.kind = .encoderDecoder
    configuration.model.hidden = 4
    configuration.training.batch = 2
    configuration.training.steps = 1
    configure(&configuration)
    try configuration.validate()
    let file = try DatasetFile(configuration)
    _ = try configuration.makeTask(
      fitting: file.fittedData(Loss(configuration.loss)))
    for split in ["train", "validation"] {
      let source = try file.batches(split: split, shuffles: false)
      for index in 0..<source.batchesPerEpoch { _ = try source.batch(epoch: 0, index: index) }
    }
  }

  static let flaws = [
    Flaw("data.h5: group /train: no targets; name their dataset with data.targets") {
      try $0.delete("train/targets")
    },
    Flaw("data.h5: group /train: no dataset 'target_offsets'; name another with data.target_offsets") {
      try $0.delete("train/target_offsets")
    },
    Flaw("data.h5: /target_vocabulary, the text of each target token, is missing") {
      try $0.delete("vocabulary")
      try $0.delete("target_vocabulary")
      for split in ["train", "validation"] {
        try $0.put("\(split)/inputs", [Float](repeating: 0, count: 12), shape: [6, 2])
      }
    },
    Flaw("data.h5: dataset /train/targets: has 2 sequences, but the inputs have 3") {
      try $0.put("train/target_offsets", [0, 1, 4])
    },
    Flaw(
      "data.h5: dataset /train/target_offsets: must start with 0 and end with 4, the number of steps of the targets"
    ) {
      try $0.put("train/target_offsets", [0, 1, 2, 3])
    },
    Flaw(
      "data.h5: dataset /train/target_offsets: sequence 1 has offsets 3 to 2; offsets must be ascending"
    ) { try $0.put("train/target_offsets", [0, 3, 2, 4]) },
    Flaw("data.h5: dataset /train/offsets: sequence 1 has offsets 2 to 2; sequences must not be empty") {
      try $0.put("train/offsets", [0, 2, 2, 6])
    },
    Flaw("data.h5: dataset /train/targets: token 3 at 2 is not between 0 and 2") {
      try $0.put("train/targets", [0, 1, 3, 2] as [UInt8])
    },
    Flaw("data.h5: dataset /train/inputs: token 2 at 3 is not between 0 and 1") {
      try $0.put("train/inputs", [0, 1, 1, 2, 1, 0] as [UInt8])
    },
    Flaw("data.h5: the targets need model.output_size 3, not 5", configure: { $0.model.outputSize = 5 }),
    Flaw(
      "data.h5: decoder.attention 'dot' needs decoder.hidden equal to the 2 input features, not 4; try 'general'",
      spoil: {
        for split in ["train", "validation"] {
          try $0.delete("\(split)/offsets")
          try $0.put("\(split)/inputs", [Float](repeating: 0, count: 24), shape: [3, 4, 2])
        }
      },
      configure: {
        $0.model.layers = 0
        $0.decoder.attention = .dot
      }),
    Flaw(
      "data.h5: group /validation: has inputs of 2 features and targets of 3 classes, but /train has inputs of 2 tokens and targets of 3 classes"
    ) {
      try $0.put("validation/inputs", [Float](repeating: 0, count: 12), shape: [6, 2])
    },
  ]

  @Test(arguments: flaws) func isOneLine(_ flaw: Flaw) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(path, spoil: flaw.spoil)
    let error = try #require(throws: WeftError.self) { try Self.open(path, flaw.configure) }
    #expect(error.message.replacing(path, with: "data.h5") == flaw.message)
  }

  @Test func theFileIsRightBeforeItIsSpoilt() throws {
    let folder = try TemporaryFolder()
    try Self.write(folder.file("data.h5")) { _ in }
    try Self.open(folder.file("data.h5")) { _ in }
  }

  @Test func pairsStayTogether() throws {
    let folder = try TemporaryFolder()
    try Self.write(folder.file("data.h5")) { _ in }
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.model.kind = .encoderDecoder
    configuration.training.batch = 3
    let batch = try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(
      epoch: 0, index: 0)
    #expect(batch.lengths == [3, 2, 1])
    #expect(batch.inputs == .tokens([0, 1, 0, 0, 1, 1]))
    #expect(batch.targets?.sequences == TargetSequences(lengths: [3, 1, 0], steps: .tokens([1, 2, 2, 0])))
  }

  /// Begin and end tokens of a file are dropped: the model adds its own.
  @Test func marksAreLeftOut() throws {
    let folder = try TemporaryFolder()
    try Self.write(folder.file("data.h5")) {
      try $0.put("target_vocabulary", ["<bos>", "<eos>", "A"])
      try $0.put("train/targets", [0, 2, 2, 1, 0, 1, 2, 2] as [UInt8])
      try $0.put("train/target_offsets", [0, 4, 6, 8])
    }
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.model.kind = .encoderDecoder
    let batch = try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(
      epoch: 0, index: 0)
    #expect(
      batch.targets?.sequences == TargetSequences(lengths: [2, 2, 0], steps: .tokens([2, 2, 2, 2])))
  }

  @Test func anAutoencoderWritesBackwards() {
    let batch = Minibatch(
      lengths: [3, 1], inputs: .features([1, 2, 3, 4, 5, 6, 7, 8], width: 2), targets: nil)
    #expect(
      batch.reversingInputs.targets?.sequences
        == TargetSequences<FeatureArray>(
          lengths: [3, 1], steps: .features([5, 6, 3, 4, 1, 2, 7, 8], width: 2)))
  }
}
