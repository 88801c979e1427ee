/// Element-wise operations on the rows of matrices.
///
/// Every kernel reads and writes a matrix's columns and nothing beyond them: pass a matrix with padded columns where
/// padding is to be written. Rows may have any alignment. Matrices of one call have the same shape unless stated
/// otherwise, and may be the same matrix but may not partly overlap.
package protocol RowKernels {
  /// destination[i] = table[indices[i]], with zeros in the columns that the table does not have.
  ///
  /// - Parameters:
  ///   - table: `[any, width]`.
  ///   - indices: The table's row for each row of the destination; negative for a row of zeros.
  ///   - destination: `[indices.count, at least width]`; may not overlap the table.
  static func gatherRows(table: Matrix, indices: [Int32], into destination: Matrix)

  /// destination[rows[i]] = source[i]. Other rows keep their values; of equal indices the last one counts.
  ///
  /// - Parameters:
  ///   - source: `[rows.count, width]`.
  ///   - destination: `[any, width]`; may not overlap the source.
  static func scatterRows(_ source: Matrix, to rows: [Int32], of destination: Matrix)

  /// destination = source.
  static func copy(_ source: Matrix, into destination: Matrix)

  /// destination = source, rounded to bfloat16 as operands of `DotAlgorithm.bf16_bf16_f32` are.
  static func round(_ source: Matrix, into destination: BFloat16Matrix)

  /// destination = source, exactly.
  static func widen(_ source: BFloat16Matrix, into destination: Matrix)

  /// Every element = value.
  static func fill(_ matrix: Matrix, with value: Float)

  /// result = initial; nothing is done where the result is its own initial value.
  ///
  /// - Parameters:
  ///   - initial: A row needs at least the result's columns.
  ///   - result: Any rows and columns.
  static func initialize(_ result: Matrix, from initial: InitialValue)

  /// destination += source.
  static func add(_ source: Matrix, to destination: Matrix)

  /// destination += a ∘ b, each element rounded once.
  static func addProduct(_ a: Matrix, _ b: Matrix, to destination: Matrix)

  /// destination = a ∘ b.
  static func multiply(_ a: Matrix, _ b: Matrix, into destination: Matrix)

  /// matrix = factor · matrix.
  static func scale(_ matrix: Matrix, by factor: Float)

  /// norms[0, r] = Σ over columns of matrix[r]², by sixteen partial sums and a fixed tree.
  ///
  /// - Parameters:
  ///   - matrix: `[rows, any]`.
  ///   - norms: `[1, rows]`.
  static func squaredNorms(of matrix: Matrix, into norms: Matrix)
}
