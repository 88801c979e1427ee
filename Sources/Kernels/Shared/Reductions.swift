/// The maximum of `count` elements, at least one; where some are NaN, NaN or the maximum of the others.
@inline(never)
func maximumElement(_ values: UnsafePointer<Float>, count: Int) -> Float {
  var maxima = Vector(repeating: values[0])
  let whole = count & ~(Vector.scalarCount - 1)
  @inline(always)
  func compare(_ column: Int) {
    let next = Vector.load(values + column)
    maxima = maxima.replacing(with: next, where: next .> maxima)
  }
  forEachPanel(columns: whole, compare)
  var result = maxima.maximum
  for index in whole..<count where values[index] > result { result = values[index] }
  return result
}

/// Whether one of the first `count` elements equals `value`.
@inline(never)
func contains(_ value: Float, in values: UnsafePointer<Float>, count: Int) -> Bool {
  var found = Vector(repeating: 0)
  @inline(always)
  func compare(_ start: Int, _ count: Int) {
    let equal = Vector.load(values + start, count: count) .== Vector(repeating: value)
    found += Vector(repeating: 0).replacing(with: Vector(repeating: 1), where: equal).keeping(first: count)
  }
  forEachVector(in: count, compare)
  return found.total > 0
}

/// Σ of squares by sixteen partial sums and the fixed tree of `Vector.total`.
@inline(always)
func squaredSum(_ pointer: UnsafePointer<Float>, count: Int) -> Float {
  var sums = Vector(repeating: 0)
  @inline(always)
  func accumulate(_ start: Int, _ count: Int) {
    let values = Vector.load(pointer + start, count: count)
    sums = multiplyAdd(values, values, sums)
  }
  forEachVector(in: count, accumulate)
  return sums.total
}

/// Σ of products by sixteen partial sums and the fixed tree of `Vector.total`.
@inline(always)
func dotProduct(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, count: Int) -> Float {
  var sums = Vector(repeating: 0)
  @inline(always)
  func accumulate(_ start: Int, _ count: Int) {
    sums = multiplyAdd(
      Vector.load(left + start, count: count), Vector.load(right + start, count: count), sums)
  }
  forEachVector(in: count, accumulate)
  return sums.total
}

/// The score that stands for ln 0. Sums of it stay finite, so that no difference of infinities arises.
let logarithmOfZero: Float = -1e30

/// ln Σ e^(xᵢ) of `count` numbers, at least one.
@inline(always)
func logarithmOfSum(_ values: UnsafePointer<Float>, count: Int) -> Float {
  let maximum = maximumElement(values, count: count)
  let shift = Vector(repeating: maximum)
  var sum = Vector(repeating: 0)
  @inline(always)
  func add(_ start: Int, _ count: Int) {
    sum += exponential(Vector.load(values + start, count: count) - shift).keeping(first: count)
  }
  forEachVector(in: count, add)
  return maximum + scalarLogarithm(sum.total)
}

/// Multiplies `count` elements by a factor.
@inline(always)
func scaleElements(_ values: UnsafeMutablePointer<Float>, by factor: Float, count: Int) {
  let factor = Vector(repeating: factor)
  @inline(always)
  func multiply(_ start: Int, _ count: Int) {
    (Vector.load(values + start, count: count) * factor).store(values + start, count: count)
  }
  forEachVector(in: count, multiply)
}

/// ln(x) of one number, as `naturalLogarithm`.
@inline(never)
func scalarLogarithm(_ x: Float) -> Float { naturalLogarithm(Vector(repeating: x))[0] }

/// Replaces `count` elements by their softmax e^(xᵢ − max x) / Σⱼ e^(xⱼ − max x), whose shift by the maximum changes
/// nothing and prevents overflow, and the columns after them by zeros.
@inline(always)
func softmaxRow(_ values: UnsafeMutablePointer<Float>, count: Int, columns: Int) {
  let shift = Vector(repeating: maximumElement(values, count: count))
  var sums = Vector(repeating: 0)
  @inline(always)
  func exponentiate(_ column: Int, _ count: Int) {
    let e = exponential(Vector.load(values + column, count: count) - shift).keeping(first: count)
    sums += e
    e.store(values + column, count: count)
  }
  forEachVector(in: count, exponentiate)
  scaleElements(values, by: 1 / sums.total, count: count)
  for column in count..<columns { values[column] = 0 }
}
