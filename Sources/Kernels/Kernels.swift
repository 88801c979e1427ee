import KernelInterface

/// The kernels of this target's instruction set; each extension file holds one concern.
package enum Kernels: KernelSet {}
