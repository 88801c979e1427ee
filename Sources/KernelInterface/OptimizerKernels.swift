/// One sweep over a slice of the parameters.
package protocol OptimizerKernels {}
