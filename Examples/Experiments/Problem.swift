import ArgumentParser
import Foundation
import HDF5
import WeftTasks
import WeftTraining

/// A problem whose answer lies many steps back.
enum Problem: String, CaseIterable, ExpressibleByArgument {
  /// Of numbers between 0 and 1 two are marked, one in each half of the sequence; at its end their sum is asked for
  /// (Hochreiter & Schmidhuber 1997).
  case adding
  /// Ten symbols out of eight are shown, then nothing for as many steps as the problem is long, and a mark after which
  /// the symbols are asked for in their order (Hochreiter & Schmidhuber 1997, as in Arjovsky et al. 2016).
  case copying

  /// Symbols to remember, and how many there are of them.
  private static let remembered = 10
  private static let symbols = 8

  var title: String {
    switch self {
    case .adding: "the adding problem"
    case .copying: "copy memory"
    }
  }

  /// What is told of a model.
  var score: String {
    switch self {
    case .adding: "mean squared error"
    case .copying: "symbol accuracy"
    }
  }

  /// The score of who remembers nothing: the variance of a sum of two numbers, or guessing.
  var chance: Double {
    switch self {
    case .adding: 1.0 / 6
    case .copying: 1 / Double(Problem.symbols)
    }
  }

  func isSolved(_ score: Double) -> Bool {
    switch self {
    case .adding: score < 0.005
    case .copying: score > 0.99
    }
  }

  func text(_ score: Double) -> String {
    switch self {
    case .adding: String(format: "%.4f", score)
    case .copying: String(format: "%.1f%%", 100 * score)
    }
  }

  /// The score in an evaluation.
  func score(of evaluation: Evaluation) -> Double {
    switch self {
    case .adding: evaluation.loss
    case .copying: evaluation.accuracy ?? .nan
    }
  }

  /// Sets what of the configuration depends on the problem.
  func configure(_ configuration: inout Configuration) {
    switch self {
    case .adding:
      configuration.loss.kind = .squaredError
      configuration.model.output = .lastStep
    case .copying:
      configuration.training.metric = "accuracy"
    }
  }

  /// Writes random sequences.
  ///
  /// - Parameter splits: The number of sequences in each split.
  func write(to path: String, length: Int, splits: [(name: String, count: Int)], seed: UInt64) throws {
    let file = try File(creating: path, overwrite: true)
    var random = SplitMix(seed: seed)
    if self == .copying { try file.write("vocabulary", (0..<Problem.symbols + 2).map { "\($0)" }) }
    for (name, count) in splits {
      switch self {
      case .adding: try Problem.writeSums(file, name, count: count, length: length, &random)
      case .copying: try Problem.writeCopies(file, name, count: count, length: length, &random)
      }
    }
    try file.close()
  }

  private static func writeSums(
    _ file: File, _ split: String, count: Int, length: Int, _ random: inout SplitMix
  ) throws {
    var inputs: [Float] = []
    var sums: [Float] = []
    for _ in 0..<count {
      let marked = [
        Int.random(in: 0..<length / 2, using: &random), Int.random(in: length / 2..<length, using: &random),
      ]
      var sum: Float = 0
      for step in 0..<length {
        let value = Float.random(in: 0..<1, using: &random)
        inputs += [value, marked.contains(step) ? 1 : 0]
        if marked.contains(step) { sum += value }
      }
      sums.append(sum)
    }
    try file.write("\(split)/inputs", inputs, shape: [count, length, 2])
    try file.write("\(split)/targets", sums)
  }

  private static func writeCopies(
    _ file: File, _ split: String, count: Int, length: Int, _ random: inout SplitMix
  ) throws {
    let (blank, mark) = (UInt8(symbols), UInt8(symbols + 1))
    var inputs: [UInt8] = []
    var targets: [Int8] = []
    for _ in 0..<count {
      let shown = (0..<remembered).map { _ in UInt8.random(in: 0..<UInt8(symbols), using: &random) }
      inputs += shown + [UInt8](repeating: blank, count: length - 1) + [mark]
      inputs += [UInt8](repeating: blank, count: remembered)
      // Steps of −1 do not count.
      targets += [Int8](repeating: -1, count: length + remembered) + shown.map { Int8($0) }
    }
    let steps = length + 2 * remembered
    try file.write("\(split)/inputs", inputs, shape: [count, steps])
    try file.write("\(split)/targets", targets, shape: [count, steps])
  }
}

/// The generator SplitMix64 (Steele, Lea & Flood 2014).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
