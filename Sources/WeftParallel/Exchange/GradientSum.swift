import KernelInterface

/// A sum of nodes' gradients in the tree's order.
struct GradientSum: Sendable {
  let nodes: [GradientPart]
  let additions: [LanePlan.Addition]
  /// Receives the sum, which ends up in node 0.
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

/// Some ranges of a flat gradient, one after the other in memory.
struct GradientPart: Sendable {
  private let matrix: Matrix
  /// Nil for all of it.
  private let ranges: [Range<Int>]?

  /// A whole flat gradient.
  init(_ flat: Matrix) {
    matrix = flat
    ranges = nil
  }

  init(_ matrix: Matrix, of ranges: [Range<Int>]) {
    self.matrix = matrix
    self.ranges = ranges
  }

  /// The elements at some places of the flat gradient, which lie within one of the ranges.
  func columns(_ places: Range<Int>) -> Matrix {
    guard let ranges else { return matrix.columns(places) }
    for (range, start) in ranges.packed
    where range.lowerBound <= places.lowerBound && places.upperBound <= range.upperBound {
      let first = start + places.lowerBound - range.lowerBound
      return matrix.columns(first..<first + places.count)
    }
    preconditionFailure("the gradient's part has no such places")
  }
}
