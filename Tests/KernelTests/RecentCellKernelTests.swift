import Foundation
import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

/// Kernels of cells without a matrix product in their steps, of the sLSTM, and of zoneout.
extension CellKernelTests {
  /// g of the minimal cells, and its derivative.
  static func positive(_ x: Double) -> (value: Double, slope: Double) {
    let y = sigmoid(x)
    return x >= 0 ? (x + 0.5, 1) : (y, y * (1 - y))
  }

  @Test("Minimal gated recurrent unit forward and backward", arguments: InstructionSet.available, widths)
  func minimalGRU(_ set: InstructionSet, width: Int) {
    let (gates, previous) = (Values(width, gates: 2, seed: 21), Values(width, seed: 22))
    let (gradient, hidden) = (Values(width, seed: 23), Self.new(width))
    func a(_ gate: Int, _ row: Int, _ unit: Int) -> Double { Double(gates.rows[row][gate * width + unit]) }
    func z(_ row: Int, _ unit: Int) -> Double { Self.sigmoid(a(0, row, unit)) }
    func old(_ row: Int, _ unit: Int) -> Double { Double(previous.rows[row][unit]) }
    func dh(_ row: Int, _ unit: Int) -> Double { Double(gradient.rows[row][unit]) }
    set.kernels.minimalGRUForward(
      gates: gates.matrix, previousHidden: previous.units(width), hidden: hidden.matrix.columns(0..<width))
    Self.check(hidden.matrix, width: width) {
      (1 - z($0, $1)) * old($0, $1) + z($0, $1) * Self.positive(a(1, $0, $1)).value
    }
    set.kernels.minimalGRUBackward(
      gates: gates.matrix, previousHidden: previous.units(width), hiddenGradient: gradient.units(width))
    Self.check(gates.matrix, gate: 0, width: width) {
      dh($0, $1) * (Self.positive(a(1, $0, $1)).value - old($0, $1)) * z($0, $1) * (1 - z($0, $1))
    }
    Self.check(gates.matrix, gate: 1, width: width) {
      dh($0, $1) * z($0, $1) * Self.positive(a(1, $0, $1)).slope
    }
    Self.check(gradient.matrix, width: width) { dh($0, $1) * (1 - z($0, $1)) }
    #expect(hidden.marginsAreIntact && gates.memory.marginsAreIntact && gradient.memory.marginsAreIntact)
  }

  @Test("Minimal LSTM forward and backward", arguments: InstructionSet.available, widths)
  func minimalLSTM(_ set: InstructionSet, width: Int) {
    let (gates, previous) = (Values(width, gates: 3, seed: 24), Values(width, seed: 25))
    let (gradient, hidden) = (Values(width, seed: 26), Self.new(width))
    func a(_ gate: Int, _ row: Int, _ unit: Int) -> Double { Double(gates.rows[row][gate * width + unit]) }
    func f(_ row: Int, _ unit: Int) -> Double { Self.sigmoid(a(0, row, unit)) }
    func i(_ row: Int, _ unit: Int) -> Double { Self.sigmoid(a(1, row, unit)) }
    func kept(_ row: Int, _ unit: Int) -> Double { f(row, unit) / (f(row, unit) + i(row, unit)) }
    func g(_ row: Int, _ unit: Int) -> (value: Double, slope: Double) { Self.positive(a(2, row, unit)) }
    func old(_ row: Int, _ unit: Int) -> Double { Double(previous.rows[row][unit]) }
    func dh(_ row: Int, _ unit: Int) -> Double { Double(gradient.rows[row][unit]) }
    /// The gradient of the difference of the gates' logarithms.
    func slope(_ row: Int, _ unit: Int) -> Double {
      dh(row, unit) * (old(row, unit) - g(row, unit).value) * kept(row, unit) * (1 - kept(row, unit))
    }
    set.kernels.minimalLSTMForward(
      gates: gates.matrix, previousHidden: previous.units(width), hidden: hidden.matrix.columns(0..<width))
    Self.check(hidden.matrix, width: width) {
      kept($0, $1) * old($0, $1) + (1 - kept($0, $1)) * g($0, $1).value
    }
    set.kernels.minimalLSTMBackward(
      gates: gates.matrix, previousHidden: previous.units(width), hiddenGradient: gradient.units(width))
    Self.check(gates.matrix, gate: 0, width: width) { slope($0, $1) * (1 - f($0, $1)) }
    Self.check(gates.matrix, gate: 1, width: width) { -slope($0, $1) * (1 - i($0, $1)) }
    Self.check(gates.matrix, gate: 2, width: width) {
      dh($0, $1) * (1 - kept($0, $1)) * g($0, $1).slope
    }
    Self.check(gradient.matrix, width: width) { dh($0, $1) * kept($0, $1) }
    #expect(hidden.marginsAreIntact && gates.memory.marginsAreIntact && gradient.memory.marginsAreIntact)
  }

