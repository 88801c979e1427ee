extension Executor {
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
