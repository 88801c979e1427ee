import KernelInterface

/// Linear-chain conditional random field (Lafferty et al. 2001) of logits x_t(j), t = 1…T, and scores a(i, j) of
/// transitions, b(j) of the first class and e(j) of the last one. Paths through a set of classes at each step have
///
///     u_1(j) = b(j),  u_t(j) = ln Σᵢ exp(α_t₋₁(i) + a(i, j))
///     s_t = ln Σⱼ exp(x_t(j) + u_t(j))
///     α_t(j) = x_t(j) + u_t(j) − s_t,  −∞ outside the set
///     s_T₊₁ = ln Σⱼ exp(α_T(j) + e(j))
///
/// so that s_1 + … + s_T₊₁ is the logarithm of the sum of their exponential scores. With s of all paths and s′ of those
/// through the targets
///
///     forward     loss = Σ_t (s_t − s′_t)
///     backward    g_T(j) = exp(α_T(j) + e(j) − s_T₊₁)
///                 p_t(i, j) = g_t(j)·exp(α_t₋₁(i) + a(i, j) − u_t(j)),  g_t₋₁(i) = Σⱼ p_t(i, j)
///                 dx_t = g_t − g′_t,  da = Σ_t (p_t − p′_t),  db = g_1 − g′_1,  de = g_T − g′_T
///
/// Every s is added to the loss of its step, s_T₊₁ to that of the last one, and g is divided by its sum, which is 1 but
/// for rounding, so that errors do not grow with T.
extension VectorKernels {
  package static func crfScratchByteCount(steps: Int, classes: Int) -> Int {
    CRFScratch.count(steps: steps, classes) * MemoryLayout<Float>.stride
  }

  @inline(never)
  package static func crfLoss(
    logits: Matrix, classes: Int, targets: [Int32], transitions: Matrix, layout: SequenceLayout,
    gradientScale: Float, losses: Matrix, transitionGradients: Matrix?, scratch: AlignedBytes
  ) {
    assert(classes > 0 && classes <= logits.columns && targets.count == logits.rows)
    assert(transitions.rows == classes + 2 && transitions.columns == classes)
    assert(scratch.count >= crfScratchByteCount(steps: layout.steps, classes: classes))
    let elements = scratch.bound(to: Float.self)
    targets.withUnsafeBufferPointer { targets in
      for row in 0..<layout.rows {
        let chain = CRFChain(
          classes: classes, steps: layout.lengths[row], row: row, starts: layout.starts,
          transitions: transitions)
        let all = CRFScratch(elements, steps: layout.steps, classes, paths: 0)
        let known = CRFScratch(elements, steps: layout.steps, classes, paths: 1)
        chain.forward(logits, targets: nil, all)
        chain.forward(logits, targets: targets, known)
        for step in 0..<chain.steps {
          losses[0, chain.position(step)] = all.normalizers[step] - known.normalizers[step]
        }
        losses[0, chain.position(chain.steps - 1)] +=
          all.normalizers[chain.steps] - known.normalizers[chain.steps]
        if gradientScale == 0 { continue }
        for step in 0..<chain.steps {
          fillElements(logits.row(chain.position(step)), with: 0, count: logits.columns)
        }
        let gradients = transitionGradients.map { $0.row(row) }
        if let gradients { fillElements(gradients, with: 0, count: (classes + 2) * classes) }
        chain.backward(logits, targets: nil, all, scale: gradientScale, transitions: gradients)
        chain.backward(logits, targets: targets, known, scale: -gradientScale, transitions: gradients)
      }
    }
  }

  @inline(never)
  package static func crfBestPaths(
    logits: Matrix, classes: Int, transitions: Matrix, layout: SequenceLayout, scratch: AlignedBytes
  ) -> [Int32] {
    assert(classes > 0 && classes <= logits.columns)
    assert(scratch.count >= crfScratchByteCount(steps: layout.steps, classes: classes))
    let elements = scratch.bound(to: Float.self)
    return [Int32](unsafeUninitializedCapacity: logits.rows) { best, count in
      for row in 0..<layout.rows {
        let chain = CRFChain(
          classes: classes, steps: layout.lengths[row], row: row, starts: layout.starts,
          transitions: transitions)
        let memory = CRFScratch(elements, steps: layout.steps, classes, paths: 0)
        var path = chain.bestEnd(logits, memory)
        var step = chain.steps - 1
        while step >= 0 {
          best[chain.position(step)] = Int32(path)
          path = Int(memory.arriving(step)[path])
          step -= 1
        }
      }
      count = logits.rows
    }
  }
}

