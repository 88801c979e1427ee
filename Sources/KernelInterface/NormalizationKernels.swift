/// Layer normalisation of gates (Ba, Kiros and Hinton 2016, equations 3 and 4), each gate over its own units.
package protocol NormalizationKernels {}
