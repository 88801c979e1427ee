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

extension LaneParallel {
  /// The sum of this rank's nodes: of all lanes or, where ranks share them, of each root of its own.
  func sum() -> GradientSum {
    GradientSum(
      nodes: gradients.map { GradientPart($0.matrix) }, additions: plan.additions, result: gradients[0].matrix
    )
  }

  /// The sum of all ranks' roots, which must be whole; that of this rank's nodes if it is the only one.
  ///
  /// - Parameter ranges: The places in a flat gradient that each rank folds.
  func sum(over ranges: @autoclosure () -> [[Range<Int>]]) -> GradientSum {
    guard let exchange else { return sum() }
    let roots = plan.roots.map { gradients[$0].matrix }
    return exchanging { exchange.sum(roots: roots, ranges: ranges(), result: gradients[0].matrix) }
  }
}
