/// The processor's ceiling, to measure kernels against.
package protocol PeakKernels {
  /// Runs chains of multiply-adds in registers, as many as keep the processor's pipes full.
  ///
  /// - Parameters:
  ///   - values: One row of 24 × 16 elements; overwritten.
  ///   - repetitions: Links of each chain.
  /// - Returns: Multiply-adds done.
  static func multiplyAddChains(_ values: Matrix, repetitions: Int) -> Int

  /// Σ values, from four places at once, as a processor's prefetchers like it: about as fast as it reads memory.
  ///
  /// - Parameter values: `[1, n]`, n a multiple of 64.
  static func sum(_ values: Matrix) -> Float
}
