/// Every kernel that Weft calls. One type per instruction set conforms, all compiled from the same sources, and
/// one of them is chosen at start. All implementations give the same bits.
package protocol KernelSet: MatrixProductKernels, LaneKernels, CellKernels, NormalizationKernels, RowKernels,
  ColumnKernels, ActivationKernels, AttentionKernels, RandomKernels, LossKernels, CTCKernels,
  DistributionKernels, PoolingKernels, OptimizerKernels, PeakKernels, SendableMetatype
{}
