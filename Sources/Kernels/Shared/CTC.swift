import KernelInterface

/// A logarithm that stands for that of zero. Sums of it stay finite, so that no difference of infinities arises.
private let logarithmOfZero: Float = -1e30

extension VectorKernels {
  package static func ctcScratch(_ sequences: LabelledSequences, classes: Int) -> Int {
    (0..<sequences.count).reduce(0) { most, sequence in
      let labels = sequences.labels(of: sequence).count
      return max(most, CTCScratch.count(steps: sequences.lengths[sequence], labels: labels, classes))
    }
  }

  @inline(never)
  package static func ctcLoss(
    logits: Matrix, classes: Int, blank: Int, sequences: LabelledSequences, gradientScale: Float,
    losses: Matrix, scratch: Matrix
  ) {
    assert(classes > 0 && classes <= logits.columns && (0..<classes).contains(blank))
    assert(losses.columns >= sequences.count)
    sequences.labels.withUnsafeBufferPointer { allLabels in
      for sequence in 0..<sequences.count {
        let range = sequences.labels(of: sequence)
        let labels = UnsafeBufferPointer(rebasing: allLabels[range])
        let length = sequences.lengths[sequence]
        let alignment = CTCSequence(
          labels: labels, blank: blank, classes: classes,
          memory: CTCScratch(scratch.pointer, steps: length, labels: labels.count, classes))
        var loss = Float.infinity
        if LabelledSequences.minimumSteps(sequences.labels[range]) <= length {
          loss = alignment.forward(logits, sequence, sequences.starts, steps: length)
        }
        losses[0, sequence] = loss
        if gradientScale == 0 { continue }
        if loss == .infinity {
          for step in 0..<length {
            fillElements(logits.row(sequences.starts[step] + sequence), with: 0, count: logits.columns)
          }
        } else {
          alignment.backward(logits, sequence, sequences.starts, steps: length, scale: gradientScale)
        }
      }
    }
  }
}

/// The memory of one sequence's alignment: S = 2·labels + 1 symbols, the labels with blanks around them.
private struct CTCScratch {
  /// S in whole vectors.
  let width: Int
  /// ln α of each symbol, a row of `width` behind a margin for each step, from the one before the first on.
  let forward: UnsafeMutablePointer<Float>
  /// ln(β·y) of each symbol at the step after the current one, before a margin.
  let backward: UnsafeMutablePointer<Float>
  /// ln y of each symbol at the current step.
  let emissions: UnsafeMutablePointer<Float>
  /// 0 where a symbol may follow the one two before it; the logarithm of zero elsewhere.
  let skips: UnsafeMutablePointer<Float>
  /// ln Σ exp(logit) of each step.
  let normalizers: UnsafeMutablePointer<Float>
  /// Expected number of each class at the current step.
  let occupancy: UnsafeMutablePointer<Float>

  static let margin = Vector.scalarCount

  @inline(always)
  init(_ memory: UnsafeMutablePointer<Float>, steps: Int, labels: Int, _ classes: Int) {
    width = panels(2 * labels + 1) * Vector.scalarCount
    let stride = width + CTCScratch.margin
    forward = memory + CTCScratch.margin
    backward = memory + (steps + 1) * stride
    emissions = backward + stride
    skips = emissions + width
    normalizers = skips + stride
    occupancy = normalizers + steps
  }

  static func count(steps: Int, labels: Int, _ classes: Int) -> Int {
    let width = panels(2 * labels + 1) * Vector.scalarCount
    return (steps + 3) * (width + margin) + width + steps + classes
  }

  /// ln α before the first step for 0, after step t − 1 for t.
  @inline(always)
  func forward(_ step: Int) -> UnsafeMutablePointer<Float> {
    forward + step * (width + CTCScratch.margin)
  }
}

/// One sequence's forward and backward variables.
private struct CTCSequence {
  let labels: UnsafeBufferPointer<Int32>
  let blank: Int
  let classes: Int
  let memory: CTCScratch

  private var symbols: Int { 2 * labels.count + 1 }

