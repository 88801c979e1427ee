import KernelInterface

extension VectorKernels {
  /// losses[p] = Σ over position p's targets t of `loss`, for losses that predict `blocks` parameters per target.
  ///
  /// `loss` gets the first parameter's predictions for up to sixteen targets (the others' are `width` further each),
  /// the targets, the gradients' factor, and the number of targets. It returns the losses, and overwrites the
  /// predictions by their derivatives times the factor, zeros where the target is missing, unless the gradient's scale
  /// is 0.
  @inline(always)
  static func sumLosses(
    _ operands: LossOperands, blocks: Int,
    _ loss: (
      _ predictions: UnsafeMutablePointer<Float>, _ targets: Vector, _ scale: Vector, _ count: Int
    ) -> Vector
  ) {
    @inline(always)
    func evaluate(
      _ predictions: UnsafeMutablePointer<Float>, _ targets: Vector, _ scale: Vector, _ column: Int,
      _ count: Int
    ) -> Vector {
      loss(predictions, targets, scale, count)
    }
    sumLosses(operands, blocks: blocks, evaluate)
  }

  /// The same, with the column of the first target.
  @inline(always)
  static func sumLosses(
    _ operands: LossOperands, blocks: Int,
    _ loss: (
      _ predictions: UnsafeMutablePointer<Float>, _ targets: Vector, _ scale: Vector, _ column: Int,
      _ count: Int
    ) -> Vector
  ) {
    let (predictions, targets, losses) = (operands.predictions, operands.targets, operands.losses)
    let (width, gradientScale) = (operands.width, operands.gradientScale)
    assert(blocks * width <= predictions.columns)
    let scale = Vector(repeating: gradientScale)
    for row in 0..<predictions.rows {
      let values = predictions.row(row)
      let wanted = targets.row(row)
      var sum = Vector(repeating: 0)
      @inline(always)
      func evaluate(_ column: Int, _ count: Int) {
        let target = Vector.load(wanted + column, count: count)
        sum += loss(values + column, target, scale, column, count).whereKnown(target).keeping(first: count)
      }
      forEachVector(in: width, evaluate)
      losses[0, row] = sum.total
      if gradientScale != 0 {
        for column in blocks * width..<predictions.columns { values[column] = 0 }
      }
    }
  }
}