/// The memory of one sequence and one set of paths.
private struct CRFScratch {
  /// Classes rounded up to whole vectors.
  let width: Int
  /// α: a row of `width` for each step.
  private let forward: UnsafeMutablePointer<Float>
  /// u, or the classes that the best paths come from: a row of `width` for each step.
  private let arrivals: UnsafeMutablePointer<Float>
  /// s of each step, and the last one.
  let normalizers: UnsafeMutablePointer<Float>
  /// g of the current and of the previous step.
  let occupancy: UnsafeMutablePointer<Float>
  let previousOccupancy: UnsafeMutablePointer<Float>

  /// - Parameter paths: 0 or 1: which set of paths.
  @inline(always)
  init(_ memory: UnsafeMutablePointer<Float>, steps: Int, _ classes: Int, paths: Int) {
    width = panels(classes) * Vector.scalarCount
    forward = memory + paths * CRFScratch.elements(steps: steps, classes)
    arrivals = forward + steps * width
    normalizers = arrivals + steps * width
    occupancy = normalizers + panels(steps + 1) * Vector.scalarCount
    previousOccupancy = occupancy + width
  }

  private static func elements(steps: Int, _ classes: Int) -> Int {
    (2 * steps + 2) * panels(classes) * Vector.scalarCount + panels(steps + 1) * Vector.scalarCount
  }

  /// Elements of both sets.
  static func count(steps: Int, _ classes: Int) -> Int { 2 * elements(steps: steps, classes) }

  /// α_t.
  @inline(always)
  func forward(_ step: Int) -> UnsafeMutablePointer<Float> { forward + step * width }

  /// u_t.
  @inline(always)
  func arriving(_ step: Int) -> UnsafeMutablePointer<Float> { arrivals + step * width }
}

/// A sequence and the scores of transitions.
private struct CRFChain {
  let classes: Int
  let steps: Int
  let row: Int
  let starts: [Int]
  let transitions: Matrix

  private var first: UnsafeMutablePointer<Float> { transitions.row(classes) }
  private var last: UnsafeMutablePointer<Float> { transitions.row(classes + 1) }

  /// The row of the logits of a step.
  @inline(always)
  func position(_ step: Int) -> Int { starts[step] + row }

  /// The classes that paths may have at a step: the target, or all if there is none.
  @inline(always)
  private func possible(_ step: Int, _ targets: UnsafeBufferPointer<Int32>?) -> Range<Int> {
    guard let targets else { return 0..<classes }
    let target = Int(targets[position(step)])
    return target < 0 ? 0..<classes : target..<target + 1
  }

  /// Computes α, u and s.
  @inline(always)
  func forward(_ logits: Matrix, targets: UnsafeBufferPointer<Int32>?, _ memory: CRFScratch) {
    for step in 0..<steps {
      let arriving = memory.arriving(step)
      let forward = memory.forward(step)
      let values = logits.row(position(step))
      if step == 0 {
        copyElements(first, to: arriving, count: classes)
      } else {
        arrive(memory.forward(step - 1), from: possible(step - 1, targets), into: arriving)
      }
      if let targets, targets[position(step)] >= 0 {
        let target = Int(targets[position(step)])
        fillElements(forward, with: logarithmOfZero, count: classes)
        forward[target] = values[target] + arriving[target]
      } else {
        sum(values, arriving, into: forward)
      }
      let normalizer = logarithmOfSum(forward, count: classes)
      memory.normalizers[step] = normalizer
      for column in 0..<classes { forward[column] -= normalizer }
    }
    let end = memory.occupancy
    sum(memory.forward(steps - 1), last, into: end)
    memory.normalizers[steps] = logarithmOfSum(end, count: classes)
  }

  /// Computes g, and adds the gradients of logits and transitions.
  @inline(always)
  func backward(
    _ logits: Matrix, targets: UnsafeBufferPointer<Int32>?, _ memory: CRFScratch, scale: Float,
    transitions gradients: UnsafeMutablePointer<Float>?
  ) {
    let factor = Vector(repeating: scale)
    @inline(always)
    func add(_ values: UnsafeMutablePointer<Float>, to target: UnsafeMutablePointer<Float>) {
      @inline(always)
      func addVector(_ column: Int, _ count: Int) {
        multiplyAdd(
          Vector.load(values + column, count: count), factor, Vector.load(target + column, count: count)
        ).store(target + column, count: count)
      }
      forEachVector(in: classes, addVector)
    }
    var (occupancy, previous) = (memory.occupancy, memory.previousOccupancy)
    sum(memory.forward(steps - 1), last, into: occupancy)
    exponentiate(occupancy, less: memory.normalizers[steps])
    if let gradients { add(occupancy, to: gradients + (classes + 1) * classes) }
    var step = steps - 1
    while step > 0 {
      add(occupancy, to: logits.row(position(step)))
      let from = possible(step - 1, targets)
      if from.count < classes { fillElements(previous, with: 0, count: classes) }
      let (forward, arriving) = (memory.forward(step - 1), memory.arriving(step))
      for source in from {
        let scores = transitions.row(source)
        let shift = Vector(repeating: forward[source])
        let target = gradients.map { $0 + source * classes }
        var sums = Vector(repeating: 0)
        @inline(always)
        func leave(_ column: Int, _ count: Int) {
          let score = shift + Vector.load(scores + column, count: count)
          let share = exponential(score - Vector.load(arriving + column, count: count))
          let pair = (share * Vector.load(occupancy + column, count: count)).keeping(first: count)
          sums += pair
          if let target {
            multiplyAdd(pair, factor, Vector.load(target + column, count: count))
              .store(target + column, count: count)
          }
        }
        forEachVector(in: classes, leave)
        previous[source] = sums.total
      }
      normalize(previous)
      (occupancy, previous) = (previous, occupancy)
      step -= 1
    }
    add(occupancy, to: logits.row(position(0)))
    if let gradients { add(occupancy, to: gradients + classes * classes) }
  }

