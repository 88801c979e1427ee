import KernelInterface

/// The kernels but those that multiply matrices, compiled for this module's instruction set.
package enum VectorKernels: KernelSet {}

extension VectorKernels: ActivationKernels {}
extension VectorKernels: AttentionKernels {}
extension VectorKernels: CellKernels {}
extension VectorKernels: ColumnKernels {}
extension VectorKernels: CRFKernels {}
extension VectorKernels: CTCKernels {}
extension VectorKernels: DistributionKernels {}
extension VectorKernels: LaneKernels {}
extension VectorKernels: LossKernels {}
extension VectorKernels: NormalizationKernels {}
extension VectorKernels: OptimizerKernels {}
extension VectorKernels: PeakKernels {}
extension VectorKernels: PoolingKernels {}
extension VectorKernels: RandomKernels {}
extension VectorKernels: RowKernels {}
