/// Element-wise work on the rows of matrices.
package protocol RowKernels {}