  /// Computes the scores of the best paths and where they come from.
  ///
  /// - Returns: The last class of the best path.
  @inline(always)
  func bestEnd(_ logits: Matrix, _ memory: CRFScratch) -> Int {
    for step in 0..<steps {
      let best = memory.forward(step)
      let origin = memory.arriving(step)
      let values = logits.row(position(step))
      @inline(always)
      func advance(_ column: Int, _ count: Int) {
        var maximum = Vector.load(first + column, count: count)
        var places = Vector(repeating: 0)
        if step > 0 {
          let previous = memory.forward(step - 1)
          maximum = Vector(repeating: previous[0]) + Vector.load(transitions.row(0) + column, count: count)
          var source = 1
          while source < classes {
            let score =
              Vector(repeating: previous[source])
              + Vector.load(transitions.row(source) + column, count: count)
            let isBetter = score .> maximum
            maximum = maximum.replacing(with: score, where: isBetter)
            places = places.replacing(with: Vector(repeating: Float(source)), where: isBetter)
            source += 1
          }
        }
        (maximum + Vector.load(values + column, count: count)).store(best + column, count: count)
        places.store(origin + column, count: count)
      }
      forEachVector(in: classes, advance)
      // Only differences count; sums that grow would lose digits.
      let shift = maximumElement(best, count: classes)
      for column in 0..<classes { best[column] -= shift }
    }
    let end = memory.occupancy
    sum(memory.forward(steps - 1), last, into: end)
    var result = 0
    for column in 1..<max(classes, 1) where end[column] > end[result] { result = column }
    return result
  }

  /// u(j) = ln Σᵢ exp(α(i) + a(i, j)) over the classes of a range.
  @inline(always)
  private func arrive(
    _ forward: UnsafeMutablePointer<Float>, from sources: Range<Int>,
    into arriving: UnsafeMutablePointer<Float>
  ) {
    @inline(always)
    func advance(_ column: Int, _ count: Int) {
      @inline(always)
      func score(_ source: Int) -> Vector {
        Vector(repeating: forward[source]) + Vector.load(transitions.row(source) + column, count: count)
      }
      var maximum = score(sources.lowerBound)
      for source in sources.dropFirst() {
        let next = score(source)
        maximum = maximum.replacing(with: next, where: next .> maximum)
      }
      var sum = Vector(repeating: 0)
      for source in sources { sum += exponential(score(source) - maximum) }
      (maximum + naturalLogarithm(sum)).store(arriving + column, count: count)
    }
    forEachVector(in: classes, advance)
  }

  @inline(always)
  private func sum(
    _ left: UnsafeMutablePointer<Float>, _ right: UnsafeMutablePointer<Float>,
    into result: UnsafeMutablePointer<Float>
  ) {
    @inline(always)
    func add(_ column: Int, _ count: Int) {
      (Vector.load(left + column, count: count) + Vector.load(right + column, count: count))
        .store(result + column, count: count)
    }
    forEachVector(in: classes, add)
  }

  /// Divides the values of all classes by their sum.
  @inline(always)
  private func normalize(_ values: UnsafeMutablePointer<Float>) {
    var sum = Vector(repeating: 0)
    @inline(always)
    func add(_ column: Int, _ count: Int) { sum += Vector.load(values + column, count: count) }
    forEachVector(in: classes, add)
    scaleElements(values, by: 1 / sum.total, count: classes)
  }

  /// Replaces the values of all classes by exp(value − `logarithm`).
  @inline(always)
  private func exponentiate(_ values: UnsafeMutablePointer<Float>, less logarithm: Float) {
    let shift = Vector(repeating: logarithm)
    @inline(always)
    func replace(_ column: Int, _ count: Int) {
      exponential(Vector.load(values + column, count: count) - shift).store(values + column, count: count)
    }
    forEachVector(in: classes, replace)
  }
}
