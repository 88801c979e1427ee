import KernelInterface

/// Pooling over the time steps t of a sequence of length T, with weights wₜ = softmax(eₜ), or 1/T:
///
///     forward     c = Σₜ wₜ xₜ
///     backward    dxₜ = wₜ dc;  dwₜ = dc · xₜ;  deₜ = wₜ (dwₜ − Σₛ wₛ dwₛ)
///
/// and the maximum of each feature over t, whose gradient is that of the first step that has it.
extension VectorKernels {
  @inline(never)
  package static func softmaxOverTime(_ scores: Matrix, starts: [Int], lengths: [Int]) {
    for (sequence, length) in lengths.enumerated() {
      var maximum = scores[starts[0] + sequence, 0]
      for step in 1..<max(length, 1) {
        let score = scores[starts[step] + sequence, 0]
        if score > maximum { maximum = score }
      }
      // Sixteen steps at a time, which cost as much as one.
      var sum: Float = 0
      for first in stride(from: 0, to: length, by: Vector.scalarCount) {
        let count = min(Vector.scalarCount, length - first)
        var values = Vector(repeating: 0)
        for step in 0..<count { values[step] = scores[starts[first + step] + sequence, 0] - maximum }
        values = exponential(values)
        for step in 0..<count {
          sum += values[step]
          scores[starts[first + step] + sequence, 0] = values[step]
        }
      }
      let factor = 1 / sum
      for step in 0..<length { scores[starts[step] + sequence, 0] *= factor }
    }
  }

  @inline(never)
  package static func pool(
    _ values: Matrix, weights: Matrix?, starts: [Int], lengths: [Int], into result: Matrix
  ) {
    assert(values.columns == result.columns && result.rows == lengths.count)
    for (sequence, length) in lengths.enumerated() {
      let sums = result.row(sequence)
      fillElements(sums, with: 0, count: result.columns)
      let mean = 1 / Float(length)
      for step in 0..<length {
        let position = starts[step] + sequence
        let weight = Vector(repeating: weights?[position, 0] ?? mean)
        let source = values.row(position)
        @inline(always)
        func add(_ column: Int, _ count: Int) {
          multiplyAdd(
            weight, Vector.load(source + column, count: count), Vector.load(sums + column, count: count)
          ).store(sums + column, count: count)
        }
        forEachVector(in: values.columns, add)
      }
    }
  }

  @inline(never)
  package static func poolBackward(
    _ gradient: Matrix, values: Matrix, weights: Matrix?, starts: [Int], lengths: [Int],
    valueGradient: Matrix, scoreGradient: Matrix?
  ) {
    assert(scoreGradient == nil || weights != nil)
    for (sequence, length) in lengths.enumerated() {
      let dc = gradient.row(sequence)
      let mean = 1 / Float(length)
      // Σₛ wₛ dwₛ.
      var mixed: Float = 0
      for step in 0..<length {
        let position = starts[step] + sequence
        let scalar = weights?[position, 0] ?? mean
        let weight = Vector(repeating: scalar)
        let source = values.row(position)
        let target = valueGradient.row(position)
        var product = Vector(repeating: 0)
        @inline(always)
        func differentiate(_ column: Int, _ count: Int) {
          let g = Vector.load(dc + column, count: count)
          if scoreGradient != nil {
            product = multiplyAdd(g, Vector.load(source + column, count: count), product)
          }
          (weight * g).store(target + column, count: count)
        }
        forEachVector(in: values.columns, differentiate)
        if let scoreGradient {
          let weightGradient = product.total
          scoreGradient[position, 0] = weightGradient
          mixed += scalar * weightGradient
        }
      }
      guard let scoreGradient, let weights else { continue }
      for step in 0..<length {
        let position = starts[step] + sequence
        let row = scoreGradient.row(position)
        row[0] = weights[position, 0] * (row[0] - mixed)
        for column in 1..<max(scoreGradient.columns, 1) { row[column] = 0 }
      }
    }
  }

  @inline(never)
  package static func poolMaximum(
    _ values: Matrix, starts: [Int], lengths: [Int], into result: Matrix
  ) {
    assert(values.columns == result.columns && result.rows == lengths.count)
    for (sequence, length) in lengths.enumerated() {
      let maxima = result.row(sequence)
      copyElements(values.row(starts[0] + sequence), to: maxima, count: result.columns)
      for step in 1..<max(length, 1) {
        let source = values.row(starts[step] + sequence)
        @inline(always)
        func compare(_ column: Int, _ count: Int) {
          let x = Vector.load(source + column, count: count)
          let maximum = Vector.load(maxima + column, count: count)
          maximum.replacing(with: x, where: (x .> maximum) .| (x .!= x)).store(maxima + column, count: count)
        }
        forEachVector(in: result.columns, compare)
      }
    }
  }

  @inline(never)
  package static func poolMaximumBackward(
    _ gradient: Matrix, values: Matrix, maxima: Matrix, starts: [Int], lengths: [Int],
    into valueGradient: Matrix
  ) {
    for (sequence, length) in lengths.enumerated() {
      let (dy, y) = (gradient.row(sequence), maxima.row(sequence))
      // A vector of columns at a time: what is left of its gradient is zero after the first step that has the maximum.
      @inline(always)
      func distribute(_ column: Int, _ count: Int) {
        let maximum = Vector.load(y + column, count: count)
        var rest = Vector.load(dy + column, count: count)
        let zero = Vector(repeating: 0)
        for step in 0..<length {
          let position = starts[step] + sequence
          let isOther = Vector.load(values.row(position) + column, count: count) .!= maximum
          rest.replacing(with: zero, where: isOther)
            .store(valueGradient.row(position) + column, count: count)
          rest = zero.replacing(with: rest, where: isOther)
        }
      }
      forEachVector(in: gradient.columns, distribute)
    }
  }
}