  @Test("Closed gates of a minimal LSTM divide nothing by zero", arguments: InstructionSet.available)
  func closedGates(_ set: InstructionSet) {
    let gates = TestMatrix(
      rows: 1, columns: 48, { _, column in column < 16 ? -1000 : column < 32 ? -2000 : 1 })
    let (previous, hidden) = (
      TestMatrix(rows: 1, columns: 16) { _, _ in 0.5 }, TestMatrix(rows: 1, columns: 16) { _, _ in .nan }
    )
    set.kernels.minimalLSTMForward(
      gates: gates.matrix, previousHidden: previous.matrix, hidden: hidden.matrix)
    #expect(hidden.rows[0].allSatisfy { $0 == 1 })
    let gradient = TestMatrix(rows: 1, columns: 16) { _, _ in 1 }
    set.kernels.minimalLSTMBackward(
      gates: gates.matrix, previousHidden: previous.matrix, hiddenGradient: gradient.matrix)
    #expect(gates.values.allSatisfy(\.isFinite) && gradient.rows[0].allSatisfy { $0 == 0.5 })
  }

  @Test("Zoneout keeps what the mask drops, and its gradient", arguments: InstructionSet.available, widths)
  func zoneout(_ set: InstructionSet, width: Int) {
    let (previous, candidate) = (Values(width, seed: 31), Values(width, seed: 32))
    let mask = TestMatrix(rows: Self.rows, columns: VectorWidth.padded(width)) {
      ($0 + $1) % 3 == 0 ? 0 : 1.5
    }
    for isDrawn in [true, false] {
      let (state, kept, gradient) = (Self.new(width), Self.new(width), Values(width, seed: 33))
      let drawn = isDrawn ? mask.matrix.columns(0..<width) : nil
      func share(_ row: Int, _ unit: Int) -> Double { isDrawn ? ((row + unit) % 3 == 0 ? 1 : 0) : 0.25 }
      set.kernels.zoneoutForward(
        previous: previous.units(width), candidate: candidate.units(width), mask: drawn, rate: 0.25,
        state: state.matrix.columns(0..<width))
      Self.check(state.matrix, width: width, clearsPadding: false) {
        share($0, $1) * Double(previous.rows[$0][$1]) + (1 - share($0, $1)) * Double(candidate.rows[$0][$1])
      }
      set.kernels.zoneoutBackward(
        gradient: gradient.units(width), mask: drawn, rate: 0.25, kept: kept.matrix.columns(0..<width))
      Self.check(kept.matrix, width: width, clearsPadding: false) {
        share($0, $1) * Double(gradient.rows[$0][$1])
      }
      Self.check(gradient.matrix, width: width) { (1 - share($0, $1)) * Double(gradient.rows[$0][$1]) }
      #expect(state.marginsAreIntact && kept.marginsAreIntact)
    }
  }

