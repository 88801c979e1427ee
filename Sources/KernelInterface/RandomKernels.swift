/// Counter-based random numbers.
package protocol RandomKernels {}
