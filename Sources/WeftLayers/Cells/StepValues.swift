import KernelInterface
import WeftTensor

/// Values that a cell computes at every step and reads again in the backward pass: all of them in float32; or, to take
/// half the memory, those of a window of a few steps in float32 and all others rounded to bfloat16.
///
/// Rows are numbered by positions; those of states are, as in `StepSegment`, preceded by the initial states.
package struct StepValues {
  /// All rows, or those of the window from `first` on.
  private var values: Matrix
  private var first = 0
  /// Initial states that are apart from the window.
  private let initial: Matrix?
  /// All rows but the initial states; nil if nothing is rounded.
  private let rounded: BFloat16Matrix?
  /// Whether `values` is a window.
  private let isWindow: Bool

  /// All rows in float32.
  init(_ all: Matrix) {
    values = all
    initial = nil
    rounded = nil
    isWindow = false
  }

  /// Values without a window yet.
  ///
  /// - Parameters:
  ///   - initial: Initial states; empty if rows are positions.
  ///   - rounded: `[positions, columns]`; nil if no backward pass follows.
  init(initial: Matrix, rounded: BFloat16Matrix?) {
    values = initial.rows(0..<0)
    self.initial = initial
    self.rounded = rounded
    isWindow = true
  }

  private var initialRows: Int { initial?.rows ?? 0 }

  /// Rows that are in float32: any, or the initial states or those of the window.
  package func rows(_ range: Range<Int>) -> Matrix {
    if let initial, range.upperBound <= initial.rows { return initial.rows(range) }
    return values.rows(range.lowerBound - first..<range.upperBound - first)
  }

  /// Values at positions of the window.
  func atPositions(_ positions: Range<Int>) -> Matrix {
    rows(positions.lowerBound + initialRows..<positions.upperBound + initialRows)
  }

  /// All rows in float32, of a pass without a window.
  package var matrix: Matrix {
    precondition(!isWindow, "only some steps are in float32")
    return values
  }

  /// All rows as the backward pass leaves them, the initial states apart.
  package var stored: StoredRows {
    if let rounded { return .bfloat16(rounded) }
    return .float32(matrix)
  }

  /// A window over other positions.
  ///
  /// - Parameter memory: Undefined contents, a row for each position.
  func window(over positions: Range<Int>, memory: Matrix) -> StepValues {
    var result = self
    result.first = initialRows + positions.lowerBound
    result.values = memory
    return result
  }

  /// Rounds the window's values at some positions.
  func round(_ positions: Range<Int>, _ shard: Shard) {
    guard let rounded else { return }
    let (values, kernels) = (atPositions(positions), shard.kernels)
    shard.divide(rows: positions.count) { rows in
      kernels.round(values.rows(rows), into: rounded.rows(positions).rows(rows))
    }
  }

  /// Fills the window at some positions with the rounded values.
  func widen(_ positions: Range<Int>, _ shard: Shard) {
    guard let rounded else { return }
    let (values, kernels) = (atPositions(positions), shard.kernels)
    shard.divide(rows: positions.count) { rows in
      kernels.widen(rounded.rows(positions).rows(rows), into: values.rows(rows))
    }
  }

  /// Rounds the initial states, as the backward pass reads all states rounded.
  func roundInitial(_ shard: Shard) {
    guard let initial, let rounded else { return }
    let copy = shard.arena.bfloat16Matrix(rows: initial.rows, columns: rounded.columns)
    shard.kernels.round(initial, into: copy)
    shard.kernels.widen(copy, into: initial)
  }
}
