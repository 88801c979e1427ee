import WeftBase

/// Counter-based random numbers.
package protocol RandomKernels {
  /// mask[i, c] = 0 with probability `rate`, else 1 / (1 − rate); zeros in the columns from `width` on.
  ///
  /// An element depends on the key, its row's global number and its column alone.
  ///
  /// - Parameters:
  ///   - key: The stream to draw from.
  ///   - rows: The global number of each row of the mask.
  ///   - rate: 0 ≤ rate < 1, in steps of 2⁻²³.
  ///   - width: Columns that are drawn.
  ///   - mask: `[rows.count, at least width]`, overwritten.
  static func dropoutMask(key: RandomKey, rows: [Int32], rate: Float, width: Int, into mask: Matrix)

  /// s = s₋₁ where the mask is zero, else s̃; without a mask rate·s₋₁ + (1 − rate)·s̃. All `[B, columns]`.
  static func zoneoutForward(
    previous: Matrix, candidate: Matrix, mask: Matrix?, rate: Float, state: Matrix)
  /// `gradient` holds ds on entry and ds̃ on return; `kept` receives what goes to s₋₁.
  static func zoneoutBackward(gradient: Matrix, mask: Matrix?, rate: Float, kept: Matrix)
}