  /// α_t(s) = y_t(s)·(α_t₋₁(s) + α_t₋₁(s − 1) + α_t₋₁(s − 2)), the last where symbols s and s − 2 are different labels.
  ///
  /// - Returns: −ln(α_T(S) + α_T(S − 1)); ∞ if no alignment has a probability.
  @inline(always)
  func forward(_ logits: Matrix, _ sequence: Int, _ starts: [Int], steps: Int) -> Float {
    begin()
    var offset = 0.0
    // Step 0 is reached from a symbol before the first.
    let first = memory.forward(0)
    fillElements(
      first - CTCScratch.margin, with: logarithmOfZero, count: memory.width + CTCScratch.margin)
    first[-1] = 0
    var maximum: Float = 0
    for step in 0..<steps {
      let values = logits.row(starts[step] + sequence)
      memory.normalizers[step] = normalizer(values)
      emit(values, step)
      let previous = memory.forward(step)
      let current = memory.forward(step + 1)
      fillElements(current - CTCScratch.margin, with: logarithmOfZero, count: CTCScratch.margin)
      let shift = Vector(repeating: maximum)
      offset += Double(maximum)
      var maxima = Vector(repeating: -Float.greatestFiniteMagnitude)
      var symbol = 0
      while symbol < memory.width {
        let sum = logarithmOfSum(
          Vector.load(previous + symbol), Vector.load(previous + symbol - 1),
          Vector.load(previous + symbol - 2) + Vector.load(memory.skips + symbol))
        let value = (sum - shift) + Vector.load(memory.emissions + symbol)
        value.store(current + symbol)
        maxima = maxima.replacing(with: value, where: value .> maxima)
        symbol += Vector.scalarCount
      }
      maximum = maxima.maximum
    }
    let last = memory.forward(steps)
    var ends = Vector(repeating: logarithmOfZero)
    ends[0] = last[symbols - 1]
    if symbols > 1 { ends[1] = last[symbols - 2] }
    let total = logarithmOfSum(
      Vector(repeating: ends[0]), Vector(repeating: ends[1]), Vector(repeating: logarithmOfZero))[0]
    if total < 0.5 * logarithmOfZero { return .infinity }
    return Float(-(Double(total) + offset))
  }

  /// Expected occupancies γ_t(s) ∝ α_t(s)·β_t(s), and from them ∂loss/∂logit = y_t(k) − Σ over s with symbol k of γ_t(s).
  ///
  /// β_t(s) = Σ over s′ in s, s + 1, s + 2 of β_t₊₁(s′)·y_t₊₁(s′). A step's occupancies sum to 1, whatever offsets its
  /// variables have.
  @inline(always)
  func backward(_ logits: Matrix, _ sequence: Int, _ starts: [Int], steps: Int, scale: Float) {
    // The last step leads to a symbol behind the last one.
    fillElements(memory.backward, with: logarithmOfZero, count: memory.width + CTCScratch.margin)
    memory.backward[symbols] = 0
    var maximum: Float = 0
    var step = steps - 1
    while step >= 0 {
      let values = logits.row(starts[step] + sequence)
      emit(values, step)
      let forward = memory.forward(step + 1)
      let shift = Vector(repeating: maximum)
      var maxima = Vector(repeating: -Float.greatestFiniteMagnitude)
      var productMaxima = maxima
      var symbol = 0
      while symbol < memory.width {
        let next = memory.backward + symbol
        let sum = logarithmOfSum(
          Vector.load(next), Vector.load(next + 1),
          Vector.load(next + 2) + Vector.load(memory.skips + symbol + 2))
        let value = sum - shift
        let product = Vector.load(forward + symbol) + value
        product.store(forward + symbol)
        productMaxima = productMaxima.replacing(with: product, where: product .> productMaxima)
        let emitted = value + Vector.load(memory.emissions + symbol)
        emitted.store(next)
        maxima = maxima.replacing(with: emitted, where: emitted .> maxima)
        symbol += Vector.scalarCount
      }
      maximum = maxima.maximum
      occupy(forward, maximum: productMaxima.maximum)
      differentiate(values, columns: logits.columns, normalizer: memory.normalizers[step], scale: scale)
      step -= 1
    }
  }

