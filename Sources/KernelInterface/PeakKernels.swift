/// The processor's ceiling, to measure kernels against.
package protocol PeakKernels {
  /// Runs chains of multiply-adds in registers, as many as keep the processor's pipes full.
  ///
  /// - Parameters:
  ///   - values: One row of 24 × 16 elements; overwritten.
  ///   - repetitions: Links of each chain.
  /// - Returns: Multiply-adds done.
  static func multiplyAddChains(_ values: Matrix, repetitions: Int) -> Int
}
