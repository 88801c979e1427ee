import Foundation
import HDF5
import TestSupport

/// Small files of every layout, generated from fixed seeds, for training runs whose weights are compared bit by bit.
enum HashedData: String, CaseIterable, Sendable {
  /// One stream of tokens out of 11.
  case text
  /// Ragged sequences of 3 features with a class out of three for each step.
  case steps
  /// Ragged sequences of 3 features with a class out of four for each sequence.
  case classes
  /// Dense padded sequences of 5 features with two numbers between 0 and 1 for each sequence.
  case dense
  /// Ragged sequences of 4 features with label sequences out of five.
  case labels
  /// One stream of two features, with three covariates known in advance.
  case series
  /// Pairs of token sequences with separate vocabularies.
  case pairs
  /// Ragged sequences of 6 features with a sequence of tokens to write for each.
  case captions

  func write(to path: String) throws {
    let file = try File(creating: path)
    var random = SplitMix(seed: 1234)
    func letters(_ count: Int) -> [String] { (0..<count).map { "t\($0)" } }
    switch self {
    case .text: try file.write("vocabulary", letters(11))
    case .steps: try file.write("classes", letters(3))
    case .classes: try file.write("classes", letters(4))
    case .labels: try file.write("classes", letters(5))
    case .pairs:
      try file.write("vocabulary", letters(7))
      try file.write("target_vocabulary", letters(6))
      try file.attributes.set("unit", to: "word")
    case .captions:
      try file.write("target_vocabulary", letters(6))
      try file.attributes.set("unit", to: "word")
    case .dense, .series: break
    }
    for (split, count) in [("train", 41), ("validation", 9)] {
      func lengths(_ range: ClosedRange<Int>) -> [Int] {
        (0..<count).map { _ in Int.random(in: range, using: &random) }
      }
      func offsets(_ lengths: [Int]) -> [Int] {
        lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
      }
      func tokens(_ count: Int, below bound: UInt8) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0..<bound, using: &random) }
      }
      func writeSteps(_ lengths: [Int], width: Int) throws {
        let steps = lengths.reduce(0, +)
        try file.write("\(split)/inputs", random.floats(steps * width), shape: [steps, width])
        try file.write("\(split)/offsets", offsets(lengths))
      }
      func writeTargets(_ lengths: [Int], below bound: UInt8) throws {
        try file.write("\(split)/targets", tokens(lengths.reduce(0, +), below: bound))
        try file.write("\(split)/target_offsets", offsets(lengths))
      }
      switch self {
      case .text: try file.write("\(split)/tokens", tokens(count * 19 + 3, below: 11))
      case .steps:
        let lengths = lengths(1...9)
        try writeSteps(lengths, width: 3)
        try file.write("\(split)/targets", tokens(lengths.reduce(0, +), below: 3))
      case .classes:
        try writeSteps(lengths(1...9), width: 3)
        try file.write("\(split)/targets", tokens(count, below: 4))
      case .dense:
        try file.write("\(split)/inputs", random.floats(count * 7 * 5), shape: [count, 7, 5])
        try file.write("\(split)/lengths", lengths(1...7))
        try file.write("\(split)/targets", random.floats(count * 2, in: 0...1), shape: [count, 2])
      case .labels:
        try writeSteps(lengths(4...11), width: 4)
        // The last class is reserved for the blank.
        try writeTargets(lengths(0...4), below: 4)
      case .series:
        try file.write("\(split)/inputs", random.floats(count * 12 * 2), shape: [count * 12, 2])
        try file.write("\(split)/known", random.floats(count * 12 * 3), shape: [count * 12, 3])
      case .pairs:
        let lengths = lengths(1...6)
        try file.write("\(split)/inputs", tokens(lengths.reduce(0, +), below: 7))
        try file.write("\(split)/offsets", offsets(lengths))
        try writeTargets(lengths.map { max($0 - 1, 0) }, below: 6)
      case .captions:
        try writeSteps(lengths(2...6), width: 6)
        try writeTargets(lengths(0...5), below: 6)
      }
    }
    try file.close()
  }
}
