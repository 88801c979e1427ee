import KernelInterface

extension VectorKernels {
  @inline(never)
  package static func multiplyAddChains(_ values: Matrix, repetitions: Int) -> Int {
    let chains = TileShape.rows * TileShape.panels
    assert(chains <= maximumChains && values.columns >= chainElements)
    var sums = zeroSums()
    // With different initial values the compiler cannot merge chains.
    for chain in 0..<chains { sums[chain] = .load(values.pointer + chain * Vector.scalarCount) }
    let factor = Vector(repeating: 0.5)
    let addend = sums[0]
    for _ in 0..<repetitions {
      for chain in 0..<chains { sums[chain] = multiplyAdd(sums[chain], factor, addend) }
    }
    for chain in 0..<chains { sums[chain].store(values.pointer + chain * Vector.scalarCount) }
    return chains * Vector.scalarCount * repetitions
  }

  @inline(never)
  package static func sum(_ values: Matrix) -> Float {
    assert(values.rows == 1 && values.columns % (streams * Vector.scalarCount) == 0)
    let quarter = values.columns / streams
    let start = UnsafePointer(values.pointer)
    var sums = zeroSums()
    for offset in stride(from: 0, to: quarter, by: Vector.scalarCount) {
      for stream in 0..<streams { sums[stream] += Vector.load(start + stream * quarter + offset) }
    }
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])).total
  }
}
