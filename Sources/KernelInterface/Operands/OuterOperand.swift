/// A left-hand side of `DotKernels.outerProducts`.
package struct OuterOperand: Sendable {
  /// `[any, M]`; nil for a single column of ones, whose product is the sum of the right-hand side's rows.
  package let matrix: Matrix?
  /// The row of the matrix that belongs to each position; nil means the position itself.
  package let rows: [Int32]?

  package init(_ matrix: Matrix, rows: [Int32]?) {
    self.matrix = matrix
    self.rows = rows
  }

  private init() {
    matrix = nil
    rows = nil
  }

  /// A single column of ones.
  package static let ones = OuterOperand()

  package var columns: Int { matrix?.columns ?? 1 }

  /// The columns in `range`.
  package func columns(_ range: Range<Int>) -> OuterOperand {
    matrix.map { OuterOperand($0.columns(range), rows: rows) } ?? self
  }

  /// The part of several operands, and of their outputs, in a range of their columns.
  ///
  /// - Parameters:
  ///   - outputs: For each node, a matrix for each operand with a row for each of its columns.
  ///   - columns: Counted over all operands.
  package static func slice(
    _ operands: [OuterOperand], _ outputs: [[Matrix]], columns: Range<Int>
  ) -> (operands: [OuterOperand], outputs: [[Matrix]]) {
    var parts: [OuterOperand] = []
    var partOutputs = [[Matrix]](repeating: [], count: outputs.count)
    var start = 0
    for (index, operand) in operands.enumerated() {
      let own = columns.clamped(to: start..<start + operand.columns)
      let part = own.lowerBound - start..<own.upperBound - start
      start += operand.columns
      if part.isEmpty { continue }
      parts.append(operand.columns(part))
      for node in outputs.indices { partOutputs[node].append(outputs[node][index].rows(part)) }
    }
    return (parts, partOutputs)
  }
}
