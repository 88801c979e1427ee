extension Executor {
  /// The sum of this rank's nodes: over all lanes or, with several ranks, one sum per root.
  func sum() -> GradientSum {
    GradientSum(
      nodes: gradients.map { GradientPart($0.matrix) }, additions: plan.additions, result: gradients[0].matrix
    )
  }

  /// The sum of all ranks' roots, which must be complete; with a single rank, that of its nodes.
  ///
  /// - Parameter ranges: The ranges of a flat gradient that each rank reduces.
  func sum(over ranges: @autoclosure () -> [[Range<Int>]]) -> GradientSum {
    guard let exchange else { return sum() }
    let roots = plan.roots.map { gradients[$0].matrix }
    return exchanging { exchange.sum(roots: roots, ranges: ranges(), result: gradients[0].matrix) }
  }
}
