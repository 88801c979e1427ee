import KernelInterface

/// Connectionist temporal classification (Graves et al. 2006, sections 4.1 and 4.2) of logits x_t(k), t = 1…T, and a
/// label sequence. Its S = 2·labels + 1 symbols l(s) are the labels with blanks before, between and after them:
///
///     y_t = softmax(x_t)
///     α_t(s) = y_t(l(s))·(α_t₋₁(s) + α_t₋₁(s − 1) + α_t₋₁(s − 2)),  α_0 = 1 before the first symbol, else 0
///     β_t(s) = Σ over s′ = s, s + 1, s + 2 of β_t₊₁(s′)·y_t₊₁(l(s′)),  β_T = 1 at the last two symbols, else 0
///
/// where a step of two symbols is allowed only between different labels. Then
///
///     forward     loss = −ln P(labels | x) = −ln(α_T(S) + α_T(S − 1))
///     backward    γ_t(s) = α_t(s)·β_t(s) / Σᵣ α_t(r)·β_t(r)
///                 dx_t(k) = y_t(k) − Σ over symbols s with l(s) = k of γ_t(s)
///
/// α and β are float32 log-probabilities relative to the previous step's maximum. The forward pass sums these offsets
/// in Double, so that errors do not grow with T; γ does not depend on them.
extension VectorKernels {
  package static func ctcScratchByteCount(_ sequences: LabelledSequences, classes: Int) -> Int {
    let elements = (0..<sequences.count).reduce(0) { maximum, sequence in
      let labels = sequences.labels(of: sequence).count
      return max(maximum, CTCScratch.count(steps: sequences.lengths[sequence], labels: labels, classes))
    }
    return elements * MemoryLayout<Float>.stride
  }

  @inline(never)
  package static func ctcLoss(
    logits: Matrix, classes: Int, blank: Int, sequences: LabelledSequences, gradientScale: Float,
    losses: Matrix, scratch: AlignedBytes
  ) {
    assert(classes > 0 && classes <= logits.columns && (0..<classes).contains(blank))
    assert(losses.columns >= sequences.count)
    assert(scratch.count >= ctcScratchByteCount(sequences, classes: classes))
    let elements = scratch.bound(to: Float.self)
    sequences.labels.withUnsafeBufferPointer { allLabels in
      for sequence in 0..<sequences.count {
        let range = sequences.labels(of: sequence)
        let labels = UnsafeBufferPointer(rebasing: allLabels[range])
        let length = sequences.lengths[sequence]
        let alignment = CTCSequence(
          labels: labels, blank: blank, classes: classes,
          memory: CTCScratch(elements, steps: length, labels: labels.count, classes))
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

/// The memory of one sequence.
private struct CTCScratch {
  /// S rounded up to whole vectors.
  let width: Int
  /// ln α of each symbol: a row of `width` after a margin for each step, from step 0 on.
  let forward: UnsafeMutablePointer<Float>
  /// ln(β·y) of each symbol at the step after the current one, followed by a margin.
  let backward: UnsafeMutablePointer<Float>
  /// ln y of each symbol at the current step.
  let emissions: UnsafeMutablePointer<Float>
  /// 0 where a symbol may follow the one two before it; `logarithmOfZero` elsewhere.
  let skips: UnsafeMutablePointer<Float>
  /// ln Σₖ exp(x(k)) of each step.
  let normalizers: UnsafeMutablePointer<Float>
  /// Σ of γ over each class's symbols at the current step.
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

  /// Elements of all of it.
  static func count(steps: Int, labels: Int, _ classes: Int) -> Int {
    let width = panels(2 * labels + 1) * Vector.scalarCount
    return (steps + 3) * (width + margin) + width + steps + classes
  }

  /// ln α_t.
  @inline(always)
  func forward(_ step: Int) -> UnsafeMutablePointer<Float> {
    forward + step * (width + CTCScratch.margin)
  }
}

/// The forward and backward variables of one sequence.
private struct CTCSequence {
  let labels: UnsafeBufferPointer<Int32>
  let blank: Int
  let classes: Int
  let memory: CTCScratch

  private var symbols: Int { 2 * labels.count + 1 }

  /// Computes α.
  ///
  /// - Returns: The loss; ∞ if no alignment has a probability above 0.
  @inline(always)
  func forward(_ logits: Matrix, _ sequence: Int, _ starts: [Int], steps: Int) -> Float {
    begin()
    var offset = 0.0
    // α_0.
    let first = memory.forward(0)
    fillElements(
      first - CTCScratch.margin, with: logarithmOfZero, count: memory.width + CTCScratch.margin)
    first[-1] = 0
    var maximum: Float = 0
    for step in 0..<steps {
      let values = logits.row(starts[step] + sequence)
      memory.normalizers[step] = logarithmOfSum(values, count: classes)
      emit(values, step)
      let previous = memory.forward(step)
      let current = memory.forward(step + 1)
      fillElements(current - CTCScratch.margin, with: logarithmOfZero, count: CTCScratch.margin)
      let shift = Vector(repeating: maximum)
      offset += Double(maximum)
      var maxima = Vector(repeating: -Float.greatestFiniteMagnitude)
      @inline(always)
      func advance(_ symbol: Int) {
        let sum = logarithmOfSum(
          Vector.load(previous + symbol), Vector.load(previous + symbol - 1),
          Vector.load(previous + symbol - 2) + Vector.load(memory.skips + symbol))
        let value = (sum - shift) + Vector.load(memory.emissions + symbol)
        value.store(current + symbol)
        maxima = maxima.replacing(with: value, where: value .> maxima)
      }
      forEachPanel(columns: memory.width, advance)
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

  /// Computes β and γ, and overwrites the logits by their gradients.
  @inline(always)
  func backward(_ logits: Matrix, _ sequence: Int, _ starts: [Int], steps: Int, scale: Float) {
    // After the last step comes a symbol behind the last one, which the last two lead to.
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
      @inline(always)
      func advance(_ symbol: Int) {
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
      }
      forEachPanel(columns: memory.width, advance)
      maximum = maxima.maximum
      occupy(forward, maximum: productMaxima.maximum)
      differentiate(values, columns: logits.columns, normalizer: memory.normalizers[step], scale: scale)
      step -= 1
    }
  }

  /// Initialises what is constant over the steps.
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

  /// ln y of each symbol.
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

  /// Sums γ over the symbols of each class, from ln(α·β) and its maximum.
  @inline(always)
  private func occupy(_ products: UnsafeMutablePointer<Float>, maximum: Float) {
    let shift = Vector(repeating: maximum)
    var sum = Vector(repeating: 0)
    @inline(always)
    func exponentiate(_ symbol: Int) {
      let value = exponential(Vector.load(products + symbol) - shift)
      value.store(products + symbol)
      sum += value
    }
    forEachPanel(columns: memory.width, exponentiate)
    fillElements(memory.occupancy, with: 0, count: classes)
    var ofBlank = products[0]
    var label = 0
    while label < labels.count {
      memory.occupancy[Int(labels[label])] += products[2 * label + 1]
      ofBlank += products[2 * label + 2]
      label += 1
    }
    memory.occupancy[blank] += ofBlank
    scaleElements(memory.occupancy, by: 1 / sum.total, count: classes)
  }

  /// dx = y − Σγ, times `scale`; zeros beyond the classes.
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
    for column in classes..<columns { values[column] = 0 }
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