  /// What does not change from step to step.
  @inline(always)
  private func begin() {
    fillElements(memory.emissions, with: logarithmOfZero, count: memory.width)
    fillElements(memory.skips, with: logarithmOfZero, count: memory.width + CTCScratch.margin)
    // From before the first symbol to the first label, and from the last label to behind the last symbol.
    memory.skips[1] = 0
    memory.skips[symbols] = 0
    var label = 1
    while label < labels.count {
      if labels[label] != labels[label - 1] { memory.skips[2 * label + 1] = 0 }
      label += 1
    }
  }

  /// ln Σ exp(logit).
  @inline(always)
  private func normalizer(_ values: UnsafePointer<Float>) -> Float {
    let maximum = maximumElement(values, count: classes)
    let shift = Vector(repeating: maximum)
    var sum = Vector(repeating: 0)
    @inline(always)
    func add(_ column: Int, _ count: Int) {
      sum += exponential(Vector.load(values + column, count: count) - shift).keeping(first: count)
    }
    forEachVector(in: classes, add)
    return maximum + scalarLogarithm(sum.total)
  }

  /// ln y of every symbol.
  @inline(always)
  private func emit(_ values: UnsafePointer<Float>, _ step: Int) {
    let normalizer = memory.normalizers[step]
    let ofBlank = values[blank] - normalizer
    memory.emissions[0] = ofBlank < logarithmOfZero ? logarithmOfZero : ofBlank
    var label = 0
    while label < labels.count {
      let ofLabel = values[Int(labels[label])] - normalizer
      memory.emissions[2 * label + 1] = ofLabel < logarithmOfZero ? logarithmOfZero : ofLabel
      memory.emissions[2 * label + 2] = memory.emissions[0]
      label += 1
    }
  }

  /// Sums exp(product − maximum) of each class's symbols, and divides by the sum of all.
  @inline(always)
  private func occupy(_ products: UnsafeMutablePointer<Float>, maximum: Float) {
    let shift = Vector(repeating: maximum)
    var sum = Vector(repeating: 0)
    var symbol = 0
    while symbol < memory.width {
      let value = exponential(Vector.load(products + symbol) - shift)
      value.store(products + symbol)
      sum += value
      symbol += Vector.scalarCount
    }
    fillElements(memory.occupancy, with: 0, count: classes)
    var ofBlank = products[0]
    var label = 0
    while label < labels.count {
      memory.occupancy[Int(labels[label])] += products[2 * label + 1]
      ofBlank += products[2 * label + 2]
      label += 1
    }
    memory.occupancy[blank] += ofBlank
    let factor = Vector(repeating: 1 / sum.total)
    @inline(always)
    func divide(_ column: Int, _ count: Int) {
      (Vector.load(memory.occupancy + column, count: count) * factor)
        .store(memory.occupancy + column, count: count)
    }
    forEachVector(in: classes, divide)
  }

  @inline(always)
  private func differentiate(
    _ values: UnsafeMutablePointer<Float>, columns: Int, normalizer: Float, scale: Float
  ) {
    let shift = Vector(repeating: normalizer)
    let factor = Vector(repeating: scale)
    @inline(always)
    func write(_ column: Int, _ count: Int) {
      let probability = exponential(Vector.load(values + column, count: count) - shift)
      let expected = Vector.load(memory.occupancy + column, count: count)
      ((probability - expected) * factor).store(values + column, count: count)
    }
    forEachVector(in: classes, write)
    var column = classes
    while column < columns {
      values[column] = 0
      column += 1
    }
  }

}

/// ln(eᵃ + eᵇ + eᶜ) of finite numbers; NaN if one is NaN.
@inline(always)
private func logarithmOfSum(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector {
  let larger = a.replacing(with: b, where: b .> a)
  let maximum = larger.replacing(with: c, where: c .> larger)
  return maximum
    + naturalLogarithm(exponential(a - maximum) + exponential(b - maximum) + exponential(c - maximum))
}
