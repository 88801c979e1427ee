/// The processor's peak rates, which kernels are compared with.
package protocol PeakKernels {
  /// Runs independent chains of fused multiply-adds in registers, as many as saturate the processor.
  ///
  /// - Parameters:
  ///   - values: One row of `chainElements` elements; overwritten.
  ///   - repetitions: Length of each chain.
  /// - Returns: Number of multiply-adds.
  static func multiplyAddChains(_ values: Matrix, repetitions: Int) -> Int

  /// Σ values, read as `streams` streams, which hardware prefetchers follow: close to the memory bandwidth.
  ///
  /// - Parameter values: `[1, n]`, n a multiple of `streams` vectors.
  static func sum(_ values: Matrix) -> Float
}

extension PeakKernels {
  /// Parts that `sum` reads at the same time.
  package static var streams: Int { 4 }
  /// The maximum number of chains: the accumulators of the largest tile of registers.
  package static var maximumChains: Int { 24 }
  /// Elements of all chains, one vector each.
  package static var chainElements: Int { maximumChains * VectorWidth.elements }
}
