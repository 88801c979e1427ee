/// Losses fused with their gradients.
package protocol LossKernels {}
