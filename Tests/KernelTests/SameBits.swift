import Testing

@testable import KernelInterface
@testable import WeftTensor

/// Runs `body` with every available instruction set and expects the same bits; NaNs count as equal.
func expectSameBits(
  _ body: (any KernelSet.Type) -> [Float], sourceLocation: SourceLocation = #_sourceLocation
) {
  expectSameBits(InstructionSet.available.map { body($0.kernels) }, sourceLocation)
}

/// The same with the kernels of a dot algorithm.
func expectSameBits(
  _ algorithm: DotAlgorithm, _ body: (any DotKernels.Type) -> [Float],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectSameBits(InstructionSet.available.map { body($0.dotKernels(algorithm)) }, sourceLocation)
}

private func expectSameBits(_ results: [[Float]], _ sourceLocation: SourceLocation) {
  for result in results.dropFirst() {
    let equal = zip(results[0], result).allSatisfy {
      $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN)
    }
    #expect(results[0].count == result.count && equal, sourceLocation: sourceLocation)
  }
}