  @Test(
    "An empty sLSTM takes its first input whole, however small its gate", arguments: InstructionSet.available)
  func emptySLSTM(_ set: InstructionSet) {
    for gate in [-1e4, -90, 0, 90, 1e4] as [Float] {
      let gates = TestMatrix(rows: 1, columns: 64) { _, column in column < 16 ? gate : column < 32 ? 1 : 0.5 }
      let (state, hidden) = (
        TestMatrix(rows: 1, columns: 48) { _, _ in .nan }, TestMatrix(rows: 1, columns: 16) { _, _ in .nan }
      )
      let zero = TestMatrix(rows: 1, columns: 48) { _, _ in 0 }
      set.kernels.slstmForward(
        gates: gates.matrix, previousCell: zero.matrix, cell: state.matrix, hidden: hidden.matrix)
      let expected = Self.sigmoid(0.5) * tanh(0.5)
      #expect(hidden.rows[0].allSatisfy { agree($0, expected, factor: 16, magnitude: 1) })
      #expect(state.rows[0].allSatisfy { $0.isFinite })
    }
  }

  @Test("Instruction sets give the same bits of recent cells", arguments: widths)
  func instructionSetsAgreeOnRecentCells(width: Int) {
    expectSameBits { kernels in
      let (state, hidden) = (Values(width, seed: 12), Self.new(width))
      let minimal = Values(width, gates: 3, seed: 15)
      kernels.minimalLSTMForward(
        gates: minimal.matrix, previousHidden: state.units(width), hidden: hidden.matrix.columns(0..<width))
      kernels.minimalLSTMBackward(
        gates: minimal.matrix, previousHidden: state.units(width),
        hiddenGradient: hidden.matrix.columns(0..<width))
      let smaller = Values(width, gates: 2, seed: 16)
      kernels.minimalGRUForward(
        gates: smaller.matrix, previousHidden: state.units(width), hidden: hidden.matrix.columns(0..<width))
      kernels.minimalGRUBackward(
        gates: smaller.matrix, previousHidden: state.units(width),
        hiddenGradient: hidden.matrix.columns(0..<width))
      let gates = Values(width, gates: 4, seed: 17)
      func wide(_ seed: UInt64, columns: Int) -> TestMatrix {
        var random = SplitMix(seed: seed)
        return TestMatrix(padded(random.rows(Self.rows, columns)))
      }
      let (old, cell, gradient) = (
        wide(18, columns: 3 * width), wide(19, columns: 3 * width), wide(20, columns: 3 * width)
      )
      kernels.slstmForward(
        gates: gates.matrix, previousCell: old.matrix.columns(0..<3 * width),
        cell: cell.matrix.columns(0..<3 * width), hidden: hidden.matrix.columns(0..<width))
      kernels.slstmBackward(
        gates: gates.matrix, previousCell: old.matrix.columns(0..<3 * width),
        cell: cell.matrix.columns(0..<3 * width), hiddenGradient: hidden.matrix.columns(0..<width),
        cellGradient: gradient.matrix.columns(0..<3 * width))
      let inputs = Values(width, gates: 2, seed: 21)
      let (before, after) = (wide(22, columns: 2 * width), wide(23, columns: 2 * width))
      let sums = TestMatrix(rows: Self.rows, columns: 3 * VectorWidth.padded(width)) { _, _ in .nan }
      let coefficients = Values(width, gates: 5, seed: 24)
      kernels.lruForward(
        gates: inputs.matrix, coefficients: coefficients.matrix,
        previousHidden: before.matrix.columns(0..<2 * width),
        hidden: after.matrix.columns(0..<2 * width))
      kernels.lruBackward(
        gates: inputs.matrix, coefficients: coefficients.matrix,
        previousHidden: before.matrix.columns(0..<2 * width),
        hiddenGradient: after.matrix.columns(0..<2 * width), sums: sums.matrix)
      return [
        minimal.memory, smaller.memory, state.memory, hidden, gates.memory, cell, gradient, inputs.memory,
        after,
        sums,
      ].flatMap(\.values)
    }
  }
}
