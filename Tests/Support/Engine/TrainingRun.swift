import Foundation
import HDF5
import WeftBase
import WeftMetrics
import WeftTasks
import WeftTraining

/// A run of the trainer on a small file, in a separate folder.
package struct TrainingRun {
  package let folder: TemporaryFolder
  package var configuration: Configuration

  /// - Parameter task: The task to learn.
  package init(_ task: SmallTask, change: (inout Configuration) -> Void = { _ in }) throws {
    folder = try TemporaryFolder()
    configuration = task.configuration
    configuration.data.file = folder.file("data.h5")
    try task.write(to: configuration.data.file)
    change(&configuration)
  }

  package func trainer(
    _ name: String, threads: Int = 1, resume: Bool = false, onNote: @escaping (String) -> Void = { _ in }
  ) throws -> Trainer {
    try Trainer(
      configuration, output: folder.file(name), threads: threads, resume: resume, onNote: onNote)
  }

  /// Trains to the end and returns the last checkpoint.
  @discardableResult
  package func finish(_ name: String = "run", threads: Int = 1, resume: Bool = false) throws -> Checkpoint {
    let trainer = try trainer(name, threads: threads, resume: resume)
    try trainer.run()
    return try Checkpoint(reading: RunFolder(folder.file(name)).checkpoint(step: trainer.step))
  }

  /// Trains, stops and resumes after each of these steps, until the end.
  package func finish(_ name: String, interruptedAt steps: [Int], threads: [Int]) throws -> Checkpoint {
    for (index, step) in steps.enumerated() {
      let trainer = try trainer(name, threads: threads[index % threads.count], resume: index > 0)
      let ending = try trainer.run(interruption: { trainer.step == step })
      guard ending == .interrupted, trainer.step == step else {
        throw WeftError.failure("the run was to stop at step \(step), not at \(trainer.step)")
      }
    }
    return try finish(name, threads: threads[steps.count % threads.count], resume: true)
  }
}

/// A small learnable task in each data layout.
package enum SmallTask: String, CaseIterable, Sendable {
  /// The next letter of a repeating text; states are carried, so that windows are in order.
  case text
  /// Whether a feature is positive, at each step of sequences of unequal lengths.
  case signs
  /// The mean of the features of a whole sequence.
  case mean
  /// Words written backwards, in another vocabulary.
  case pairs
  /// Reconstruction of sequences from their final state.
  case memory

  package var configuration: Configuration {
    var configuration = Configuration()
    configuration.model.hidden = 6
    configuration.training.lanes = 3
    configuration.training.steps = 13
    configuration.training.evaluateEvery = 4
    configuration.training.keep = 99
    configuration.optimizer.learningRate = 0.02
    switch self {
    case .text:
      configuration.data.window = 5
      configuration.training.carryState = true
      configuration.training.batch = 4
      configuration.model.embedding = 5
    case .signs:
      configuration.training.batch = 5
    case .mean:
      configuration.training.batch = 6
      configuration.model.output = .lastStep
      configuration.loss.kind = .squaredError
    case .pairs:
      configuration.training.batch = 5
      configuration.model.kind = .encoderDecoder
      configuration.model.isBidirectional = true
      configuration.model.embedding = 5
      configuration.decoding.maximumLength = 9
      configuration.decoding.validationSequences = 7
    case .memory:
      configuration.training.batch = 5
      configuration.model.kind = .autoencoder
      configuration.loss.kind = .squaredError
    }
    return configuration
  }

  package func write(to path: String) throws {
    let file = try File(creating: path)
    var generator = SplitMix(seed: 11)
    if self == .text { try file.write("vocabulary", ["a", "b", "c", "d", "e"]) }
    if self == .signs { try file.write("classes", ["negative", "positive"]) }
    if self == .pairs {
      try file.write("vocabulary", ["a", "b", "c", "<unk>"])
      try file.write("target_vocabulary", ["A", "B", "C", "D"])
      try file.attributes.set("unit", to: "word")
    }
    for (split, count) in [("train", 24), ("validation", 9)] {
      switch self {
      case .text:
        let text: [UInt8] = [0, 1, 2, 1, 3, 4]
        try file.write("\(split)/tokens", (0..<count * 5 + 2).map { text[$0 % text.count] })
      case .signs:
        let lengths = (0..<count).map { _ in Int.random(in: 1...7, using: &generator) }
        let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        let features = generator.floats(offsets[count] * 2)
        try file.write("\(split)/offsets", offsets)
        try file.write("\(split)/inputs", features, shape: [offsets[count], 2])
        let targets = (0..<offsets[count]).map { step -> Int8 in features[2 * step] > 0 ? 1 : 0 }
        try file.write("\(split)/targets", targets)
      case .mean:
        let features = generator.floats(count * 4 * 3)
        try file.write("\(split)/inputs", features, shape: [count, 4, 3])
        let targets = (0..<count).map { features[$0 * 12..<($0 + 1) * 12].reduce(0, +) / 4 }
        try file.write("\(split)/targets", targets)
      case .pairs:
        var (inputs, targets): ([UInt8], [UInt8]) = ([], [])
        var (inputOffsets, targetOffsets) = ([0], [0])
        for _ in 0..<count {
          let words = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
            UInt8.random(in: 0..<3, using: &generator)
          }
          inputs += words
          // Some words have no translation, so that lengths differ.
          targets += words.reversed().filter { $0 != 2 }
          inputOffsets.append(inputs.count)
          targetOffsets.append(targets.count)
        }
        try file.write("\(split)/inputs", inputs)
        try file.write("\(split)/offsets", inputOffsets)
        try file.write("\(split)/targets", targets)
        try file.write("\(split)/target_offsets", targetOffsets)
      case .memory:
        let lengths = (0..<count).map { _ in Int.random(in: 1...7, using: &generator) }
        let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        try file.write("\(split)/offsets", offsets)
        // Straight lines with individual slopes and offsets.
        let inputs = lengths.flatMap { length in
          let start = generator.floats(2)
          let slope = generator.floats(2, in: -0.2...0.2)
          return (0..<length).flatMap { step in (0..<2).map { start[$0] + slope[$0] * Float(step) } }
        }
        try file.write("\(split)/inputs", inputs, shape: [offsets[count], 2])
      }
    }
    try file.close()
  }
}
