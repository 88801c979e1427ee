/// The sums of a tile, as many as AVX-512 has registers for. A literal: `InlineArray(repeating:)` is a call that keeps
/// them in memory.
@inline(always)
func zeroSums() -> InlineArray<24, Vector> {
  let z = Vector(repeating: 0)
  return [z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z]
}
