/// Every kernel that Weft calls but those that multiply matrices. One type per instruction set conforms, all compiled
/// from the same sources, and one of them is selected at startup. All of them give the same bits.
///
/// `DotKernels` are apart, as each instruction set has several, one for each `DotAlgorithm`. All instruction sets give the
/// same bits per dot algorithm: the representation of the operands and the order of accumulation are part of it.
///
/// These protocols are the contract of each kernel: shapes, padding, what is overwritten, updated in place or added to,
/// which operands may share memory. The forward and backward equations stand above the implementations, in
/// `Sources/Kernels/Shared`. Arguments are checked by callers; kernels only assert.
///
/// Dimensions:
///
///     T   time steps                              I   input features
///     B   batch rows, one per sequence            H   hidden units
///     P   positions: the (time step, row) pairs   G   gates of a cell
///         that exist, see `SequenceLayout`        C   classes
///     L   lanes, see `LaneNode`                   H′  H padded to whole vectors of 16 columns; so C′, I′
///
/// Shapes such as `[B, G × H′]` are rows × columns, in row-major order. In equations ∘ is the element-wise product, σ
/// the logistic function, and dx the gradient ∂loss/∂x.
package protocol KernelSet: ActivatedCellKernels, ActivationKernels, AttentionKernels, CellKernels,
  ColumnKernels, CRFKernels, CTCKernels,
  DistributionKernels, LaneKernels, LossKernels, NormalizationKernels, OptimizerKernels,
  PeakKernels, PoolingKernels, RandomKernels, RowKernels, SendableMetatype
{}
