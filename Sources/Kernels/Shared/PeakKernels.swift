import KernelInterface

extension VectorKernels: PeakKernels {
  @inline(never)
  package static func multiplyAddChains(_ values: Matrix, repetitions: Int) -> Int {
    let chains = TileShape.rows * TileShape.panels
    var sums = zeroSums()
    // Chains that differ from the start cannot be merged by the compiler.
    for chain in 0..<chains { sums[chain] = .load(values.pointer + chain * Vector.scalarCount) }
    let factor = Vector(repeating: 0.5)
    let addend = sums[0]
    for _ in 0..<repetitions {
      for chain in 0..<chains { sums[chain] = multiplyAdd(sums[chain], factor, addend) }
    }
    for chain in 0..<chains { sums[chain].store(values.pointer + chain * Vector.scalarCount) }
    return chains * Vector.scalarCount * repetitions
  }
}
