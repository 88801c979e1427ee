import KernelInterface

/// What computes: the kernels of one instruction set and how they cut matrix products into blocks.
package struct Engine: Sendable {
  package let kernels: any KernelSet.Type
  package var blocks: BlockSizes

  package init(kernels: any KernelSet.Type, blocks: BlockSizes = BlockSizes()) {
    self.kernels = kernels
    self.blocks = blocks
  }
}
