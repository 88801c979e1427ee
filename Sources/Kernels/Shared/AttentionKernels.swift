import KernelInterface

/// Attention of queries q[i] to the rows s of their spans:
///
///     forward     e[i, s] = score(q[i], k[s]);  w[i] = softmax(e[i]);  c[i] = Σₛ w[i, s] v[s]
///     backward    dw[i, s] = dc[i] · v[s];  dv[s] += w[i, s] dc[i]
///                 de[i, s] = w[i, s] (dw[i, s] − Σₜ w[i, t] dw[i, t])
///
/// Dot-product score (Luong, Pham and Manning 2015, equation 8):
///
///     forward     e[i, s] = q[i] · k[s]
///     backward    dq[i] = Σₛ de[i, s] k[s];  dk[s] += de[i, s] q[i]
///
/// Additive score (Bahdanau, Cho and Bengio 2015, appendix A.1.2), with the vector a and u = tanh(q[i] + k[s]):
///
///     forward     e[i, s] = a · u
///     backward    g = de[i, s] a∘(1 − u²);  dq[i] = Σₛ g;  dk[s] += g;  da += Σₛ de[i, s] u
extension VectorKernels {
  /// e and dw.
  @inline(never)
  package static func spanProducts(_ left: Matrix, _ rows: Matrix, spans: RowSpans, into products: Matrix) {
    assert(left.columns == rows.columns && products.rows == left.rows)
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
        @inline(always)
        func accumulateFour(_ column: Int) {
          let value = Vector.load(vector + column)
          a = multiplyAdd(value, Vector.load(row + column), a)
          b = multiplyAdd(value, Vector.load(row + rows.stride + column), b)
          c = multiplyAdd(value, Vector.load(row + 2 * rows.stride + column), c)
          d = multiplyAdd(value, Vector.load(row + 3 * rows.stride + column), d)
        }
        forEachPanel(columns: left.columns, accumulateFour)
        result[step] = a.total
        result[step + 1] = b.total
        result[step + 2] = c.total
        result[step + 3] = d.total
        step += 4
      }
      while step < count {
        let row = first + step * rows.stride
        var sum = Vector(repeating: 0)
        @inline(always)
        func accumulate(_ column: Int) {
          sum = multiplyAdd(Vector.load(vector + column), Vector.load(row + column), sum)
        }
        forEachPanel(columns: left.columns, accumulate)
        result[step] = sum.total
        step += 1
      }
    }
  }

  /// c and dq.
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
      // Four panels at a time hide the latency of the sums.
      while panel + 4 <= width {
        let column = panel * Vector.scalarCount
        var (a, b, c, d) = (
          Vector(repeating: 0), Vector(repeating: 0), Vector(repeating: 0), Vector(repeating: 0)
        )
        for step in 0..<count {
          let factor = Vector(repeating: factors[step])
          let row = first + step * rows.stride + column
          a = multiplyAdd(factor, Vector.load(row), a)
          b = multiplyAdd(factor, Vector.load(row + Vector.scalarCount), b)
          c = multiplyAdd(factor, Vector.load(row + 2 * Vector.scalarCount), c)
          d = multiplyAdd(factor, Vector.load(row + 3 * Vector.scalarCount), d)
        }
        a.store(result + column)
        b.store(result + column + Vector.scalarCount)
        c.store(result + column + 2 * Vector.scalarCount)
        d.store(result + column + 3 * Vector.scalarCount)
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

  /// dv and dk.
  @inline(never)
  package static func addSpanProducts(weights: Matrix, _ left: Matrix, spans: RowSpans, to rows: Matrix) {
    assert(left.columns == rows.columns && weights.rows == left.rows)
    for index in 0..<left.rows {
      let first = rows.row(Int(spans.starts[index]))
      let vector = left.row(index)
      let factors = weights.row(index)
      for step in 0..<Int(spans.counts[index]) {
        let factor = Vector(repeating: factors[step])
        let row = first + step * rows.stride
        @inline(always)
        func accumulate(_ column: Int) {
          multiplyAdd(factor, Vector.load(vector + column), Vector.load(row + column)).store(row + column)
        }
        forEachPanel(columns: left.columns, accumulate)
      }
    }
  }

  /// w.
  @inline(never)
  package static func softmax(_ scores: Matrix, spans: RowSpans) {
    for index in 0..<scores.rows {
      softmaxRow(scores.row(index), count: Int(spans.counts[index]), columns: scores.columns)
    }
  }

  /// de, from dw.
  @inline(never)
  package static func softmaxBackward(weights: Matrix, gradient: Matrix, spans: RowSpans) {
    assert(weights.rows == gradient.rows)
    for index in 0..<gradient.rows {
      let count = Int(spans.counts[index])
      let factors = weights.row(index)
      let values = gradient.row(index)
      let mean = Vector(repeating: dotProduct(factors, values, count: count))
      @inline(always)
      func differentiate(_ start: Int, _ count: Int) {
        let value = Vector.load(values + start, count: count) - mean
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
    let a = vector.row(0)
    for index in 0..<queries.rows {
      let query = queries.row(index)
      let first = keys.row(Int(spans.starts[index]))
      let result = scores.row(index)
      for step in 0..<Int(spans.counts[index]) {
        let key = first + step * keys.stride
        var sum = Vector(repeating: 0)
        @inline(always)
        func accumulate(_ column: Int) {
          let u = hyperbolicTangent(Vector.load(query + column) + Vector.load(key + column))
          sum = multiplyAdd(Vector.load(a + column), u, sum)
        }
        forEachPanel(columns: queries.columns, accumulate)
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
    let (q, k, a) = (VectorView(queries), VectorView(keys), VectorView(vector))
    let (dq, dk, da) = (VectorView(queryGradient), VectorView(keyGradient), VectorView(vectorGradient))
    @inline(always)
    func differentiate(_ row: Int, _ column: Int) {
      let start = Int(spans.starts[row])
      let de = scoreGradient.row(row)
      let (query, factor) = (q[row, column], a[0, column])
      var querySum = Vector(repeating: 0)
      var vectorSum = da[row, column]
      for step in 0..<Int(spans.counts[row]) {
        let u = hyperbolicTangent(query + k[start + step, column])
        let scale = Vector(repeating: de[step])
        vectorSum = multiplyAdd(scale, u, vectorSum)
        let gradient = tanhGradient(scale * factor, output: u)
        querySum += gradient
        dk[start + step, column] += gradient
      }
      dq[row, column] = querySum
      da[row, column] = vectorSum
    }
    forEachPanel(rows: queries.rows, columns: queries.columns, differentiate)
  }
}
