import KernelInterface

/// The kernels of one instruction set, with the dot algorithm and the block sizes of matrix products.
///
/// Of these, the dot algorithm alone changes results.
package struct Engine: Sendable {
  /// All kernels but those that multiply matrices.
  package let kernels: any KernelSet.Type
  /// The kernels that multiply matrices.
  package let dot: any DotKernels.Type
  package var blocks: BlockSizes

  package var dotAlgorithm: DotAlgorithm { dot.algorithm }

  /// - Parameters:
  ///   - instructionSet: One that the processor has.
  ///   - dotAlgorithm: The one that the parameters' layout names.
  ///   - blocks: How products are cut into blocks; changes no result.
  package init(
    _ instructionSet: InstructionSet, dotAlgorithm: DotAlgorithm = .f32_f32_f32,
    blocks: BlockSizes = BlockSizes()
  ) {
    kernels = instructionSet.kernels
    dot = instructionSet.dotKernels(dotAlgorithm)
    self.blocks = blocks
  }
}
