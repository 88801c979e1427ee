import KernelInterface

/// `VDPBF16PS` adds two products to each element, those of the upper halves first, and rounds after each: AMD64 Architecture
/// Programmer's Manual, volume 4.
typealias BFloat16KernelTile = AVX512BF16Tile

extension BFloat16DotKernels {
  @inline(never)
  package static func multiplyAddTiles(repetitions: Int) -> Int {
    AVX512BF16Tile.multiplyAddChains(repetitions: repetitions)
  }
}
