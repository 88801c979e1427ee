import KernelInterface

/// The kernels of one instruction set, with their blocking of matrix products.
package struct Engine: Sendable {
  package let kernels: any KernelSet.Type
  package var blocks: BlockSizes

  package init(kernels: any KernelSet.Type, blocks: BlockSizes = BlockSizes()) {
    self.kernels = kernels
    self.blocks = blocks
  }
}
