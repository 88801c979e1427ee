import Foundation
import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

/// The element-wise parts of the cells, against their formulas in Double and, backwards, against the derivatives'
/// formulas in Double.
@Suite("Cell kernels") struct CellKernelTests {
  static let widths = [1, 7, 16, 17, 33]
  static let rows = 5

  /// Numbers of one gate or state: rows of units, padded with zeros in memory.
  struct Values {
    let rows: [[Float]]
    let memory: TestMatrix

    init(_ width: Int, gates: Int = 1, seed: UInt64) {
      var random = SplitMix(seed: seed)
      rows = random.rows(CellKernelTests.rows, gates * width)
      memory = TestMatrix(padded(rows, gates: gates))
    }

    var matrix: Matrix { memory.matrix }
    /// The matrix without its padding.
    func units(_ width: Int) -> Matrix { matrix.columns(0..<width) }
  }

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// Expects `[rows, gates × width]` of a matrix to be near a formula of (row, unit), and padding to be zero.
  static func check(
    _ matrix: Matrix, gate: Int = 0, width: Int, clearsPadding: Bool = true,
    sourceLocation: SourceLocation = #_sourceLocation, _ formula: (Int, Int) -> Double
  ) {
    for row in 0..<rows {
      for unit in 0..<VectorWidth.padded(width) {
        let value = matrix[row, gate * VectorWidth.padded(width) + unit]
        if unit < width {
          // Numbers of magnitude up to 2 pass through a handful of roundings.
          #expect(
            agree(value, formula(row, unit), factor: 16, magnitude: 4), sourceLocation: sourceLocation)
        } else if clearsPadding {
          #expect(value == 0, sourceLocation: sourceLocation)
        }
      }
    }
  }

  static func new(_ width: Int) -> TestMatrix {
    TestMatrix(rows: rows, columns: VectorWidth.padded(width)) { _, _ in .nan }
  }

  @Test("Vanilla cell forward and backward", arguments: InstructionSet.available, widths)
  func elman(_ set: InstructionSet, width: Int) {
    for activation in [ElmanActivation.tanh, .relu] {
      let gates = Values(width, seed: 1)
      let gradient = Values(width, seed: 2)
      let hidden = Self.new(width)
      let f: (Double) -> Double = activation == .tanh ? { tanh($0) } : { max($0, 0) }
      let derivative: (Double) -> Double =
        activation == .tanh ? { 1 - tanh($0) * tanh($0) } : { $0 > 0 ? 1 : 0 }
      set.kernels.elmanForward(
        activation, gates: gates.matrix, hidden: hidden.matrix.columns(0..<width))
      Self.check(hidden.matrix, width: width) { f(Double(gates.rows[$0][$1])) }
      set.kernels.elmanBackward(
        activation, gates: gates.matrix, hidden: hidden.matrix.columns(0..<width),
        hiddenGradient: gradient.units(width))
      Self.check(gates.matrix, width: width) {
        Double(gradient.rows[$0][$1]) * derivative(Double(gates.rows[$0][$1]))
      }
      #expect(hidden.marginsAreIntact && gates.memory.marginsAreIntact)
    }
  }

  @Test("Long short-term memory forward and backward", arguments: InstructionSet.available, widths)
  func lstm(_ set: InstructionSet, width: Int) {
    let gates = Values(width, gates: 4, seed: 3)
    let previous = Values(width, seed: 4)
    let hiddenGradient = Values(width, seed: 5)
    let cellGradient = Values(width, seed: 6)
    let cell = Self.new(width)
    let hidden = Self.new(width)
    func a(_ gate: Int, _ row: Int, _ unit: Int) -> Double { Double(gates.rows[row][gate * width + unit]) }
    func i(_ row: Int, _ unit: Int) -> Double { Self.sigmoid(a(0, row, unit)) }
    func f(_ row: Int, _ unit: Int) -> Double { Self.sigmoid(a(1, row, unit)) }
    func g(_ row: Int, _ unit: Int) -> Double { tanh(a(2, row, unit)) }
    func o(_ row: Int, _ unit: Int) -> Double { Self.sigmoid(a(3, row, unit)) }
    func c0(_ row: Int, _ unit: Int) -> Double { Double(previous.rows[row][unit]) }
    func c(_ row: Int, _ unit: Int) -> Double {
      f(row, unit) * c0(row, unit) + i(row, unit) * g(row, unit)
    }
    set.kernels.lstmForward(
      gates: gates.matrix, previousCell: previous.units(width), cell: cell.matrix.columns(0..<width),
      hidden: hidden.matrix.columns(0..<width))
    Self.check(cell.matrix, width: width, c)
    Self.check(hidden.matrix, width: width) { o($0, $1) * tanh(c($0, $1)) }
    set.kernels.lstmBackward(
      gates: gates.matrix, previousCell: previous.units(width), cell: cell.matrix.columns(0..<width),
      hiddenGradient: hiddenGradient.units(width), cellGradient: cellGradient.units(width))
    func dh(_ row: Int, _ unit: Int) -> Double { Double(hiddenGradient.rows[row][unit]) }
    func dc(_ row: Int, _ unit: Int) -> Double {
      let y = tanh(c(row, unit))
      return Double(cellGradient.rows[row][unit]) + dh(row, unit) * o(row, unit) * (1 - y * y)
    }
    Self.check(gates.matrix, gate: 0, width: width) {
      dc($0, $1) * g($0, $1) * i($0, $1) * (1 - i($0, $1))
    }
    Self.check(gates.matrix, gate: 1, width: width) {
      dc($0, $1) * c0($0, $1) * f($0, $1) * (1 - f($0, $1))
    }
    Self.check(gates.matrix, gate: 2, width: width) {
      dc($0, $1) * i($0, $1) * (1 - g($0, $1) * g($0, $1))
    }
    Self.check(gates.matrix, gate: 3, width: width) {
      dh($0, $1) * tanh(c($0, $1)) * o($0, $1) * (1 - o($0, $1))
    }
    Self.check(cellGradient.matrix, width: width) { dc($0, $1) * f($0, $1) }
  }

  /// With n = c; and the output gate stays a pre-activation in between.
  @Test(
    "The halves of a long short-term memory's step make up the whole", arguments: InstructionSet.available,
    widths)
  func lstmHalves(_ set: InstructionSet, width: Int) {
    let hiddenGradient = Values(width, seed: 5)
    let previous = Values(width, seed: 4)
    func step(_ gates: Values, _ cellGradient: Values, inHalves: Bool) -> [[Float]] {
      let (cell, hidden) = (Self.new(width), Self.new(width))
      let (c, h) = (cell.matrix.columns(0..<width), hidden.matrix.columns(0..<width))
      let outputGate = 3 * VectorWidth.padded(width)..<4 * VectorWidth.padded(width)
      if inHalves {
        set.kernels.lstmCellForward(gates: gates.matrix, previousCell: previous.units(width), cell: c)
        let preactivations = padded(gates.rows, gates: 4).map { Array($0[outputGate]) }
        #expect(gates.memory.rows.map { Array($0[outputGate]) } == preactivations)
        set.kernels.lstmOutputForward(gates: gates.matrix, state: c, hidden: h)
      } else {
        set.kernels.lstmForward(
          gates: gates.matrix, previousCell: previous.units(width), cell: c, hidden: h)
      }
      let activations = gates.memory.values
      if inHalves {
        let stateGradient = Values(width, seed: 5)
        set.kernels.lstmOutputBackward(
          gates: gates.matrix, state: c, hiddenGradient: stateGradient.units(width),
          stateGradient: stateGradient.units(width))
        set.kernels.add(stateGradient.matrix, to: cellGradient.matrix)
        set.kernels.lstmCellBackward(
          gates: gates.matrix, previousCell: previous.units(width), cellGradient: cellGradient.units(width))
      } else {
        set.kernels.lstmBackward(
          gates: gates.matrix, previousCell: previous.units(width), cell: c,
          hiddenGradient: hiddenGradient.units(width), cellGradient: cellGradient.units(width))
      }
      return [activations, cell.values, hidden.values, gates.memory.values, cellGradient.memory.values]
    }
    let whole = step(Values(width, gates: 4, seed: 3), Values(width, seed: 6), inHalves: false)
    let halves = step(Values(width, gates: 4, seed: 3), Values(width, seed: 6), inHalves: true)
    #expect(halves == whole)
  }

  @Test("Gated recurrent unit forward and backward, both forms", arguments: InstructionSet.available, widths)
  func gru(_ set: InstructionSet, width: Int) {
    for isAfter in [false, true] {
      let gates = Values(width, gates: 3, seed: 7)
      let previous = Values(width, seed: 8)
      let candidate = Values(width, seed: 9)
      let gradient = Values(width, seed: 10)
      let hidden = Self.new(width)
      let reset = Self.new(width)
      func a(_ gate: Int, _ row: Int, _ unit: Int) -> Double { Double(gates.rows[row][gate * width + unit]) }
      func z(_ row: Int, _ unit: Int) -> Double { Self.sigmoid(a(0, row, unit)) }
      func r(_ row: Int, _ unit: Int) -> Double { Self.sigmoid(a(1, row, unit)) }
      func h0(_ row: Int, _ unit: Int) -> Double { Double(previous.rows[row][unit]) }
      func u(_ row: Int, _ unit: Int) -> Double { Double(candidate.rows[row][unit]) }
      func n(_ row: Int, _ unit: Int) -> Double {
        tanh(a(2, row, unit) + (isAfter ? r(row, unit) * u(row, unit) : 0))
      }
      func dh(_ row: Int, _ unit: Int) -> Double { Double(gradient.rows[row][unit]) }
      func da(_ row: Int, _ unit: Int) -> Double {
        dh(row, unit) * z(row, unit) * (1 - n(row, unit) * n(row, unit))
      }
      if isAfter {
        set.kernels.gruResetAfterForward(
          gates: gates.matrix, recurrentCandidate: candidate.units(width),
          previousHidden: previous.units(width), hidden: hidden.matrix.columns(0..<width))
      } else {
        set.kernels.gruResetBeforeGates(
          gates: gates.matrix, recurrentInput: previous.units(width),
          resetHidden: reset.matrix.columns(0..<width))
        Self.check(reset.matrix, width: width) { r($0, $1) * h0($0, $1) }
        set.kernels.gruResetBeforeForward(
          gates: gates.matrix, previousHidden: previous.units(width),
          hidden: hidden.matrix.columns(0..<width))
      }
      Self.check(hidden.matrix, width: width) {
        (1 - z($0, $1)) * h0($0, $1) + z($0, $1) * n($0, $1)
      }
      if isAfter {
        set.kernels.gruResetAfterBackward(
          gates: gates.matrix, recurrentCandidate: candidate.units(width),
          previousHidden: previous.units(width), hiddenGradient: gradient.units(width))
        Self.check(candidate.matrix, width: width) { da($0, $1) * r($0, $1) }
        Self.check(gates.matrix, gate: 1, width: width) {
          da($0, $1) * u($0, $1) * r($0, $1) * (1 - r($0, $1))
        }
      } else {
        set.kernels.gruResetBeforeBackward(
          gates: gates.matrix, previousHidden: previous.units(width), hiddenGradient: gradient.units(width))
        set.kernels.gruResetBeforeGatesBackward(
          gates: gates.matrix, recurrentInput: previous.units(width),
          resetHiddenGradient: candidate.units(width))
        Self.check(candidate.matrix, width: width) { u($0, $1) * r($0, $1) }
        Self.check(gates.matrix, gate: 1, width: width) {
          u($0, $1) * h0($0, $1) * r($0, $1) * (1 - r($0, $1))
        }
      }
      Self.check(gates.matrix, gate: 0, width: width) {
        dh($0, $1) * (n($0, $1) - h0($0, $1)) * z($0, $1) * (1 - z($0, $1))
      }
      Self.check(gates.matrix, gate: 2, width: width, da)
      Self.check(gradient.matrix, width: width) { dh($0, $1) * (1 - z($0, $1)) }
    }
  }

  @Test("Instruction sets give the same bits", arguments: widths)
  func instructionSetsAgree(width: Int) {
    expectSameBits { kernels in
      let gates = Values(width, gates: 4, seed: 11)
      let state = Values(width, seed: 12)
      let hidden = Self.new(width)
      let cell = Self.new(width)
      kernels.lstmForward(
        gates: gates.matrix, previousCell: state.units(width), cell: cell.matrix.columns(0..<width),
        hidden: hidden.matrix.columns(0..<width))
      kernels.lstmBackward(
        gates: gates.matrix, previousCell: state.units(width), cell: cell.matrix.columns(0..<width),
        hiddenGradient: hidden.matrix.columns(0..<width), cellGradient: state.units(width))
      let units = Values(width, gates: 3, seed: 13)
      let candidate = Values(width, seed: 14)
      kernels.gruResetAfterForward(
        gates: units.matrix, recurrentCandidate: candidate.units(width),
        previousHidden: state.units(width), hidden: hidden.matrix.columns(0..<width))
      kernels.gruResetAfterBackward(
        gates: units.matrix, recurrentCandidate: candidate.units(width),
        previousHidden: state.units(width), hiddenGradient: hidden.matrix.columns(0..<width))
      return [gates.memory, state.memory, units.memory, candidate.memory, hidden, cell].flatMap(\.values)
    }
  }
}

