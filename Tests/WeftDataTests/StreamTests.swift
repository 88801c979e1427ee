import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData

/// Windows of a stream contain each step once, at the right position.
@Suite struct StreamTests {
  /// The minibatches of an epoch over the tokens 0, 1, 2, …, `steps`: as many inputs as `steps`, each with the next
  /// number for its target.
  private static func batches(
    steps: Int, batch: Int, window: Int?, carries: Bool, shuffles: Bool = false, epoch: Int = 0
  ) throws -> [Minibatch] {
    let configuration = DatasetTests.configuration(batch: batch) {
      $0.data.window = window
      $0.training.carryState = carries
    }
    return try DatasetTests.batches(configuration, shuffles: shuffles, epoch: epoch) {
      try $0.write("vocabulary", (0...steps).map(String.init))
      try $0.write("train/tokens", (0...steps).map { UInt16($0) })
    }
  }

  /// The rows of a minibatch, after checking that each step's target is the next step.
  private static func rows(_ batch: Minibatch) throws -> [[Int]] {
    guard case .tokens(let tokens) = batch.inputs else { throw WeftError.failure("tokens are wanted") }
    #expect(batch.targets == .classes(tokens.map { $0 + 1 }))
    return batch.lengths.indices.map { row in
      tokens[batch.offsets[row]..<batch.offsets[row + 1]].map(Int.init)
    }
  }

  @Test(arguments: [1, 2, 7, 23, 24, 25], [1, 3, 8, 30])
  func windowsCoverTheStreamInOrder(steps: Int, batch: Int) throws {
    for window in [1, 4, 24, 100] {
      let batches = try Self.batches(steps: steps, batch: batch, window: window, carries: false)
      let windows = stride(from: 0, to: steps, by: window).map { Array($0..<min($0 + window, steps)) }
      #expect(try batches.flatMap(Self.rows) == windows)
      #expect(batches.allSatisfy { !$0.continues })
      #expect(batches.dropLast().allSatisfy { $0.rows == batch })
    }
  }

  @Test(
    "With a stride windows overlap until one ends with the stream", arguments: [1, 5, 8, 23, 24], [1, 3, 8])
  func strides(steps: Int, step: Int) throws {
    let configuration = DatasetTests.configuration(batch: 3) {
      $0.data.window = 8
      $0.data.stride = step
      $0.data.shuffle = false
    }
    func windows(shuffles: Bool) throws -> [[Int]] {
      try DatasetTests.batches(configuration, shuffles: shuffles, epoch: 0) {
        try $0.write("vocabulary", (0...steps).map(String.init))
        try $0.write("train/tokens", (0...steps).map { UInt16($0) })
      }.flatMap(Self.rows)
    }
    var expected = [Array(0..<min(8, steps))]
    while let last = expected.last, last[last.count - 1] < steps - 1 {
      expected.append(Array(last[0] + step..<min(last[0] + step + 8, steps)))
    }
    #expect(try windows(shuffles: true) == expected)
    // Evaluations read each step once.
    #expect(try windows(shuffles: false).flatMap(\.self) == Array(0..<steps))
  }

  @Test(arguments: [1, 2, 7, 23, 24, 25], [1, 3, 8, 30])
  func carriedRowsGoOnWhereTheyEnded(steps: Int, batch: Int) throws {
    for window in [1, 4, 24, 100] {
      let batches = try Self.batches(steps: steps, batch: batch, window: window, carries: true)
      let rows = min(batch, steps)
      let part = steps / rows
      #expect(batches.map(\.continues) == batches.indices.map { $0 > 0 })
      for (index, minibatch) in batches.enumerated() {
        let range = index * window..<min((index + 1) * window, part)
        #expect(try Self.rows(minibatch) == (0..<rows).map { row in range.map { row * part + $0 } })
      }
      #expect(batches.reduce(0) { $0 + $1.lengths[0] } == part, "nothing is left out of a part")
    }
  }

  @Test func withoutAWindowTheStreamIsOneSequence() throws {
    let batches = try Self.batches(steps: 9, batch: 4, window: nil, carries: false)
    #expect(try batches.map(Self.rows) == [[Array(0..<9)]])
  }

  @Test func aShuffledEpochHasEveryWindowOnce() throws {
    // 25 windows, the last one shorter.
    let inOrder = try Self.batches(steps: 99, batch: 4, window: 4, carries: false).flatMap(Self.rows)
    var orders: [[[Int]]] = []
    for epoch in 0..<3 {
      let batches = try Self.batches(
        steps: 99, batch: 4, window: 4, carries: false, shuffles: true, epoch: epoch)
      #expect(batches.allSatisfy { $0.lengths == $0.lengths.sorted(by: >) })
      orders.append(try batches.flatMap(Self.rows))
      #expect(orders[epoch].sorted { $0[0] < $1[0] } == inOrder)
    }
    #expect(orders[0] != inOrder && orders[0] != orders[1] && orders[1] != orders[2])
    let again = try Self.batches(steps: 99, batch: 4, window: 4, carries: false, shuffles: true, epoch: 1)
    #expect(try again.flatMap(Self.rows) == orders[1])
  }

  @Test func carriedStateKeepsTheOrder() throws {
    let inOrder = try Self.batches(steps: 99, batch: 4, window: 4, carries: true)
    let shuffled = try Self.batches(steps: 99, batch: 4, window: 4, carries: true, shuffles: true, epoch: 2)
    #expect(shuffled == inOrder)
  }

  /// Only in training: an evaluation carries states through the whole stream.
  @Test func carriedStatesBeginAnewWhereAsked() throws {
    let configuration = DatasetTests.configuration {
      $0.data.window = 2
      $0.training.carryState = true
      $0.training.resetStateEvery = 3
    }
    func continues(training: Bool) throws -> [Bool] {
      try DatasetTests.batches(configuration, shuffles: training) {
        try $0.write("vocabulary", ["a"])
        try $0.write("train/tokens", [UInt8](repeating: 0, count: 30))
      }.map(\.continues)
    }
    #expect(try continues(training: true) == [false, true, true, false, true, true, false])
    #expect(try continues(training: false) == [false, true, true, true, true, true, true])
  }

  @Test func targetsOfTheirOwnBelongToTheSameSteps() throws {
    for carries in [false, true] {
      let configuration = DatasetTests.configuration {
        $0.data.window = 2
        $0.training.carryState = carries
        $0.loss.kind = .squaredError
      }
      let batches = try DatasetTests.batches(configuration) {
        try $0.write("train/inputs", (0..<12).map(Float.init), shape: [6, 2])
        try $0.write("train/targets", (0..<6).map { 100 + Float($0) })
      }
      // Two parts of three steps, or three windows of two.
      let rows = carries ? [[0, 1], [3, 4], [2], [5]] : [[0, 1], [2, 3], [4, 5]]
      #expect(batches.count == 2)
      for (batch, rows) in zip(batches, [rows[...1], rows[2...]]) {
        let steps = rows.flatMap(\.self).map(Float.init)
        #expect(batch.lengths == rows.map(\.count))
        #expect(batch.inputs == .features(steps.flatMap { [2 * $0, 2 * $0 + 1] }, width: 2))
        #expect(batch.targets == .values(steps.map { 100 + $0 }, width: 1))
      }
    }
  }
}
