import KernelInterface

/// A sum of the gradients of nodes in the order of the tree.
struct GradientSum: Sendable {
  let nodes: [GradientPart]
  let additions: [LanePlan.Addition]
  /// Receives the sum, which is accumulated in node 0.
  let result: Matrix

  /// Adds the nodes' elements in `range`.
  func fold(_ range: Range<Int>, _ kernels: any KernelSet.Type) {
    for addition in additions {
      kernels.add(nodes[addition.source].columns(range), to: nodes[addition.target].columns(range))
    }
    let (sum, own) = (nodes[0].columns(range), result.columns(range))
    if sum.pointer != own.pointer { kernels.copy(sum, into: own) }
  }
}

/// Concatenated ranges of a flat gradient.
struct GradientPart: Sendable {
  private let matrix: Matrix
  /// Nil for the whole gradient.
  private let ranges: [Range<Int>]?

  /// The whole flat gradient.
  init(_ flat: Matrix) {
    matrix = flat
    ranges = nil
  }

  init(_ matrix: Matrix, of ranges: [Range<Int>]) {
    self.matrix = matrix
    self.ranges = ranges
  }

  /// The elements of a range of the flat gradient, which must be within one of the ranges.
  func columns(_ places: Range<Int>) -> Matrix {
    guard let ranges else { return matrix.columns(places) }
    for (range, start) in ranges.packed
    where range.lowerBound <= places.lowerBound && places.upperBound <= range.upperBound {
      let first = start + places.lowerBound - range.lowerBound
      return matrix.columns(first..<first + places.count)
    }
    preconditionFailure("the gradient part does not contain these elements")
  }
}
