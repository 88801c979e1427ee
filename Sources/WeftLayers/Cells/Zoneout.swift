import KernelInterface
import WeftBase
import WeftTensor

/// Zoneout of one state of a layer (Krueger et al. 2017): at every step some units keep the state of the step before,
/// s = d∘s₋₁ + (1 − d)∘s̃, where s̃ is what the cell computes. In training d is one with the probability `rate`, else
/// zero; elsewhere it is the rate, its expected value. Backward ds̃ = (1 − d)∘ds, and ds₋₁ gains d∘ds.
package struct Zoneout: Sendable {
  package let rate: Float
  /// Of its masks.
  package let purpose: UInt32

  /// - Parameter purpose: Distinguishes this state's masks from those of other states and layers.
  init(rate: Float, purpose: UInt32) {
    self.rate = rate
    self.purpose = Self.firstPurpose + purpose
  }

  /// Purposes of masks for zoneout, apart from those of dropout.
  private static let firstPurpose: UInt32 = 3 << 16

  /// The memory of one state of a pass, with the masks of all positions. They depend on the seed, the step of the
  /// optimizer, and each position's time step and row in the minibatch alone.
  func state(columns: Int, _ shard: Shard) -> ZonedState {
    let positions = shard.layout.positions
    let mask = shard.dropoutKey.map { key in
      let mask = shard.arena.matrix(rows: positions, columns: columns)
      shard.kernels.dropoutMask(
        key: RandomKey(seed: key.seed, purpose: purpose, step: key.step),
        rows: shard.globalPositions, rate: rate, width: columns, into: mask)
      return mask
    }
    return ZonedState(
      candidates: shard.arena.matrix(rows: positions, columns: columns), mask: mask, rate: rate)
  }
}

/// One state of a pass with zoneout.
struct ZonedState {
  /// s̃ `[positions, columns]`.
  let candidates: Matrix
  /// `[positions, columns]`, zero where d is one; nil for the expected value.
  let mask: Matrix?
  let rate: Float

  /// s of a segment, from s̃ and s₋₁.
  ///
  /// - Parameter states: The states before and after all positions.
  func forward(_ states: Matrix, _ segment: StepSegment, _ shard: Shard) {
    shard.kernels.zoneoutForward(
      previous: states.rows(segment.previous), candidate: candidates.rows(segment.positions),
      mask: mask?.rows(segment.positions), rate: rate, state: states.rows(segment.current))
  }

  /// - Parameters:
  ///   - gradient: ds on entry, ds̃ on return.
  ///   - kept: Receives d∘ds.
  func backward(_ gradient: Matrix, kept: Matrix, _ segment: StepSegment, _ shard: Shard) {
    shard.kernels.zoneoutBackward(
      gradient: gradient, mask: mask?.rows(segment.positions), rate: rate, kept: kept)
  }
}
