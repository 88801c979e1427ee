import KernelInterface

extension VectorKernels {
  @inline(never)
  package static func spanProducts(_ left: Matrix, _ rows: Matrix, spans: RowSpans, into products: Matrix) {
    assert(left.columns == rows.columns && products.rows == left.rows)
    let width = panels(left.columns)
    for index in 0..<left.rows {
      let vector = left.row(index)
      let first = rows.row(Int(spans.starts[index]))
      let count = Int(spans.counts[index])
      let result = products.row(index)
      var step = 0
      // Four rows at a time hide the latency of the sums; each row's own are the same.
      while step + 4 <= count {
        let row = first + step * rows.stride
        var (a, b, c, d) = (
          Vector(repeating: 0), Vector(repeating: 0), Vector(repeating: 0), Vector(repeating: 0)
        )
        for panel in 0..<width {
          let column = panel * Vector.scalarCount
          let value = Vector.load(vector + column)
          a = multiplyAdd(value, Vector.load(row + column), a)
          b = multiplyAdd(value, Vector.load(row + rows.stride + column), b)
          c = multiplyAdd(value, Vector.load(row + 2 * rows.stride + column), c)
          d = multiplyAdd(value, Vector.load(row + 3 * rows.stride + column), d)
        }
        result[step] = a.total
        result[step + 1] = b.total
        result[step + 2] = c.total
        result[step + 3] = d.total
        step += 4
      }
      while step < count {
        let row = first + step * rows.stride
        var sum = Vector(repeating: 0)
        for panel in 0..<width {
          let column = panel * Vector.scalarCount
          sum = multiplyAdd(Vector.load(vector + column), Vector.load(row + column), sum)
        }
        result[step] = sum.total
        step += 1
      }
    }
  }

  @inline(never)
  package static func spanSums(weights: Matrix, _ rows: Matrix, spans: RowSpans, into sums: Matrix) {
    assert(sums.columns == rows.columns && sums.rows == weights.rows)
    let width = panels(rows.columns)
    for index in 0..<sums.rows {
      let first = rows.row(Int(spans.starts[index]))
      let count = Int(spans.counts[index])
      let factors = weights.row(index)
      let result = sums.row(index)
      var panel = 0
      while panel + 4 <= width {
        let column = panel * Vector.scalarCount
        var (a, b, c, d) = (
          Vector(repeating: 0), Vector(repeating: 0), Vector(repeating: 0), Vector(repeating: 0)
        )
        for step in 0..<count {
          let factor = Vector(repeating: factors[step])
          let row = first + step * rows.stride + column
          a = multiplyAdd(factor, Vector.load(row), a)
          b = multiplyAdd(factor, Vector.load(row + 16), b)
          c = multiplyAdd(factor, Vector.load(row + 32), c)
          d = multiplyAdd(factor, Vector.load(row + 48), d)
        }
        a.store(result + column)
        b.store(result + column + 16)
        c.store(result + column + 32)
        d.store(result + column + 48)
        panel += 4
      }
      while panel < width {
        let column = panel * Vector.scalarCount
        var sum = Vector(repeating: 0)
        for step in 0..<count {
          let row = first + step * rows.stride + column
          sum = multiplyAdd(Vector(repeating: factors[step]), Vector.load(row), sum)
        }
        sum.store(result + column)
        panel += 1
      }
    }
  }

  @inline(never)
  package static func addSpanProducts(weights: Matrix, _ left: Matrix, spans: RowSpans, to rows: Matrix) {
    assert(left.columns == rows.columns && weights.rows == left.rows)
    let width = panels(left.columns)
    for index in 0..<left.rows {
      let first = rows.row(Int(spans.starts[index]))
      let vector = left.row(index)
      let factors = weights.row(index)
      for step in 0..<Int(spans.counts[index]) {
        let factor = Vector(repeating: factors[step])
        let row = first + step * rows.stride
        for panel in 0..<width {
          let column = panel * Vector.scalarCount
          multiplyAdd(factor, Vector.load(vector + column), Vector.load(row + column)).store(row + column)
        }
      }
    }
  }

  @inline(never)
  package static func softmax(_ scores: Matrix, spans: RowSpans) {
    for index in 0..<scores.rows {
      softmax(scores.rows(index..<index + 1), classes: Int(spans.counts[index]))
    }
  }

  @inline(never)
  package static func softmaxBackward(weights: Matrix, gradient: Matrix, spans: RowSpans) {
    assert(weights.rows == gradient.rows)
    for index in 0..<gradient.rows {
      let count = Int(spans.counts[index])
      let factors = weights.row(index)
      let values = gradient.row(index)
      var sums = Vector(repeating: 0)
      @inline(always)
      func accumulate(_ start: Int, _ count: Int) {
        sums = multiplyAdd(
          Vector.load(factors + start, count: count), Vector.load(values + start, count: count), sums)
      }
      forEachVector(in: count, accumulate)
      let total = Vector(repeating: sums.total)
      @inline(always)
      func differentiate(_ start: Int, _ count: Int) {
        let value = Vector.load(values + start, count: count) - total
        (Vector.load(factors + start, count: count) * value).store(values + start, count: count)
      }
      forEachVector(in: count, differentiate)
      for column in count..<gradient.columns { values[column] = 0 }
    }
  }

  @inline(never)
  package static func additiveScores(
    queries: Matrix, keys: Matrix, vector: Matrix, spans: RowSpans, into scores: Matrix
  ) {
    assert(queries.columns == keys.columns && scores.rows == queries.rows)
    let width = panels(queries.columns)
    let v = vector.row(0)
    for index in 0..<queries.rows {
      let query = queries.row(index)
      let first = keys.row(Int(spans.starts[index]))
      let result = scores.row(index)
      for step in 0..<Int(spans.counts[index]) {
        let key = first + step * keys.stride
        var sum = Vector(repeating: 0)
        for panel in 0..<width {
          let column = panel * Vector.scalarCount
          let u = hyperbolicTangent(Vector.load(query + column) + Vector.load(key + column))
          sum = multiplyAdd(Vector.load(v + column), u, sum)
        }
        result[step] = sum.total
      }
    }
  }

  @inline(never)
  package static func additiveScoresBackward(
    scoreGradient: Matrix, queries: Matrix, keys: Matrix, vector: Matrix, spans: RowSpans,
    queryGradient: Matrix, keyGradient: Matrix, vectorGradient: Matrix
  ) {
    assert(queries.columns == keys.columns && queryGradient.rows == queries.rows)
    let width = panels(queries.columns)
    let v = vector.row(0)
    let one = Vector(repeating: 1)
    for index in 0..<queries.rows {
      let start = Int(spans.starts[index])
      let (key, target) = (keys.row(start), keyGradient.row(start))
      let gradient = scoreGradient.row(index)
      for panel in 0..<width {
        let column = panel * Vector.scalarCount
        let query = Vector.load(queries.row(index) + column)
        let factor = Vector.load(v + column)
        var queryPart = Vector(repeating: 0)
        var vectorPart = Vector.load(vectorGradient.row(index) + column)
        for step in 0..<Int(spans.counts[index]) {
          let u = hyperbolicTangent(query + Vector.load(key + step * keys.stride + column))
          let scale = Vector(repeating: gradient[step])
          vectorPart = multiplyAdd(scale, u, vectorPart)
          let part = scale * factor * multiplyAdd(u.negated, u, one)
          queryPart += part
          let place = target + step * keyGradient.stride + column
          (Vector.load(place) + part).store(place)
        }
        queryPart.store(queryGradient.row(index) + column)
        vectorPart.store(vectorGradient.row(index) + column)
      }
    }
  }
}
