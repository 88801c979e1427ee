/// The processor's peak rates, which kernels are compared with.
package protocol PeakKernels {
  /// Runs independent chains of fused multiply-adds in registers, as many as saturate the processor.
  ///
  /// - Parameters:
  ///   - values: One row of 24 × 16 elements; overwritten.
  ///   - repetitions: Length of each chain.
  /// - Returns: Number of multiply-adds.
  static func multiplyAddChains(_ values: Matrix, repetitions: Int) -> Int

  /// Σ values, read as four streams, which hardware prefetchers follow: close to the memory bandwidth.
  ///
  /// - Parameter values: `[1, n]`, n a multiple of 64.
  static func sum(_ values: Matrix) -> Float
}