@Suite("Column kernels") struct ColumnKernelTests {
  @Test(
    "Matrices side by side come apart again, with zeros in the padding", arguments: InstructionSet.available)
  func concatenateAndSplit(_ set: InstructionSet) {
    var random = SplitMix(seed: 15)
    for (left, right) in [(1, 1), (7, 9), (16, 17), (33, 5)] {
      let a = random.rows(3, left)
      let b = random.rows(3, right)
      let both = TestMatrix(rows: 3, columns: VectorWidth.padded(left + right)) { _, _ in .nan }
      set.kernels.concatenate(
        TestMatrix(a, offset: 1).matrix, TestMatrix(b).matrix, into: both.matrix.columns(0..<left + right))
      #expect(both.rows == padded(zip(a, b).map { $0 + $1 }))
      let parts = [left, right].map { TestMatrix(rows: 3, columns: VectorWidth.padded($0)) { _, _ in .nan } }
      set.kernels.split(
        both.matrix.columns(0..<left + right), into: parts[0].matrix.columns(0..<left),
        parts[1].matrix.columns(0..<right))
      #expect(parts[0].rows == padded(a) && parts[1].rows == padded(b))
      for matrix in parts + [both] { #expect(matrix.marginsAreIntact) }
    }
  }

  @Test("Gates are padded with zeros to whole vectors", arguments: InstructionSet.available)
  func padGates(_ set: InstructionSet) {
    var random = SplitMix(seed: 16)
    for (gates, width) in [(1, 1), (4, 7), (3, 16), (2, 33)] {
      let rows = random.rows(3, gates * width)
      let result = TestMatrix(rows: 3, columns: gates * VectorWidth.padded(width)) { _, _ in .nan }
      set.kernels.padGates(TestMatrix(rows, offset: 1).matrix, width: width, into: result.matrix)
      #expect(result.rows == padded(rows, gates: gates))
      #expect(result.marginsAreIntact)
    }
  }

  @Test("A token is a one in its column", arguments: InstructionSet.available)
  func oneHot(_ set: InstructionSet) {
    let result = TestMatrix(rows: 3, columns: 32) { _, _ in .nan }
    set.kernels.oneHot([0, 18, 5], into: result.matrix.columns(0..<19))
    #expect(result.rows == [0, 18, 5].map { token in (0..<32).map { $0 == token ? 1 : 0 } })
    #expect(result.marginsAreIntact)
  }
}
