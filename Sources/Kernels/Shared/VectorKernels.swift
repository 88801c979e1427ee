import KernelInterface

/// The kernels, compiled for this module's instruction set; each extension file holds one concern.
package enum VectorKernels: KernelSet {}
