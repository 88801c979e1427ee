/// Plain linear algebra in Double, one row at a time.
///
/// Matrices are row-major `[rows, columns]`.

/// x W.
package func product(_ x: [Double], _ weights: [Double], columns: Int) -> [Double] {
  precondition(weights.count == x.count * columns)
  var result = [Double](repeating: 0, count: columns)
  for row in x.indices {
    for column in 0..<columns { result[column] += x[row] * weights[row * columns + column] }
  }
  return result
}

/// x Wᵀ.
package func transposedProduct(_ x: [Double], _ weights: [Double], rows: Int) -> [Double] {
  (0..<rows).map { row in
    x.indices.reduce(0) { $0 + x[$1] * weights[row * x.count + $1] }
  }
}

package func + (a: [Double], b: [Double]) -> [Double] {
  precondition(a.count == b.count)
  return a.indices.map { a[$0] + b[$0] }
}

/// a ∘ b.
package func multiplied(_ a: [Double], _ b: [Double]) -> [Double] {
  precondition(a.count == b.count)
  return a.indices.map { a[$0] * b[$0] }
}
