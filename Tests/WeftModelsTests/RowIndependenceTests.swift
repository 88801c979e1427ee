import TestSupport
import Testing

@testable import WeftLayers

/// Rows of a minibatch share memory and matrix products, but do not affect each other; there is no padding.
@Suite("Rows of a minibatch") struct RowIndependenceTests {
  static let cases = StackCase.all(seeds: 0..<9).filter { !$0.isDropped }

  /// Some rows of a run, in that order.
  static func subset(_ run: StackRun, rows: [Int]) -> StackRun {
    func pick(_ values: TimeMajor) -> TimeMajor {
      let steps = rows.map { run.lengths[$0] }.max() ?? 0
      return TimeMajor(
        steps: steps, rows: rows.count, features: values.features,
        values: (0..<steps).flatMap { step in rows.flatMap { values[step, $0] } })
    }
    func pick(_ state: RecurrentState?) -> RecurrentState? {
      guard let state else { return nil }
      let result = RecurrentState(batch: rows.count, layers: run.stack.layers)
      for (target, source) in zip(result.tensors, state.tensors) {
        let columns = source.tensor.matrix.columns
        let values = source.tensor.values
        target.tensor.values = rows.flatMap { values[$0 * columns..<($0 + 1) * columns] }
      }
      return result
    }
    var result = run
    result.lengths = rows.map { run.lengths[$0] }
    result.inputs = pick(run.inputs)
    result.initial = pick(run.initial)
    result.outputGradient = pick(run.outputGradient)
    result.finalGradient = pick(run.finalGradient)
    return result
  }

  /// All results of one row, except parameter gradients.
  static func row(_ number: Int, length: Int, of result: StackRun.Result) -> [UInt32] {
    let sequences = [result.outputs, result.inputGradient] + result.squaredNorms
    let states = (result.final.tensors + result.initialGradient.tensors).map(\.tensor)
    let values =
      sequences.flatMap { values in (0..<length).flatMap { Array(values[$0, number]) } }
      + states.flatMap { tensor in
        let columns = tensor.matrix.columns
        return Array(tensor.values[number * columns..<(number + 1) * columns])
      }
    return values.map(\.bitPattern)
  }

  @Test("A row has the same bits alone as in company", arguments: cases)
  func alone(test: StackCase) {
    let run = test.make()
    let together = run.run(workers: 2, lanes: 3)
    for (number, length) in run.lengths.enumerated() {
      let alone = Self.subset(run, rows: [number]).run(workers: 3, lanes: 16)
      let expected = Self.row(number, length: length, of: together)
      #expect(Self.row(0, length: length, of: alone) == expected, "row \(number)")
    }
  }

  @Test("The order of the other rows does not matter", arguments: cases)
  func reordered(test: StackCase) {
    let run = test.make()
    let together = run.run(workers: 2, lanes: 3)
    // Rows of equal length may have any order.
    let order = run.lengths.indices.sorted { (run.lengths[$0], $0) > (run.lengths[$1], $1) }
    let reordered = Self.subset(run, rows: order).run(workers: 1, lanes: 2)
    for (place, number) in order.enumerated() {
      let length = run.lengths[number]
      #expect(
        Self.row(place, length: length, of: reordered) == Self.row(number, length: length, of: together),
        "row \(number)")
    }
  }

  @Test("What lies beyond a row's end is not read", arguments: cases)
  func padding(test: StackCase) {
    let run = test.make()
    var poisoned = run
    for (row, length) in run.lengths.enumerated() {
      for step in length..<run.inputs.steps {
        for index in run.inputs.range(step: step, row: row) { poisoned.inputs.values[index] = .nan }
        for index in run.outputGradient.range(step: step, row: row) {
          poisoned.outputGradient.values[index] = .nan
        }
      }
    }
    #expect(poisoned.run(workers: 2, lanes: 3).differences(from: run.run(workers: 2, lanes: 3)) == [])
  }

  @Test("A minibatch's gradient is the sum of its rows'", arguments: cases)
  func sum(test: StackCase) {
    let run = test.make()
    let together = run.run(workers: 2, lanes: 3).gradient.values
    var sum = [Double](repeating: 0, count: together.count)
    for number in run.lengths.indices {
      let alone = Self.subset(run, rows: [number]).run().gradient.values
      for index in sum.indices { sum[index] += Double(alone[index]) }
    }
    #expect(relativeDifference(together, sum) < 32 * Double(Float.ulpOfOne))
  }

  @Test(
    "Dropout depends on a row's place in the minibatch, and on nothing else", arguments: CellType.allCases)
  func dropout(kind: CellType) {
    let run = StackCase(kind: kind, isNormalized: false, isDropped: true, seed: 5).make()
    let first = run.run(workers: 1, lanes: 1)
    for (workers, lanes) in [(1, 16), (2, 4), (3, 5)] {
      let other = run.run(workers: workers, lanes: lanes)
      #expect(other.outputs == first.outputs && other.inputGradient == first.inputGradient)
    }
    var later = run
    later.dropoutKey = run.dropoutKey.map { DropoutKey(seed: $0.seed, step: $0.step + 1) }
    #expect(later.run().outputs != first.outputs)
  }
}
